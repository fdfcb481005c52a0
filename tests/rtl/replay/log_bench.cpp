// SPDX-License-Identifier: Apache-2.0
// What the log of the pins, its snapshots and open waves add to a clock of the Verilated switch:
// one recorded run at full load, put on the pins again.
#include <benchmark/benchmark.h>

#include "tests/rtl/replay/failing_run.h"
#include "tlm/cosim/pin_recording.h"
#include "tlm/cosim/wave_pins.h"

namespace aipu::test {
namespace {

using cosim::SwitchPins;

enum class How : std::uint8_t { kBare, kPassed, kLogged, kSnapshots, kWaves };

cosim::Recording recorded(std::uint32_t ports, std::uint32_t max_flits) {
  cosim::Recording recording;
  cosim::RandomRun run = full_load(ports, 1, max_flits);
  run.cycles = 20'000;
  run.disturb = [&](std::unique_ptr<SwitchPins> pins) {
    return std::make_unique<cosim::RecordingPins>(std::move(pins), recording);
  };
  run.run();
  return recording;
}

std::unique_ptr<SwitchPins> make(How how, std::uint32_t ports, const std::string& waves) {
  constexpr std::uint64_t kSnapshotClocks = 5'000;
  auto pins = SwitchPins::make(ports, 1);
  switch (how) {
    case How::kPassed:
      return std::make_unique<cosim::PassedPins>(std::move(pins));
    case How::kLogged:
      return std::make_unique<cosim::LoggedPins>(std::move(pins));
    case How::kSnapshots: {
      cosim::LoggedPins::Limits limits;
      limits.clocks = kSnapshotClocks;
      return std::make_unique<cosim::LoggedPins>(std::move(pins), limits);
    }
    case How::kWaves:
      return std::make_unique<cosim::WavePins>(std::move(pins),
                                               cosim::WaveWindow{waves, 0, 2'000, 1'000});
    default:
      return pins;
  }
}

template <How how>
void run(benchmark::State& state) {
  const TempDir folder;
  const auto ports = static_cast<std::uint32_t>(state.range(0));
  cosim::Recording recording = recorded(ports, static_cast<std::uint32_t>(state.range(1)));
  if (how == How::kWaves) recording.cycles.resize(2'000);
  std::uint64_t clocks = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto pins = make(how, ports, folder.file("w.fst"));
    recording.set_up(*pins);
    state.ResumeTiming();
    recording.replay(*pins);
    clocks += recording.cycles.size();
    state.PauseTiming();
    pins.reset();
    state.ResumeTiming();
  }
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(clocks), benchmark::Counter::kIsRate);
}

/// The log alone: what put_flit(), put_credit() and clock() write.
void log_alone(benchmark::State& state) {
  const cosim::Recording recording = recorded(static_cast<std::uint32_t>(state.range(0)),
                                              static_cast<std::uint32_t>(state.range(1)));
  cosim::PinLog log;
  for (auto _ : state) {
    log.clear();
    std::size_t f = 0;
    std::size_t c = 0;
    for (const auto& cycle : recording.cycles) {
      for (; f < cycle.flits; ++f)
        log.flit(recording.flits[f].input, recording.flits[f].bits);
      for (; c < cycle.credits; ++c)
        log.credit(recording.credits[c].output, recording.credits[c].credit);
      log.clock(cycle.second);
    }
  }
  const auto clocks = static_cast<double>(recording.cycles.size());
  state.counters["ns/clock"] =
      benchmark::Counter(clocks * 1e-9 * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["B/clock"] = static_cast<double>(log.size()) / clocks;
}

void save(benchmark::State& state) {
  const auto ports = static_cast<std::uint32_t>(state.range(0));
  const auto pins = SwitchPins::make(ports, 1);
  const cosim::Recording recording = recorded(ports, 8);
  recording.set_up(*pins);
  recording.replay(*pins);
  cosim::Snapshot snapshot;
  for (auto _ : state)
    snapshot = pins->save();
  state.counters["stored"] = static_cast<double>(snapshot.stored());
  state.counters["size"] = static_cast<double>(snapshot.size());
}

void cases(benchmark::internal::Benchmark* b) {
  for (const int ports : {5, 16}) {
    for (const int flits : {1, 8, 33})
      b->Args({ports, flits});
  }
  b->Unit(benchmark::kMillisecond);
}
BENCHMARK(run<How::kBare>)->Apply(cases);
BENCHMARK(run<How::kPassed>)->Apply(cases);
BENCHMARK(run<How::kLogged>)->Apply(cases);
BENCHMARK(run<How::kSnapshots>)->Apply(cases);
BENCHMARK(run<How::kWaves>)->Apply(cases);
BENCHMARK(log_alone)->Apply(cases);
BENCHMARK(save)->Arg(5)->Arg(16)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aipu::test

BENCHMARK_MAIN();
