// SPDX-License-Identifier: Apache-2.0
// Host speed of Mover and Mesh: 32 cores stream 32 KiB tiles in 1 KiB bursts from a flat memory.
#include <benchmark/benchmark.h>
#include <ctime>

#include "tests/tlm/dma/chip_fixture.h"

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

namespace aipu::dma {
namespace {

constexpr std::uint32_t kTile = 32 * 1024;

ChipOfMovers& chip() {
  static ChipOfMovers instance(64_MiB);
  instance.memory.record(false);
  return instance;
}

/// Every core moves `tiles` tiles through a ring of 16 slots; commands refill as the queue drains.
void stream(std::vector<std::unique_ptr<Mover>>& movers, bool load, std::uint32_t tiles) {
  std::vector<std::uint32_t> sent(ChipOfMovers::kCores, 0);
  bool left = true;
  while (left) {
    left = false;
    for (std::uint32_t core = 0; core < ChipOfMovers::kCores; ++core) {
      while (sent[core] < tiles && movers[core]->free_slots() != 0) {
        const std::uint32_t tile = sent[core]++;
        const Gaddr far = Gaddr::hbm(std::uint64_t{core * 61 + tile} % 2048 * kTile);
        const Gaddr near = Gaddr::core(core, std::uint64_t{tile % 16} * kTile);
        movers[core]->push(test::copy_command(load ? far : near, load ? near : far, kTile));
      }
      left = left || movers[core]->active();
    }
    if (left) sc_core::sc_start(sc_core::sc_time::from_value(2'000'000));
  }
}

void traffic(benchmark::State& state, bool load) {
  constexpr std::uint32_t kTiles = 64;
  ChipOfMovers& c = chip();
  const std::uint64_t start = now_ps();
  const auto events = sc_core::sc_delta_count();
  for (auto _ : state)
    stream(load ? c.loads : c.stores, load, kTiles);
  const auto bytes = static_cast<double>(state.iterations()) * 32 * kTiles * kTile;
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["simulated_TB/s"] = bytes / static_cast<double>(now_ps() - start);
  state.counters["deltas/burst"] =
      static_cast<double>(sc_core::sc_delta_count() - events) / (bytes / 1024);
  if (c.faults.count != 0) state.SkipWithError("a command was refused");
}

void functional_load(benchmark::State& state) {
  traffic(state, true);
}
void functional_store(benchmark::State& state) {
  traffic(state, false);
}
/// Last: from here on the memory is phantom, so loads and what is stored back move no bytes.
void timing_only_load(benchmark::State& state) {
  chip().memory.make_phantom();
  traffic(state, true);
}
BENCHMARK(functional_load)->Unit(benchmark::kMillisecond);
BENCHMARK(functional_store)->Unit(benchmark::kMillisecond);
BENCHMARK(timing_only_load)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aipu::dma

BENCHMARK_MAIN();
