// SPDX-License-Identifier: Apache-2.0
#include "tlm/chip/signal_fabric.h"

#include "regs/abi.h"

namespace aipu::chip {

SignalFabric::SignalFabric(const sc_core::sc_module_name& name, Clock clock, Cycles latency)
    : Model(name), latency_(clock.span(latency).count) {
  SC_HAS_PROCESS(SignalFabric);
  SC_METHOD(deliver);
  sensitive << arrival_;
  dont_initialize();
}

void SignalFabric::connect(const std::vector<CounterFile*>& counters,
                           const std::vector<FaultSink*>& faults) {
  counters_ = counters;
  faults_ = faults;
}

void SignalFabric::signal(std::uint32_t source_core, std::uint32_t scope, std::uint32_t counter,
                          std::uint32_t amount) {
  CommandTag by;
  by.core = source_core;
  signal_of(by, scope, counter, amount);
}

void SignalFabric::signal_of(const CommandTag& by, std::uint32_t scope, std::uint32_t counter,
                             std::uint32_t amount) {
  if (scope != regs::abi::kScopeAllCores && scope >= counters_.size()) {
    const std::size_t reporter = by.core < faults_.size() ? by.core : faults_.size() - 1;
    faults_[reporter]->fault({regs::abi::kRuleBadCounter,
                              by.queue == CommandTag::kNoQueue ? 0 : by.queue, by.opcode, scope,
                              by.pc});
    return;
  }
  ++stats_.signals;
  in_flight_.push_back({now_ps() + latency_, scope, counter, amount, by});
  if (in_flight_.size() == 1) arrival_.notify(to_time(Picoseconds(latency_)));
}

void SignalFabric::deliver() {
  const std::uint64_t now = now_ps();
  while (!in_flight_.empty() && in_flight_.front().due <= now) {
    const Signal signal = in_flight_.front();
    in_flight_.pop_front();
    if (signal.scope == regs::abi::kScopeAllCores) {
      for (std::size_t core = 0; core + 1 < counters_.size(); ++core)
        add(core, signal);
    } else {
      add(signal.scope, signal);
    }
  }
  if (!in_flight_.empty()) arrival_.notify(to_time(Picoseconds(in_flight_.front().due - now)));
}

void SignalFabric::add(std::size_t core, const Signal& signal) {
  if (!counters_[core]->add(signal.counter, signal.amount, signal.by)) {
    faults_[core]->fault({regs::abi::kRuleCounterOverflow, 0, 0, signal.counter, 0});
  }
}

}  // namespace aipu::chip
