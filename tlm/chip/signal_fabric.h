// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <systemc>
#include <vector>

#include "tlm/core/clock.h"
#include "tlm/core/counter_file.h"
#include "tlm/core/fault.h"
#include "tlm/core/model.h"

namespace aipu::chip {

/// Carries counter adds between the cores of an AIPU, all with the same latency, in order.
class SignalFabric : public Model, public SignalRouter {
 public:
  struct Stats : StatGroup {
    Counter signals{*this, "signals", Unit::kCount, "adds to counters of other cores"};
  };

  SignalFabric(const sc_core::sc_module_name& name, Clock clock, Cycles latency);

  /// The counters of each core, chip control last, and who hears of an overflow there.
  void connect(const std::vector<CounterFile*>& counters, const std::vector<FaultSink*>& faults);
  void signal(std::uint32_t source_core, std::uint32_t scope, std::uint32_t counter,
              std::uint32_t amount) override;
  void signal_of(const CommandTag& by, std::uint32_t scope, std::uint32_t counter,
                 std::uint32_t amount) override;

  const StatGroup* stat_group() const override { return &stats_; }

 private:
  struct Signal {
    std::uint64_t due;
    std::uint32_t scope, counter, amount;
    CommandTag by;
  };
  void deliver();
  void add(std::size_t core, const Signal& signal);

  const std::uint64_t latency_;
  std::vector<CounterFile*> counters_;
  std::vector<FaultSink*> faults_;
  std::deque<Signal> in_flight_;
  Stats stats_;
  sc_core::sc_event arrival_;
};

}  // namespace aipu::chip
