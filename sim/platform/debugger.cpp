// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/debugger.h"

#include <systemc>

#include "sim/debug/registers.h"

namespace aipu::platform {
namespace {

constexpr const char* kLast = "\ncontinue ends the run\n";

}  // namespace

Debugger::Debugger(board::Board& board, const Symbols& symbols, std::function<std::string()> hang,
                   const debug::Options& options, debug::Session::Interrupted interrupted, Say say)
    : options_(options),
      say_(say),
      target_(board, symbols, std::move(hang), options.break_on_fault),
      server_(options.port),
      session_(target_, server_, std::move(interrupted), std::move(say)) {
  for (std::size_t i = 0; i < target_.harts(); ++i)
    target_.hart_of(i).set_on_halt([this, i](cpu::Hart&) { halted(i); });
}

void Debugger::attach() {
  say_(debug::invitation(options_, server_.port()));
  session_.attach();
}

void Debugger::halted(std::size_t hart) {
  debug::Stop stop = debug::stop_of(target_.hart_of(hart).core().halt(), hart);
  if (const auto asked = requested_.find(hart); asked != requested_.end()) {
    stop = asked->second;
    requested_.erase(asked);
  }
  this->stop(stop);
}

void Debugger::stop(const debug::Stop& stop) {
  session_.stopped(stop);
  if (session_.killed()) sc_core::sc_pause();
}

void Debugger::engine_fault(CoreId core, const std::string& text) {
  if (!options_.break_on_fault || !session_.attached()) return;
  debug::Stop stop;
  stop.hart = target_.index_of(core);
  stop.signal = debug::Signal::kSegmentation;
  stop.note = text + "\n";
  cpu::Hart& hart = target_.hart_of(stop.hart);
  if (hart.in_step()) {  // in the middle of its store: it halts behind it
    requested_[stop.hart] = stop;
    hart.core().halt_soon();
  } else {
    this->stop(stop);
  }
}

void Debugger::hart_fault(CoreId core, const std::string& text) {
  if (!options_.break_on_fault) return;
  debug::Stop stop;
  stop.hart = target_.index_of(core);
  const cpu::Unhandled& fault = target_.hart_of(stop.hart).core().fault();
  if (!fault.interrupt) stop.signal = debug::signal_of(fault.cause);
  stop.note = text + kLast;
  this->stop(stop);
}

void Debugger::hang(const std::string& text) {
  if (!options_.break_on_fault) return;
  debug::Stop stop;
  stop.hart = target_.first_waiting();
  stop.note = text + kLast;
  this->stop(stop);
}

}  // namespace aipu::platform
