// SPDX-License-Identifier: Apache-2.0
// What a debugger asks of a hart: breakpoints planted in a copy of the decoded code, watched
// ranges, single steps.
#include "tlm/cpu/interpreter.h"

namespace aipu::cpu {

template <typename U>
Debug& Interpreter<U>::debug() {
  if (debug_ == nullptr) debug_ = std::make_unique<Debug>(kXlen, config_);
  return *debug_;
}

template <typename U>
void Interpreter<U>::set_breakpoints(std::shared_ptr<Breakpoints> points) {
  if (points != nullptr && points->points().empty()) points.reset();
  if (points == nullptr && debug_ == nullptr) return;
  debug().breakpoints = std::move(points);
  own_->clear();
  check_shared();
}

template <typename U>
void Interpreter<U>::set_watch(const WatchRange& range, bool on) {
  auto& watches = debug().watches;
  const auto found = std::find(watches.begin(), watches.end(), range);
  if (on && found == watches.end()) watches.push_back(range);
  if (!on && found != watches.end()) watches.erase(found);
  open_window();
}

template <typename U>
void Interpreter<U>::pass_breakpoint(bool passes) {
  Debug& d = debug();
  if (!passes) d.halt.cause = Halt::Cause::kNone;
  if (!passes || d.reported(pc_, retired_)) return;
  d.halt.cause = Halt::Cause::kRequest;
  d.halted_pc = pc_;
  d.halted_retired = retired_;
}

template <typename U>
void Interpreter<U>::step_once() {
  Debug& d = debug();
  d.step = true;
  d.step_pc = pc_;
  d.step_retired = retired_;
}

template <typename U>
void Interpreter<U>::halt_soon() {
  debug().request = attention_ = true;
}

template <typename U>
void Interpreter<U>::forget_debugger() {
  if (debug_ == nullptr) return;
  Debug& d = *debug_;
  d.breakpoints.reset();
  d.watches.clear();
  d.caught_traps = 0;
  d.step = d.request = false;
  own_->clear();
  check_shared();
  open_window();
}

template <typename U>
void Interpreter<U>::set_pc(std::uint64_t pc) {
  pc_ = static_cast<U>(pc);
  if (debug_ == nullptr) return;
  debug_->inside = false;
  debug_->handler.reset();
}

/// Plants the breakpoints in a block that no hart without them executes, from instruction `first`
/// on.
template <typename U>
void Interpreter<U>::plant(Block& block, std::size_t first) {
  for (std::size_t i = first; i < block.count; ++i) {
    if (debug_->breaks_at(block.pc + block.marks[i].offset)) plant_at(block, i);
  }
}

template <typename U>
void Interpreter<U>::plant_at(Block& block, std::size_t index) {
  Insn& insn = block.insns[index];
  insn.op = static_cast<std::uint8_t>(Op::kEbreak);
  insn.rd = kPlanted;
  insn.handler = handlers_ != nullptr ? handlers_[insn.op] : nullptr;
}

template <typename U>
auto Interpreter<U>::halt(Halt::Cause why, const Block* block) -> Leave {
  Debug& d = *debug_;
  if (why == Halt::Cause::kBreakpoint && d.stepped(pc_, retired_)) why = Halt::Cause::kStep;
  d.halt.cause = why;
  d.halted_pc = pc_;
  d.halted_retired = retired_;
  d.step = d.request = false;
  d.inside = block != nullptr && pc_ != static_cast<U>(block->fall_pc);
  if (d.inside) d.end = block->fall_pc;
  return stop(Stop::kBreakpoint);
}

/// Between instructions, before anything else is looked at: whether the debugger is to hear now.
template <typename U>
bool Interpreter<U>::halts_here() {
  Debug& d = *debug_;
  if (d.handler) {
    pc_ = static_cast<U>(*d.handler);
    d.handler.reset();
  }
  if (exit_) return false;
  const auto why = d.stepped(pc_, retired_) ? Halt::Cause::kStep
                   : d.request              ? Halt::Cause::kRequest
                                            : Halt::Cause::kNone;
  if (why == Halt::Cause::kNone) return false;
  const bool inside = d.inside;  // unchanged: nothing ran since
  halt(why, nullptr);
  d.inside = inside;
  return true;
}

/// The block to execute at pc: the decoded one, or its rest where the hart was halted or steps.
template <typename U>
Block* Interpreter<U>::debug_block() {
  Debug& d = *debug_;
  const bool passes = d.breaks_at(pc_) && d.reported(pc_, retired_);
  if (!d.inside && !d.step && !passes) return block_at(pc_);
  if (!d.inside) {
    const Block* const whole = block_at(pc_);
    if (whole == nullptr) return nullptr;
    d.end = whole->fall_pc;
  }
  d.inside = false;
  d.scratch.clear();
  Block* const rest = d.scratch.decode_block(
      pc_, [this](std::uint64_t address) { return bus_.fetch(address); }, handlers_);
  if (rest == nullptr) return nullptr;
  d.scratch.cut(*rest, d.end, handlers_);
  plant(*rest, 1);
  if (d.step && rest->count > 1) plant_at(*rest, 1);
  return rest;
}

/// Whether the hart halts before this access, which someone watches.
template <typename U>
bool Interpreter<U>::halts_before(const Block* block, const Insn* insn, const WatchRange& access) {
  Debug& d = *debug_;
  const auto index = static_cast<std::size_t>(insn - block->code);
  const auto pc = static_cast<U>(block->pc + block->marks[index].offset);
  if (d.watches.empty() || d.watch_reported(pc, retired_ + index)) return false;
  for (const WatchRange& range : d.watches) {
    const bool met = (access.read && range.meets(access.address, access.bytes, false)) ||
                     (access.write && range.meets(access.address, access.bytes, true));
    if (!met) continue;
    d.halt.watch = range;
    d.halt.address = std::max(access.address, range.address);
    leave_block_at(block, insn);
    halt(Halt::Cause::kWatch, block);
    return true;
  }
  return false;
}

template class Interpreter<std::uint32_t>;
template class Interpreter<std::uint64_t>;

}  // namespace aipu::cpu
