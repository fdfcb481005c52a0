// SPDX-License-Identifier: Apache-2.0
// What a cycle of the Verilated switch costs: bare (recorded pins put on again), as a SwitchModel
// with all its checks under the same stimuli, and in lockstep with SwitchCore.
#include <benchmark/benchmark.h>
#include <random>

#include "tlm/cosim/lockstep_switch.h"
#include "tlm/cosim/pin_recording.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::test {
namespace {

using directcom::SwitchModel;

/// Uniform traffic at full load through one switch, as a list of calls.
struct Stimuli {
  std::uint32_t ports;
  directcom::Topology topology{directcom::single_switch(ports)};
  directcom::Routes routes{topology};
  directcom::SwitchConfig config;
  std::vector<std::pair<std::uint64_t, SwitchModel::Arrival>> arrivals;
  std::uint64_t cycles;

  Stimuli(std::uint32_t p, std::uint16_t flits, double load, std::uint64_t length)
      : ports(p), cycles(length) {
    config.speedup = 1;
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> free(ports, 1);
    for (std::uint64_t cycle = 1; cycle < cycles; ++cycle) {
      for (std::uint32_t i = 0; i < ports; ++i) {
        if (cycle < free[i] || std::uniform_real_distribution<>()(random) > load) continue;
        // A shifting permutation: full load without queues that grow for ever.
        const auto to = static_cast<std::uint32_t>((i + cycle / flits) % ports);
        arrivals.push_back({cycle, {nullptr, i, to, static_cast<std::uint16_t>(i), flits, 2}});
        free[i] = cycle + flits;
      }
    }
  }

  /// Runs a switch over them; a packet's credit comes back 20 cycles behind its head.
  void run(SwitchModel& model) const {
    for (std::uint32_t o = 0; o < ports; ++o)
      model.offer(o, {});
    std::size_t next = 0;
    for (;;) {
      while (next < arrivals.size() &&
             (model.next() == SwitchModel::kNever || arrivals[next].first <= model.next())) {
        model.arrive(arrivals[next].first, arrivals[next].second);
        ++next;
      }
      const std::uint64_t tick = model.next();
      if (tick == SwitchModel::kNever) return;
      for (const auto& d : model.step(tick))
        model.credit(d.head + 20, d.output, d.packet.destination, d.packet.traffic_class,
                     d.packet.flits);
    }
  }
};

enum class How : std::uint8_t { kBare, kModel, kLockstep, kCore };

template <How how>
void run(benchmark::State& state) {
  const auto ports = static_cast<std::uint32_t>(state.range(0));
  const Stimuli stimuli(ports, static_cast<std::uint16_t>(state.range(1)),
                        static_cast<double>(state.range(2)) / 100, 20'000);
  std::uint64_t clocks = 0;
  cosim::Recording recording;
  if (how == How::kBare) {
    cosim::VerilatedSwitch model(
        stimuli.config, stimuli.routes, 0, 1,
        std::make_unique<cosim::RecordingPins>(cosim::SwitchPins::make(ports, 1), recording));
    stimuli.run(model);
    model.settle();
  }
  const auto core = [&] {
    return directcom::make_switch_core(stimuli.config, stimuli.routes, 0, 1);
  };
  for (auto _ : state) {
    switch (how) {
      case How::kBare: {
        state.PauseTiming();
        const auto pins = cosim::SwitchPins::make(ports, 1);
        recording.set_up(*pins);
        state.ResumeTiming();
        recording.replay(*pins);
        clocks += recording.cycles.size();
        break;
      }
      case How::kModel: {
        cosim::VerilatedSwitch model(stimuli.config, stimuli.routes, 0, 1);
        stimuli.run(model);
        model.settle();
        clocks += model.clocks();
        break;
      }
      case How::kLockstep: {
        auto rtl = std::make_unique<cosim::VerilatedSwitch>(stimuli.config, stimuli.routes, 0, 1);
        const auto& model = *rtl;
        cosim::LockstepSwitch both(core(), std::move(rtl), {"bench", "", 1, true});
        stimuli.run(both);
        clocks += model.clocks();
        break;
      }
      case How::kCore:
        stimuli.run(*core());
        clocks += stimuli.cycles;
        break;
    }
  }
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(clocks), benchmark::Counter::kIsRate);
}

void cases(benchmark::internal::Benchmark* b) {
  for (const int ports : {5, 16}) {
    for (const int flits : {1, 8, 33})
      b->Args({ports, flits, 100});
  }
  b->Unit(benchmark::kMillisecond);
}
BENCHMARK(run<How::kBare>)->Apply(cases);
BENCHMARK(run<How::kModel>)->Apply(cases);
BENCHMARK(run<How::kLockstep>)->Apply(cases);
BENCHMARK(run<How::kCore>)->Apply(cases);

}  // namespace
}  // namespace aipu::test

BENCHMARK_MAIN();
