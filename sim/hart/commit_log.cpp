// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/commit_log.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "hw/base/error.h"
#include "hw/cpu/csr.h"
#include "hw/cpu/decode.h"

namespace aipu {
namespace {

using cpu::Kind;
using cpu::Op;

struct CsrName {
  std::uint32_t number;
  const char* name;
};
constexpr CsrName kCsrNames[] = {
    {cpu::csr::kMstatus, "mstatus"},
    {cpu::csr::kMisa, "misa"},
    {cpu::csr::kMie, "mie"},
    {cpu::csr::kMtvec, "mtvec"},
    {cpu::csr::kMstatush, "mstatush"},
    {cpu::csr::kMcountinhibit, "mcountinhibit"},
    {cpu::csr::kMscratch, "mscratch"},
    {cpu::csr::kMepc, "mepc"},
    {cpu::csr::kMcause, "mcause"},
    {cpu::csr::kMtval, "mtval"},
    {cpu::csr::kMip, "mip"},
    {cpu::csr::kPmpcfg0, "pmpcfg0"},
    {cpu::csr::kPmpaddr0, "pmpaddr0"},
    {cpu::csr::kTselect, "tselect"},
    {cpu::csr::kMcycle, "mcycle"},
    {cpu::csr::kMinstret, "minstret"},
    {cpu::csr::kMcycle + 0x80, "mcycleh"},
    {cpu::csr::kMinstret + 0x80, "minstreth"},
};

std::string csr_name(std::uint32_t number) {
  const auto found = std::find_if(std::begin(kCsrNames), std::end(kCsrNames),
                                  [number](const CsrName& c) { return c.number == number; });
  return found == std::end(kCsrNames) ? "unknown" : found->name;
}

/// Bytes of a load, store or atomic.
unsigned width_of(Op op) {
  switch (op) {
    case Op::kLb:
    case Op::kLbu:
    case Op::kSb:
      return 1;
    case Op::kLh:
    case Op::kLhu:
    case Op::kSh:
      return 2;
    case Op::kLd:
    case Op::kSd:
      return 8;
    default:
      return op >= Op::kLrD ? 8 : 4;
  }
}

constexpr std::uint64_t low_bytes(std::uint64_t value, unsigned bytes) {
  return bytes == sizeof value ? value : value & ((std::uint64_t{1} << 8 * bytes) - 1);
}

}  // namespace

template <typename U>
CommitLog<U>::CommitLog(const std::string& path, BareMachine<U>& machine)
    : path_(path), machine_(machine), file_(path) {
  if (!file_) throw IoError(path, "cannot write the log");
  look_ahead();
}

template <typename U>
bool CommitLog<U>::halted() {
  write_line();
  look_ahead();
  return true;
}

template <typename U>
void CommitLog<U>::close() {
  write_line();
  file_.close();
  if (!file_) throw IoError(path_, "cannot write the log");
}

template <typename U>
void CommitLog<U>::look_ahead() {
  auto& core = machine_.core();
  pc_ = core.pc();
  retired_ = core.retired();
  bits_ = machine_.fetch(pc_).value_or(0);
  if (!cpu::is_compressed(static_cast<std::uint16_t>(bits_))) {
    bits_ |= std::uint32_t{machine_.fetch(static_cast<U>(pc_ + 2)).value_or(0)} << 16U;
  }
  next_ = cpu::decode(bits_, 8 * sizeof(U));
  const auto offset = static_cast<U>(next_.kind == Kind::kAtomic ? 0 : next_.imm);
  address_ = static_cast<U>(core.reg(next_.rs1) + offset);
  stored_ = core.reg(next_.rs2);
  core.step_once();
}

template <typename U>
void CommitLog<U>::write_line() {
  constexpr unsigned kDigits = 2 * sizeof(U);
  const auto& core = machine_.core();
  if (core.retired() == retired_) return;  // a trap
  line_.clear();
  auto out = std::back_inserter(line_);
  fmt::format_to(out, "core   0: 3 0x{:0{}x} (0x{:0{}x})", pc_, kDigits, bits_, 2 * next_.bytes);
  if (next_.rd != 0)
    fmt::format_to(out, " x{:<2} 0x{:0{}x}", next_.rd, core.reg(next_.rd), kDigits);
  if (next_.kind == Kind::kCsr) add_csr();
  add_memory();
  line_.push_back('\n');
  file_ << line_;
}

template <typename U>
void CommitLog<U>::add_csr() {
  const bool swap = next_.op == Op::kCsrrw || next_.op == Op::kCsrrwi;
  const bool writes = swap || next_.rs1 != 0 || (next_.op >= Op::kCsrrwi && next_.imm != 0);
  std::uint64_t value = 0;
  if (!writes || !machine_.core().read_csr(next_.csr, value)) return;
  fmt::format_to(std::back_inserter(line_), " c{}_{} 0x{:0{}x}", next_.csr, csr_name(next_.csr),
                 value, 2 * sizeof(U));
}

template <typename U>
void CommitLog<U>::add_memory() {
  const bool load = next_.kind == Kind::kLoad, store = next_.kind == Kind::kStore;
  if (!load && !store && next_.kind != Kind::kAtomic) return;
  const bool conditional = next_.op == Op::kScW || next_.op == Op::kScD;
  if (conditional && next_.rd != 0 && machine_.core().reg(next_.rd) != 0) return;
  const bool reads = !store && !conditional;
  const bool reserves = next_.op == Op::kLrW || next_.op == Op::kLrD;
  const unsigned bytes = width_of(next_.op);
  auto out = std::back_inserter(line_);
  if (reads) fmt::format_to(out, " mem 0x{:0{}x}", address_, 2 * sizeof(U));
  if (load || reserves) return;
  std::uint64_t value = stored_;
  if (!store) {
    // What the atomic left there.
    value = 0;
    for (unsigned i = 0; i < bytes; ++i)
      value |= std::uint64_t{machine_.byte(address_ + i).value_or(0)} << 8 * i;
  }
  fmt::format_to(out, " mem 0x{:0{}x} 0x{:0{}x}", address_, 2 * sizeof(U), low_bytes(value, bytes),
                 2 * bytes);
}

template class CommitLog<std::uint32_t>;
template class CommitLog<std::uint64_t>;

}  // namespace aipu
