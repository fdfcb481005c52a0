// SPDX-License-Identifier: Apache-2.0
// What a cycle of the RTL switch costs. All sides are given what was recorded in one run under the
// same traffic, so that making up traffic belongs to none of them:
// - bare: the recorded flits and credits are put on the pins, the clock runs, and all outputs of
//   the cycle are read (a model whose outputs nobody reads is none). Nothing is looked at.
// - adapter: the recorded calls (arrive, credit, step) go to a VerilatedSwitch, which makes up the
//   flits, does all of bare and all of its checks; a step a tick, or a step a link latency (ahead).
// - lockstep: the same calls to both models, with every comparison; assertions of the RTL on.
// - core: the same calls to SwitchCore.
// Set-up (tables, first credits) is counted for none.
// `cost` takes turns and counts CPU time; each side's time is that of its fastest round, so that
// the ratios hold on a machine that others use too. ns are of a clocked cycle, in `duty` of a
// simulated one.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <ctime>
#include <functional>
#include <limits>
#include <random>

#include "tlm/cosim/lockstep_switch.h"
#include "tlm/cosim/pin_recording.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::test {
namespace {

using cosim::SwitchPins;
using cosim::VerilatedSwitch;
using directcom::SwitchModel;

constexpr std::uint64_t kLink = 32;  ///< cycles

/// The calls of a switch, to make them again.
struct Calls {
  struct Arrive {
    std::uint64_t cycle;
    SwitchModel::Arrival packet;
  };
  struct Credit {
    std::uint64_t cycle;
    std::uint16_t output, destination;
    std::uint16_t flits;
    std::uint8_t traffic_class;
  };
  struct Step {
    std::uint64_t tick;
    std::size_t arrivals = 0;  ///< in the list below, up to here
    std::size_t credits = 0;
  };
  std::vector<Arrive> arrivals;
  std::vector<Credit> credits;
  std::vector<Step> steps;

  /// Up to the first step, before which a model writes its tables.
  void begin(SwitchModel& model) const {
    for (std::uint32_t o = 0; o < model.ports(); ++o)
      model.offer(o, {});
    make(model, 0, std::min<std::size_t>(1, steps.size()));
  }
  void make_others(SwitchModel& model) const {
    make(model, std::min<std::size_t>(1, steps.size()), steps.size());
  }

 private:
  void make(SwitchModel& model, std::size_t from, std::size_t to) const {
    std::size_t a = from == 0 ? 0 : steps[from - 1].arrivals;
    std::size_t c = from == 0 ? 0 : steps[from - 1].credits;
    for (std::size_t k = from; k < to; ++k) {
      for (; a < steps[k].arrivals; ++a)
        model.arrive(arrivals[a].cycle, arrivals[a].packet);
      for (; c < steps[k].credits; ++c) {
        const Credit& credit = credits[c];
        model.credit(credit.cycle, credit.output, credit.destination, credit.traffic_class,
                     credit.flits);
      }
      benchmark::DoNotOptimize(model.step(steps[k].tick).size());
    }
  }
};

/// Traffic through one switch: every input sends packets of `flits`, a shifting permutation (full
/// load without queues that grow for ever), in `active` of every `period` cycles.
struct Traffic {
  std::uint32_t ports;
  std::uint16_t flits;
  std::uint64_t active = 1;
  std::uint64_t period = 1;
  std::uint64_t cycles = 20'000;
  directcom::Topology topology{directcom::single_switch(ports)};
  directcom::Routes routes{topology};
  directcom::SwitchConfig config{};

  Traffic(std::uint32_t p, std::uint32_t f) : ports(p), flits(static_cast<std::uint16_t>(f)) {
    config.speedup = 1;
  }
  std::vector<Calls::Arrive> arrivals() const {
    std::vector<Calls::Arrive> list;
    for (std::uint64_t cycle = 1; cycle < cycles; ++cycle) {
      if (cycle % period >= active || cycle % flits != 0) continue;
      for (std::uint32_t i = 0; i < ports; ++i) {
        const auto to = static_cast<std::uint32_t>((i + cycle / flits) % ports);
        list.push_back({cycle, {nullptr, i, to, static_cast<std::uint16_t>(i), flits, 2}});
      }
    }
    return list;
  }
  /// Runs a switch; a packet's credit comes back one link behind its head.
  Calls run(SwitchModel& model) const {
    for (std::uint32_t o = 0; o < ports; ++o)
      model.offer(o, {});
    Calls calls;
    calls.arrivals = arrivals();
    std::size_t next = 0;
    for (;;) {
      while (next < calls.arrivals.size() &&
             (model.next() == SwitchModel::kNever ||
              calls.arrivals[next].cycle < model.window_end(model.next()))) {
        model.arrive(calls.arrivals[next].cycle, calls.arrivals[next].packet);
        ++next;
      }
      const std::uint64_t tick = model.next();
      if (tick == SwitchModel::kNever) return calls;
      calls.steps.push_back({tick, next, calls.credits.size()});
      for (const auto& d : model.step(tick)) {
        const auto& p = d.packet;
        calls.credits.push_back({d.head + p.flits + kLink, d.output,
                                 static_cast<std::uint16_t>(p.destination), p.flits,
                                 p.traffic_class});
        model.credit(d.head + p.flits + kLink, d.output, p.destination, p.traffic_class, p.flits);
      }
    }
  }

