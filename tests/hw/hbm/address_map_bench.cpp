// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "hw/hbm/address_map.h"

namespace aipu::hbm {
namespace {

constexpr std::size_t kOffsets = 4096;  // stay in the first cache level

std::vector<std::uint64_t> offsets(const Config& config) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < kOffsets; ++i)
    result.push_back(random() % config.capacity.count);
  return result;
}

/// Random offsets of the reference chip. Argument: stacks; three take granules in turn.
void Locate(benchmark::State& state) {
  Config config;
  config.stacks = static_cast<std::uint32_t>(state.range(0));
  config.capacity = 16_GiB * config.stacks;
  config.channel_hash = is_power_of_two(config.stacks);
  const AddressMap map(config);
  const auto from = offsets(config);
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(map.locate(from[i++ % kOffsets]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Locate)->Arg(4)->Arg(3);

void Offset(benchmark::State& state) {
  const Config config;
  const AddressMap map(config);
  std::vector<Location> from;
  for (const std::uint64_t offset : offsets(config))
    from.push_back(map.locate(offset));
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(map.offset(from[i++ % kOffsets]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Offset);

}  // namespace
}  // namespace aipu::hbm

BENCHMARK_MAIN();
