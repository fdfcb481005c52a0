// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/interpreter.h"

#include <cstring>

#include "hw/base/assert.h"

namespace aipu::cpu {

template <typename U>
Interpreter<U>::Interpreter(const Config& config, Bus& bus, std::uint64_t hart_id,
                            Dispatch dispatch)
    : config_(config),
      taken_cost_(static_cast<std::int64_t>(config.taken_branch.count)),
      bus_(bus),
      dispatch_(dispatch),
      csrs_(kXlen, hart_id),
      own_(std::make_unique<CodeCache>(kXlen, config)) {
  dispatch_ == Dispatch::kThreaded ? execute_threaded(nullptr, &handlers_)
                                   : execute_switch(nullptr, &handlers_);
}

template <typename U>
void Interpreter<U>::set_memory(std::uint64_t base, std::uint8_t* host, std::uint64_t bytes) {
  memory_base_ = static_cast<U>(base);
  memory_host_ = host;
  memory_bytes_ = bytes;
  open_window();
  check_shared();
}

/// Loads and stores take the slow path while something is watched; what they cost stays the same.
template <typename U>
void Interpreter<U>::open_window() {
  const bool closed = debug_ != nullptr && !debug_->watches.empty();
  memory_span_ =
      closed || memory_bytes_ < sizeof(std::uint64_t) ? 0 : static_cast<U>(memory_bytes_ - 7);
}

template <typename U>
void Interpreter<U>::set_code(std::shared_ptr<CodeCache> shared) {
  AIPU_ASSERT(shared == nullptr || shared->xlen() == kXlen, "code of another XLEN");
  shared_ = std::move(shared);
  own_->clear();
  check_shared();
}

template <typename U>
void Interpreter<U>::check_shared() {
  const bool usable = [&] {
    if (shared_ == nullptr || memory_host_ == nullptr) return false;
    const auto& text = shared_->text();
    const std::uint64_t offset = shared_->base() - memory_base_;
    return offset < memory_bytes_ && text.size() <= memory_bytes_ - offset &&
           std::memcmp(memory_host_ + offset, text.data(), text.size()) == 0;
  }();
  auto code = shared_;
  if (usable && debug_ != nullptr && debug_->breakpoints != nullptr) {
    code = debug_->breakpoints->copy_of(shared_, config_);
  }
  // Its blocks may be chained to shared ones.
  if (usable != shared_usable_ || code != code_) own_->clear();
  shared_usable_ = usable;
  code_ = std::move(code);
}

template <typename U>
void Interpreter<U>::reset(std::uint64_t pc, std::uint64_t sp, std::uint64_t cycles) {
  set_reg(2, sp);
  limit_ = cycles;
  remaining_ = 0;
  set_pc(pc);
  own_->clear();
  check_shared();
}

template <typename U>
void Interpreter<U>::advance_to(std::uint64_t cycles, std::uint64_t Clocks::*why) {
  const std::uint64_t now = this->cycles();
  if (cycles <= now) return;
  if (why != nullptr) waits_.*why += cycles - now;
  limit_ = cycles;
  remaining_ = 0;
}

template <typename U>
Clocks Interpreter<U>::clocks() const {
  Clocks clocks = waits_;
  clocks.cycles = cycles();
  clocks.time = cycles() + time_offset_;
  clocks.retired = retired_;
  return clocks;
}

template <typename U>
auto Interpreter<U>::edges_until(const Edges& edges, std::uint64_t count) -> std::vector<Edge> {
  std::vector<Edge> out;
  const std::uint64_t first = count > kHistory ? count - kHistory : 0;
  for (std::uint64_t i = first; i < count; ++i) {
    const std::uint64_t edge = edges[i % kHistory];
    out.push_back({static_cast<std::uint32_t>(edge >> 32U), static_cast<std::uint32_t>(edge)});
  }
  return out;
}

template <typename U>
void Interpreter<U>::set_line(Interrupt line, bool level) {
  csrs_.set_line(line, level);
  attention_ = true;
}

template <typename U>
void Interpreter<U>::invalidate(std::uint64_t address, std::uint64_t bytes) {
  const bool text = shared_ != nullptr && shared_->overlaps(address, bytes);
  if (!text && !own_->decoded(address, bytes)) return;
  flush_ = attention_ = true;
  if (!running_) settle();
}

template <typename U>
void Interpreter<U>::settle() {
  attention_ = false;
  if (!flush_) return;
  flush_ = false;
  own_->clear();
  check_shared();
}

template <typename U>
Block* Interpreter<U>::block_at(std::uint64_t pc) {
  CodeCache& cache = shared_usable_ && code_->covers(pc) ? *code_ : *own_;
  if (Block* known = cache.find(pc); known != nullptr) return known;
  Block* const block = cache.decode_block(
      pc, [this](std::uint64_t address) { return bus_.fetch(address); }, handlers_);
  if (debug_ != nullptr && block != nullptr && debug_->breakpoints != nullptr) plant(*block, 0);
  return block;
}

template <typename U>
Block* Interpreter<U>::successor(Block* from, Block** link, std::uint64_t pc) {
  if (debug_ != nullptr && debug_->step) return nullptr;
  Block* const to = block_at(pc);
  // A shared block must not point into the cache of one hart.
  const bool from_shared = shared_usable_ && shared_->covers(from->pc);
  if (to != nullptr && (!from_shared || shared_->covers(pc))) *link = to;
  return to;
}

template <typename U>
Stop Interpreter<U>::run(std::uint64_t budget) {
  limit_ = cycles() + budget;
  remaining_ = static_cast<std::int64_t>(budget);
  return resume();
}

/// Between blocks: whether run() ends here, for a reason that is then in `stop_`.
template <typename U>
bool Interpreter<U>::pauses() {
  if (attention_) settle();
  if (exit_) {
    stop_ = Stop::kExit;
    return true;
  }
  if (yield_) {
    yield_ = false;
    stop_ = Stop::kQuantum;
    return true;
  }
  if (csrs_.ready() && trap_between(csrs_.next_interrupt(), true, 0) == Leave::kStop) return true;
  if (debug_ != nullptr && halts_here()) return true;  // a step that became an interrupt
  stop_ = Stop::kQuantum;
  return remaining_ <= 0;
}

template <typename U>
Stop Interpreter<U>::resume() {
  running_ = true;
  for (;;) {
    if (debug_ != nullptr && halts_here()) break;
    const bool inside = debug_ != nullptr && debug_->inside;
    if (!inside && pauses()) break;
    Leave leave = Leave::kBlock;
    if (Block* const block = debug_ == nullptr ? block_at(pc_) : debug_block(); block == nullptr) {
      // Where the first half is there, the second is what is missing.
      leave =
          trap_between(cause::kFetchFault, false, bus_.fetch(pc_) ? static_cast<U>(pc_ + 2) : pc_);
    } else {
      leave = observer_ == nullptr ? execute(block) : execute_observed(block);
    }
    if (leave == Leave::kStop) break;
  }
  running_ = false;
  if (flush_) settle();
  return stop_;
}

template <typename U>
auto Interpreter<U>::execute(Block* block) -> Leave {
  return dispatch_ == Dispatch::kThreaded ? execute_threaded(block, nullptr)
                                          : execute_switch(block, nullptr);
}

/// One block and no further: the budget is cut to a cycle meanwhile, so that blocks are not
/// chained.
template <typename U>
auto Interpreter<U>::execute_observed(Block* block) -> Leave {
  const std::uint64_t limit = limit_, before = cycles(), retired = retired_;
  limit_ = before + 1;
  remaining_ = 1;
  const Leave leave = execute(block);
  const std::uint64_t after = cycles();
  limit_ = limit;
  remaining_ = static_cast<std::int64_t>(limit - after);
  observer_->ran(block->pc, retired_ - retired, after - before);
  return leave;
}

/// A trap outside a block, whose cycles no block has.
template <typename U>
auto Interpreter<U>::trap_between(std::uint64_t cause, bool interrupt, std::uint64_t value)
    -> Leave {
  const std::uint64_t before = cycles();
  const Leave leave = trap(cause, interrupt, value);
  if (observer_ != nullptr) observer_->ran(pc_, 0, cycles() - before);
  return leave;
}

template <typename U>
auto Interpreter<U>::trap(std::uint64_t cause, bool interrupt, std::uint64_t value) -> Leave {
  ++traps_;
  trapped_ = {x_, edges_, edge_count_};
  remaining_ -= static_cast<std::int64_t>(config_.trap_entry.count);
  const U handler = static_cast<U>(csrs_.enter(cause, interrupt, pc_, value));
  if (!csrs_.has_handler() || (!interrupt && handler == pc_)) {
    fault_ = {pc_, cause, value, interrupt, csrs_.has_handler()};
    return stop(Stop::kFault);
  }
  edges_[edge_count_++ % kHistory] =
      (std::uint64_t{pc_} << 32U) | static_cast<std::uint32_t>(handler);
  if (debug_ != nullptr && !interrupt && (debug_->caught_traps >> cause & 1U) != 0) {
    debug_->handler = handler;
    debug_->halt.trap_cause = cause;
    return halt(Halt::Cause::kTrap, nullptr);
  }
  pc_ = handler;
  return Leave::kBlock;
}

template class Interpreter<std::uint32_t>;
template class Interpreter<std::uint64_t>;

}  // namespace aipu::cpu