  std::unique_ptr<SwitchModel> core() const {
    return directcom::make_switch_core(config, routes, 0, 1);
  }
  std::unique_ptr<VerilatedSwitch> rtl(std::uint64_t lookahead,
                                       std::unique_ptr<SwitchPins> pins = nullptr) const {
    return std::make_unique<VerilatedSwitch>(config, routes, 0, 1, std::move(pins), lookahead);
  }
  std::unique_ptr<SwitchModel> lockstep(std::uint64_t lookahead) const {
    auto pins = SwitchPins::make(ports, 1);
    pins->assertions(true);
    return std::make_unique<cosim::LockstepSwitch>(
        core(), rtl(lookahead, std::move(pins)),
        cosim::LockstepSwitch::Run{"bench", "", 1, false, 1});
  }
};

/// The least that drives a model and looks at what it does.
void replay(const cosim::Recording& recording, SwitchPins& pins) {
  std::array<SwitchPins::Flit, SwitchPins::kMaxPorts> flits{};
  SwitchPins::Outputs outputs;
  std::size_t f = 0;
  std::size_t c = 0;
  for (const auto& cycle : recording.cycles) {
    std::uint64_t inputs = 0;
    for (; f < cycle.flits; ++f) {
      flits[recording.flits[f].input] = recording.flits[f].bits;
      inputs |= cosim::one(recording.flits[f].input);
    }
    pins.put_flits(inputs, flits.data());
    for (; c < cycle.credits; ++c)
      pins.put_credit(recording.credits[c].output, recording.credits[c].credit);
    pins.clock(cycle.second);
    pins.read(outputs);
    benchmark::DoNotOptimize(outputs);
    benchmark::ClobberMemory();
  }
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// One side of a comparison: its fastest round.
struct Side {
  const char* name;
  std::function<std::function<void()>()> prepare;  ///< what is not counted; returns what is
  double seconds = std::numeric_limits<double>::infinity();

  void round() {
    const auto work = prepare();
    const double start = cpu_seconds();
    work();
    seconds = std::min(seconds, cpu_seconds() - start);
  }
};

/// Makes these calls to a model that `make` makes anew for every round.
template <typename Make>
Side side(const char* name, Calls calls, Make make) {
  return {name, [calls = std::move(calls), make] {
            auto model = std::shared_ptr<SwitchModel>(make());
            calls.begin(*model);
            return [&calls, model] { calls.make_others(*model); };
          }};
}

void run_sides(benchmark::State& state, std::vector<Side>& sides, std::uint64_t cycles) {
  for (auto _ : state) {
    for (Side& s : sides)
      s.round();
  }
  for (const Side& s : sides)
    state.counters[std::string(s.name) + "_ns"] = 1e9 * s.seconds / static_cast<double>(cycles);
}

void cost(benchmark::State& state) {
  const Traffic traffic(static_cast<std::uint32_t>(state.range(0)),
                        static_cast<std::uint32_t>(state.range(1)));
  cosim::Recording recording;
  const Calls by_one = traffic.run(*traffic.rtl(
      1, std::make_unique<cosim::RecordingPins>(SwitchPins::make(traffic.ports, 1), recording)));
  const Calls ahead = traffic.run(*traffic.rtl(kLink));
  std::vector<Side> sides;
  sides.push_back({"bare", [&] {
                     auto pins = std::shared_ptr<SwitchPins>(SwitchPins::make(traffic.ports, 1));
                     recording.set_up(*pins);
                     return [&recording, pins] { replay(recording, *pins); };
                   }});
  sides.push_back(side("adapter", by_one, [&] { return traffic.rtl(1); }));
  sides.push_back(side("ahead", ahead, [&] { return traffic.rtl(kLink); }));
  sides.push_back(side("lockstep", ahead, [&] { return traffic.lockstep(kLink); }));
  sides.push_back(side("core", by_one, [&] { return traffic.core(); }));
  run_sides(state, sides, recording.cycles.size());
  for (const std::size_t s : {1U, 2U, 3U})
    state.counters[std::string(sides[s].name) + "/bare"] = sides[s].seconds / sides[0].seconds;
}
BENCHMARK(cost)
    ->ArgsProduct({{5, 16}, {1, 8, 33}})
    ->ArgNames({"ports", "flits"})
    ->Iterations(12)
    ->Unit(benchmark::kMillisecond);

/// A switch as on a board: every input busy in a part (per mille) of the time, in bursts.
void duty(benchmark::State& state) {
  Traffic traffic(static_cast<std::uint32_t>(state.range(0)), 33);
  traffic.period = 4'000;
  traffic.active = traffic.period * static_cast<std::uint64_t>(state.range(1)) / 1'000;
  traffic.cycles = 10 * traffic.period;
  const auto rtl = traffic.rtl(kLink);
  const Calls ahead = traffic.run(*rtl);
  std::vector<Side> sides;
  sides.push_back(side("core", traffic.run(*traffic.core()), [&] { return traffic.core(); }));
  sides.push_back(side("rtl", ahead, [&] { return traffic.rtl(kLink); }));
  sides.push_back(side("lockstep", ahead, [&] { return traffic.lockstep(kLink); }));
  run_sides(state, sides, traffic.cycles);
  state.counters["clocked"] =
      static_cast<double>(rtl->clocks()) / static_cast<double>(traffic.cycles);
}
BENCHMARK(duty)
    ->ArgsProduct({{5, 16}, {0, 100}})
    ->ArgNames({"ports", "permille"})
    ->Iterations(12)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aipu::test

BENCHMARK_MAIN();
