// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/csr_file.h"

namespace aipu::cpu {
namespace {

constexpr std::uint64_t bit(Interrupt line) {
  return 1ULL << static_cast<unsigned>(line);
}
constexpr std::uint64_t kLines = bit(Interrupt::kSoftware) | bit(Interrupt::kTimer) |
                                 bit(Interrupt::kExternal) | bit(Interrupt::kFault);
constexpr Interrupt kPriority[] = {Interrupt::kFault, Interrupt::kExternal, Interrupt::kSoftware,
                                   Interrupt::kTimer};
constexpr std::uint32_t kHigh = 0x80;  // distance of an upper half from its counter
constexpr std::uint32_t kInhibitCycle = 1, kInhibitInstret = 4;

constexpr bool within(std::uint32_t number, std::uint32_t first, std::uint32_t count) {
  return number - first < count;
}
/// Registers that exist, read as zero and ignore writes.
constexpr bool reads_zero(std::uint32_t n) {
  return within(n, csr::kMhpmevent3, 29) || within(n, csr::kPmpcfg0, 16) ||
         within(n, csr::kPmpaddr0 + csr::kPmpEntries, 64 - csr::kPmpEntries) ||
         within(n, csr::kTselect, 4) || within(n, csr::kMvendorid, 3) || n == csr::kMconfigptr;
}

}  // namespace

bool CsrFile::is_zero(std::uint32_t number) const {
  // RV64 packs eight entries into each pmpcfg register and has the even ones only.
  const bool odd_pmpcfg = within(number, csr::kPmpcfg0, 16) && number % 2 != 0;
  return reads_zero(number) && (xlen_ == 32 || !odd_pmpcfg);
}

std::uint64_t CsrFile::misa() const {
  const std::uint64_t extensions = (1U << 0U) | (1U << 2U) | (1U << 8U) | (1U << 12U);  // A C I M
  return extensions | (xlen_ == 32 ? 1ULL << 30U : 2ULL << 62U);
}

std::uint64_t CsrFile::merge(std::uint64_t old, std::uint64_t value, bool high) const {
  if (xlen_ == 64) return value;
  return high ? (old & 0xffffffffU) | (value << 32U) : (old & ~0xffffffffULL) | value;
}

bool CsrFile::read_counter(std::uint32_t number, const Clocks& clocks, std::uint64_t& value) const {
  const bool user = number >= csr::kCycle;
  const std::uint32_t index = number - (user ? csr::kCycle : csr::kMcycle);
  const bool high = (index & kHigh) != 0;
  if (index >= kHigh + 32 || (index & 0x7fU) >= 32 || (high && xlen_ == 64)) return false;
  switch (index & 31U) {
    case 0:
      value = mcycle_.show(clocks.cycles);
      break;
    case 1:
      if (!user) return false;
      value = clocks.time;
      break;
    case 2:
      value = minstret_.show(clocks.retired);
      break;
    case 3:
      value = clocks.store_stall;
      break;
    case 4:
      value = clocks.wfi;
      break;
    case 5:
      value = clocks.load_stall;
      break;
    default:
      value = 0;
      break;
  }
  value = high ? value >> 32U : value & low_mask();
  return true;
}

bool CsrFile::write_counter(std::uint32_t number, std::uint64_t value, const Clocks& clocks) {
  std::uint64_t ignored = 0;
  if (!read_counter(number, clocks, ignored)) return false;
  const bool high = ((number - csr::kMcycle) & kHigh) != 0;
  switch ((number - csr::kMcycle) & 31U) {
    case 0:
      mcycle_.set(clocks.cycles, merge(mcycle_.show(clocks.cycles), value, high));
      break;
    case 2:
      // The write takes the place of the increment by the writing instruction.
      minstret_.set(clocks.retired + 1, merge(minstret_.show(clocks.retired), value, high));
      break;
    default:
      break;
  }
  return true;
}

bool CsrFile::read(std::uint32_t number, const Clocks& clocks, std::uint64_t& value) const {
  value = 0;
  switch (number) {
    case csr::kMstatus:
      value = mstatus_;
      return true;
    case csr::kMstatush:
      return xlen_ == 32;
    case csr::kMisa:
      value = misa();
      return true;
    case csr::kMie:
      value = mie_;
      return true;
    case csr::kMip:
      value = mip_;
      return true;
    case csr::kMtvec:
      value = mtvec_;
      return true;
    case csr::kMscratch:
      value = mscratch_;
      return true;
    case csr::kMepc:
      value = mepc_;
      return true;
    case csr::kMcause:
      value = mcause_;
      return true;
    case csr::kMtval:
      value = mtval_;
      return true;
    case csr::kMhartid:
      value = hart_id_;
      return true;
    case csr::kMcountinhibit:
      value =
          (mcycle_.inhibited ? kInhibitCycle : 0U) | (minstret_.inhibited ? kInhibitInstret : 0U);
      return true;
    default:
      break;
  }
  if (within(number, csr::kPmpaddr0, csr::kPmpEntries)) {
    value = pmpaddr_[number - csr::kPmpaddr0];
    return true;
  }
  if (is_zero(number)) return true;
  return within(number, csr::kMcycle, 0xa0) || within(number, csr::kCycle, 0xa0)
             ? read_counter(number, clocks, value)
             : false;
}

bool CsrFile::write(std::uint32_t number, std::uint64_t value, const Clocks& clocks) {
  if (csr::is_read_only(number)) return false;
  switch (number) {
    case csr::kMstatus:
      mstatus_ = (value & (csr::kMstatusMie | csr::kMstatusMpie)) | csr::kMstatusMpp;
      return true;
    case csr::kMstatush:
      return xlen_ == 32;
    case csr::kMisa:
    case csr::kMip:
      return true;  // lines are set by hardware only
    case csr::kMie:
      mie_ = value & kLines;
      return true;
    case csr::kMtvec:
      mtvec_ = value & ~std::uint64_t{2};
      has_handler_ = true;
      return true;
    case csr::kMscratch:
      mscratch_ = value;
      return true;
    case csr::kMepc:
      mepc_ = value & ~std::uint64_t{1};
      return true;
    case csr::kMcause:
      mcause_ = value;
      return true;
    case csr::kMtval:
      mtval_ = value;
      return true;
    case csr::kMcountinhibit:
      mcycle_.inhibit((value & kInhibitCycle) != 0, clocks.cycles);
      minstret_.inhibit((value & kInhibitInstret) != 0, clocks.retired);
      return true;
    default:
      break;
  }
  if (within(number, csr::kPmpaddr0, csr::kPmpEntries)) {
    constexpr std::uint64_t kWritable = (1ULL << 54U) - 1;
    pmpaddr_[number - csr::kPmpaddr0] = value & kWritable;
    return true;
  }
  if (is_zero(number)) return true;
  return within(number, csr::kMcycle, 0xa0) && write_counter(number, value, clocks);
}

void CsrFile::set_line(Interrupt line, bool level) {
  mip_ = level ? mip_ | bit(line) : mip_ & ~bit(line);
}

std::uint64_t CsrFile::next_interrupt() const {
  for (const Interrupt line : kPriority) {
    if ((mip_ & mie_ & bit(line)) != 0) return static_cast<std::uint64_t>(line);
  }
  return 0;
}

std::uint64_t CsrFile::enter(std::uint64_t cause, bool interrupt, std::uint64_t pc,
                             std::uint64_t value) {
  mepc_ = pc;
  mcause_ = cause | (interrupt ? 1ULL << (xlen_ - 1U) : 0);
  mtval_ = value;
  const bool was_enabled = (mstatus_ & csr::kMstatusMie) != 0;
  mstatus_ = csr::kMstatusMpp | (was_enabled ? csr::kMstatusMpie : 0);
  const std::uint64_t base = mtvec_ & ~std::uint64_t{3};
  const bool vectored = (mtvec_ & 1U) != 0;
  return vectored && interrupt ? (base + 4 * cause) & low_mask() : base;
}

std::uint64_t CsrFile::leave() {
  const bool was_enabled = (mstatus_ & csr::kMstatusMpie) != 0;
  mstatus_ = csr::kMstatusMpp | csr::kMstatusMpie | (was_enabled ? csr::kMstatusMie : 0);
  return mepc_;
}

}  // namespace aipu::cpu
