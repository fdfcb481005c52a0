// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/hart_debugger.h"

#include <cstring>
#include <fmt/format.h>
#include <ostream>

#include "sim/debug/registers.h"

namespace aipu {

template <typename U>
HartDebugger<U>::HartDebugger(BareMachine<U>& machine, const debug::Options& options,
                              std::ostream& err)
    : machine_(machine),
      options_(options),
      err_(err),
      server_(options.port),
      session_(
          *this, server_, [] { return false; },
          [this](const std::string& line) { err_ << "hc1000: " << line << std::endl; }) {
  machine_.set_attendant(this);
}

template <typename U>
bool HartDebugger<U>::wait() {
  err_ << "hc1000: " << debug::invitation(options_, server_.port()) << std::endl;
  session_.attach();
  return !session_.killed();
}

template <typename U>
bool HartDebugger<U>::halted() {
  session_.stopped(debug::stop_of(machine_.core().halt(), 0));
  return !session_.killed();
}

template <typename U>
bool HartDebugger<U>::poll() {
  session_.poll();
  return !session_.killed();
}

template <typename U>
void HartDebugger<U>::failed(End end) {
  if (!options_.break_on_fault || (end != End::kFault && end != End::kAsleep)) return;
  debug::Stop stop;
  if (end == End::kFault) {
    const cpu::Unhandled& fault = machine_.core().fault();
    if (!fault.interrupt) stop.signal = debug::signal_of(fault.cause);
    activity_ = "unhandled trap";
    stop.note = fmt::format("unhandled trap: {}; continue ends the run\n",
                            fault.interrupt ? "interrupt" : cpu::cause::to_string(fault.cause));
  } else {
    activity_ = "wfi, no interrupt to come";
    stop.note = "wfi with no interrupt to come; continue ends the run\n";
  }
  session_.stopped(stop);
}

template <typename U>
std::string HartDebugger<U>::activity(std::size_t) const {
  return activity_;
}

template <typename U>
std::optional<std::uint64_t> HartDebugger<U>::read_register(std::size_t, unsigned number) {
  return debug::read_register(machine_.core(), number);
}

template <typename U>
bool HartDebugger<U>::write_register(std::size_t, unsigned number, std::uint64_t value) {
  return debug::write_register(machine_.core(), number, value);
}

template <typename U>
std::uint64_t HartDebugger<U>::read_memory(std::size_t, std::uint64_t address, std::uint8_t* data,
                                           std::uint64_t bytes) {
  const std::uint8_t* const from = machine_.host(address, bytes);
  if (from != nullptr) std::memcpy(data, from, bytes);
  return from != nullptr ? bytes : 0;
}

template <typename U>
bool HartDebugger<U>::write_memory(std::size_t, std::uint64_t address, const std::uint8_t* data,
                                   std::uint64_t bytes) {
  std::uint8_t* const to = machine_.host(address, bytes);
  if (to == nullptr) return false;
  std::memcpy(to, data, bytes);
  machine_.core().invalidate(address, bytes);
  return true;
}

template <typename U>
void HartDebugger<U>::set_breakpoints(const std::set<std::uint64_t>& points, std::size_t) {
  machine_.core().set_breakpoints(std::make_shared<cpu::Breakpoints>(points));
}

template <typename U>
void HartDebugger<U>::set_watches(const std::vector<cpu::WatchRange>& watches) {
  for (const auto& range : watches_)
    machine_.core().set_watch(range, false);
  watches_ = watches;
  for (const auto& range : watches_)
    machine_.core().set_watch(range, true);
}

template <typename U>
void HartDebugger<U>::attach() {
  if (options_.break_on_fault) machine_.core().catch_traps(cpu::Debug::kFaults);
}

template <typename U>
void HartDebugger<U>::release() {
  watches_.clear();
  machine_.core().forget_debugger();
}

template <typename U>
std::optional<std::string> HartDebugger<U>::monitor(std::size_t,
                                                    const std::vector<std::string>& words) {
  const auto& core = machine_.core();
  if (words.front() == "time") {
    return fmt::format("{} cycles, {} instructions, {} traps\n", core.cycles(), core.retired(),
                       core.traps());
  }
  if (words.front() == "help") {
    return "time   cycles, instructions and traps so far\nhelp   this list\n";
  }
  return std::nullopt;
}

template class HartDebugger<std::uint32_t>;
template class HartDebugger<std::uint64_t>;

}  // namespace aipu
