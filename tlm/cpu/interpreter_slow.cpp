// SPDX-License-Identifier: Apache-2.0
// What the dispatch loop leaves to others: bus accesses, atomics, system instructions.
#include <cstring>

#include "hw/cpu/arithmetic.h"
#include "tlm/cpu/interpreter.h"

namespace aipu::cpu {
namespace {

struct Shape {
  unsigned bytes;
  bool write;
  bool sign;
};

constexpr Shape shape_of(Op op) {
  switch (op) {
    case Op::kLb:
      return {1, false, true};
    case Op::kLh:
      return {2, false, true};
    case Op::kLw:
      return {4, false, true};
    case Op::kLbu:
      return {1, false, false};
    case Op::kLhu:
      return {2, false, false};
    case Op::kLwu:
      return {4, false, false};
    case Op::kSb:
      return {1, true, false};
    case Op::kSh:
      return {2, true, false};
    case Op::kSw:
      return {4, true, false};
    case Op::kSd:
      return {8, true, false};
    default:
      return {8, false, false};  // ld
  }
}

constexpr std::uint64_t sign_extend(std::uint64_t value, unsigned bytes) {
  if (bytes >= sizeof value) return value;
  const std::uint64_t sign = 1ULL << (8 * bytes - 1);
  return (value ^ sign) - sign;
}

/// New memory value of a read-modify-write; T is the unsigned operand type.
template <typename T>
T modify(Op op, T old, T operand) {
  switch (op) {
    case Op::kAmoswapW:
    case Op::kAmoswapD:
      return operand;
    case Op::kAmoaddW:
    case Op::kAmoaddD:
      return old + operand;
    case Op::kAmoxorW:
    case Op::kAmoxorD:
      return old ^ operand;
    case Op::kAmoandW:
    case Op::kAmoandD:
      return old & operand;
    case Op::kAmoorW:
    case Op::kAmoorD:
      return old | operand;
    case Op::kAmominW:
    case Op::kAmominD:
      return as_signed(old) < as_signed(operand) ? old : operand;
    case Op::kAmomaxW:
    case Op::kAmomaxD:
      return as_signed(old) > as_signed(operand) ? old : operand;
    case Op::kAmominuW:
    case Op::kAmominuD:
      return old < operand ? old : operand;
    default:
      return old > operand ? old : operand;  // amomaxu
  }
}

constexpr std::uint32_t csr_number(const Insn& insn) {
  return static_cast<std::uint32_t>(insn.imm) >> 8U;
}

}  // namespace

template <typename U>
void Interpreter<U>::leave_block_at(const Block* block, const Insn* insn) {
  const auto index = static_cast<std::size_t>(insn - block->code);
  const Mark& mark = block->marks[index];
  remaining_ -= mark.cycles;
  retired_ += index;
  pc_ = static_cast<U>(block->pc + mark.offset);
}

template <typename U>
auto Interpreter<U>::access(Block* block, const Insn* insn) -> Leave {
  const Shape shape = shape_of(static_cast<Op>(insn->op));
  const Mark& mark = block->marks[static_cast<std::size_t>(insn - block->code)];
  Bus::Access access;
  const U address = x_[insn->rs1] + extend<U>(insn->imm);
  access.address = address;
  access.bytes = shape.bytes;
  access.write = shape.write;
  access.value = shape.write ? x_[insn->rs2] : 0;
  access.pc = static_cast<U>(block->pc + mark.offset);
  access.cycles = cycles() + mark.cycles;
  if (debug_ != nullptr &&
      halts_before(block, insn, {address, shape.bytes, !shape.write, shape.write})) {
    return Leave::kStop;
  }
  const Bus::Status status = reach(access);
  if (status != Bus::Status::kDone) return refuse(block, insn, status, shape.write, address);
  if (!shape.write) {
    x_[insn->rd] =
        static_cast<U>(shape.sign ? sign_extend(access.value, shape.bytes) : access.value);
  }
  remaining_ -= static_cast<std::int64_t>(access.delay);
  if (access.device) {
    remaining_ -=
        static_cast<std::int64_t>((shape.write ? config_.mmio_store : config_.mmio_load).count);
  }
  if (!attention_) return Leave::kNext;
  leave_block_at(block, insn + 1);
  return Leave::kBlock;
}

template <typename U>
Bus::Status Interpreter<U>::reach(Bus::Access& access) {
  const std::uint64_t offset = static_cast<U>(static_cast<U>(access.address) - memory_base_);
  if (offset < memory_bytes_ && memory_bytes_ - offset >= access.bytes) {
    // The last bytes of the memory, which the dispatch loop's one comparison leaves out.
    std::uint8_t* const at = memory_host_ + offset;
    access.write ? std::memcpy(at, &access.value, access.bytes)
                 : std::memcpy(&access.value, at, access.bytes);
    access.device = false;
    return Bus::Status::kDone;
  }
  const Bus::Status status = bus_.access(access);
  if (status == Bus::Status::kDone) ++bus_accesses_;
  return status;
}

template <typename U>
auto Interpreter<U>::refuse(Block* block, const Insn* insn, Bus::Status status, bool write,
                            U address) -> Leave {
  leave_block_at(block, insn);
  switch (status) {
    case Bus::Status::kSync:
      return stop(Stop::kSync);
    case Bus::Status::kStall:
      stalled_on_write_ = write;
      return stop(Stop::kStalled);
    case Bus::Status::kMisaligned:
      return trap(write ? cause::kStoreMisaligned : cause::kLoadMisaligned, false, address);
    default:
      return trap(write ? cause::kStoreFault : cause::kLoadFault, false, address);
  }
}

template <typename U>
auto Interpreter<U>::atomic(Block* block, const Insn* insn) -> Leave {
  const Op op = static_cast<Op>(insn->op);
  const unsigned bytes = op >= Op::kLrD ? 8 : 4;
  const bool load = op == Op::kLrW || op == Op::kLrD;
  const bool conditional = op == Op::kScW || op == Op::kScD;
  const U address = x_[insn->rs1];
  if (address % bytes != 0) return refuse(block, insn, Bus::Status::kMisaligned, !load, address);
  const std::uint64_t offset = static_cast<U>(address - memory_base_);
  const bool inside = offset < memory_bytes_ && memory_bytes_ - offset >= bytes;
  std::uint8_t* const at = inside ? memory_host_ + offset : bus_.memory(address, bytes);
  if (at == nullptr) return refuse(block, insn, Bus::Status::kFault, !load, address);
  const bool success = reserved_ && reservation_ == address;
  const bool writes = conditional ? success : !load;
  if (debug_ != nullptr && halts_before(block, insn, {address, bytes, !conditional, writes})) {
    return Leave::kStop;
  }
  std::uint64_t old = 0;
  std::memcpy(&old, at, bytes);
  std::uint64_t next = x_[insn->rs2];
  if (load) {
    reserved_ = true;
    reservation_ = address;
  } else if (conditional) {
    reserved_ = false;
    if (success) std::memcpy(at, &next, bytes);
    old = success ? 0 : 1;
  } else {
    next = bytes == 8 ? modify<std::uint64_t>(op, old, next)
                      : modify<std::uint32_t>(op, static_cast<std::uint32_t>(old),
                                              static_cast<std::uint32_t>(next));
    std::memcpy(at, &next, bytes);
  }
  x_[insn->rd] = static_cast<U>(sign_extend(old, bytes));
  return Leave::kNext;
}

template <typename U>
auto Interpreter<U>::system(Block* block, const Insn* insn) -> Leave {
  const Op op = static_cast<Op>(insn->op);
  leave_block_at(block, insn);
  switch (op) {
    case Op::kIllegal:
      return trap(cause::kIllegalInstruction, false, static_cast<std::uint32_t>(insn->imm));
    case Op::kEcall:
      return trap(cause::kMachineEcall, false, 0);
    case Op::kEbreak:
      if (insn->rd == kPlanted) return halt(Halt::Cause::kBreakpoint, block);
      return ebreak(block, insn);
    case Op::kMret:
    case Op::kWfi:
    case Op::kFenceI:
      break;
    default:
      if (const Leave leave = csr(block, insn); leave != Leave::kNext) return leave;
      break;
  }
  ++retired_;
  remaining_ -= block->marks[block->count].cycles - block->marks[block->count - 1].cycles;
  pc_ = static_cast<U>(op == Op::kMret ? csrs_.leave() : block->fall_pc);
  if (op == Op::kWfi) return stop(Stop::kWfi);
  if (op == Op::kFenceI) flush_ = attention_ = true;
  return Leave::kBlock;
}

/// `leave_block_at` was here before: pc_ is that of the ebreak.
template <typename U>
auto Interpreter<U>::ebreak(const Block* block, const Insn* insn) -> Leave {
  constexpr unsigned kA0 = 10, kA1 = 11, kLength = 4;
  if (ebreak_handler_ == nullptr) return trap(cause::kBreakpoint, false, pc_);
  if (!bus_.synced(cycles())) return stop(Stop::kSync);
  const auto answer = ebreak_handler_->ebreak(pc_, x_[kA0], x_[kA1]);
  if (!answer) return trap(cause::kBreakpoint, false, pc_);
  x_[kA0] = static_cast<U>(*answer);
  const auto index = static_cast<std::size_t>(insn - block->code);
  remaining_ -= block->marks[index + 1].cycles - block->marks[index].cycles;
  ++retired_;
  pc_ += kLength;
  return Leave::kBlock;
}

template <typename U>
auto Interpreter<U>::csr(Block* block, const Insn* insn) -> Leave {
  const Op op = static_cast<Op>(insn->op);
  const std::uint32_t number = csr_number(*insn);
  const bool immediate = op >= Op::kCsrrwi;
  const std::uint32_t uimm = static_cast<std::uint32_t>(insn->imm) & 31U;
  const U operand = immediate ? uimm : x_[insn->rs1];
  const bool swap = op == Op::kCsrrw || op == Op::kCsrrwi;
  const bool writes = swap || (immediate ? uimm != 0 : insn->rs1 != 0);
  if (number == csr::kMip && !bus_.synced(cycles())) return stop(Stop::kSync);
  std::uint64_t old = 0;
  bool legal = csrs_.read(number, clocks(), old);
  if (legal && writes) {
    U value = operand;
    if (op == Op::kCsrrs || op == Op::kCsrrsi) value = static_cast<U>(old) | operand;
    if (op == Op::kCsrrc || op == Op::kCsrrci) value = static_cast<U>(old) & ~operand;
    legal = csrs_.write(number, value, clocks());
  }
  if (!legal) return trap(cause::kIllegalInstruction, false, raw_bits(block, insn));
  x_[insn->rd] = static_cast<U>(old);
  return Leave::kNext;
}

template <typename U>
std::uint64_t Interpreter<U>::raw_bits(const Block* block, const Insn* insn) const {
  const std::uint64_t pc =
      block->pc + block->marks[static_cast<std::size_t>(insn - block->code)].offset;
  const std::uint64_t low = bus_.fetch(pc).value_or(0);
  return low | (std::uint64_t{bus_.fetch(pc + 2).value_or(0)} << 16U);
}

template class Interpreter<std::uint32_t>;
template class Interpreter<std::uint64_t>;

}  // namespace aipu::cpu
