// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "hw/base/assert.h"
#include "tlm/cosim/pin_log.h"

namespace aipu::cosim {
namespace {

/// Logs again what a reader puts on a model.
class LogAgain final : public PassedPins {
 public:
  LogAgain(std::unique_ptr<SwitchPins> to, PinLog& log) : PassedPins(std::move(to)), log_(log) {}
  void configure(Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value) override {
    log_.configure(select, port, index, value);
    PassedPins::configure(select, port, index, value);
  }
  void put_flit(std::uint32_t input, const Flit& flit) override {
    log_.flit(input, flit);
    PassedPins::put_flit(input, flit);
  }
  void put_credit(std::uint32_t output, const Credit& credit) override {
    log_.credit(output, credit);
    PassedPins::put_credit(output, credit);
  }
  void hold(std::uint32_t output) override {
    log_.hold(output);
    PassedPins::hold(output);
  }
  void jump(std::uint64_t tick) override {
    log_.jump(tick);
    PassedPins::jump(tick);
  }
  void clock(bool second) override {
    log_.clock(second);
    PassedPins::clock(second);
  }

 private:
  PinLog& log_;
};

}  // namespace

LoggedPins::LoggedPins(std::unique_ptr<SwitchPins> to, Limits limits)
    : PassedPins(std::move(to)), limits_(limits) {
  now_.there = true;
}

void LoggedPins::configure(Select select, std::uint32_t port, std::uint32_t index,
                           std::uint64_t value) {
  now_.log.configure(select, port, index, value);
  PassedPins::configure(select, port, index, value);
}

void LoggedPins::hold(std::uint32_t output) {
  now_.log.hold(output);
  PassedPins::hold(output);
}

void LoggedPins::reset() {
  before_ = {};
  now_ = {};
  now_.there = true;
  PassedPins::reset();
}

void LoggedPins::assertions(bool on) {
  assertions_ = on;
  PassedPins::assertions(on);
}

void LoggedPins::jump(std::uint64_t tick) {
  tick_ = tick;
  jumped_ = true;
  PassedPins::jump(tick);
}

void LoggedPins::clock(bool second) {
  if (jumped_) now_.log.jump(tick_);
  jumped_ = false;
  now_.log.clock(second);
  ++tick_;
  ++clocks_;
  PassedPins::clock(second);
  if (now_.log.clocks() >= limits_.clocks || now_.log.size() >= limits_.bytes) next_segment();
}

void LoggedPins::next_segment() {
  std::swap(before_, now_);
  now_.snapshot = to().save();
  now_.log.clear();
  now_.there = true;
  now_.log.jump(tick_);
  ++snapshots_;
}

LoggedPins::Window LoggedPins::window(std::uint64_t clocks) const {
  const Segment& first = before_.there ? before_ : now_;
  const std::uint64_t held = now_.log.clocks() + (before_.there ? before_.log.clocks() : 0);
  Window window;
  window.clocks = std::min(clocks, held);
  window.last_tick = tick_ - 1;
  window.outputs = outputs_of(*this);
  window.broken = broken_rule(*this);
  auto made = SwitchPins::make(ports(), limits().speedup);
  AIPU_ASSERT(made != nullptr && made->ports() == ports(), "no second model of {} ports", ports());
  made->assertions(assertions_);
  if (!first.snapshot.empty()) {
    const bool fits = made->restore(first.snapshot);
    AIPU_ASSERT(fits, "a snapshot of {} bytes is not of this model", first.snapshot.size());
  }
  PinLog log;
  LogAgain model(std::move(made), log);
  std::uint64_t skip = held - window.clocks;
  if (skip == 0) window.snapshot = first.snapshot;
  for (const Segment* segment : {&before_, &now_}) {
    if (!segment->there) continue;
    PinLogReader reader(segment->log.bytes(), ports());
    for (std::uint64_t c = 0; c < segment->log.clocks(); ++c) {
      reader.clock(model);
      if (skip == 0 || --skip != 0) continue;
      window.snapshot = model.save();
      log.clear();
      log.jump(reader.tick());
    }
  }
  window.log = log.bytes();
  window.same = outputs_of(model) == window.outputs && broken_rule(model) == window.broken;
  return window;
}

}  // namespace aipu::cosim
