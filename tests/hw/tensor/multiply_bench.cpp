// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <vector>

#include "hw/tensor/multiply.h"
#include "regs/abi.h"
#include "tests/hw/tensor/words.h"

namespace aipu::tensor {
namespace {

/// Functional multiplication, in MAC/s: arguments m and format. m = 1 is a decode step.
void multiply_tiles(benchmark::State& state) {
  const auto type = static_cast<DType>(state.range(1));
  const Tile tile =
      dense_tile(static_cast<std::uint32_t>(state.range(0)), 128, 512, type, state.range(2) != 0);
  std::vector<std::uint8_t> sram(regs::core::kSramSize, 0x3C);
  Scratch scratch;
  for (auto _ : state) {
    multiply(tile, sram.data(), scratch);
    benchmark::ClobberMemory();
  }
  state.SetLabel(regs::abi::dtype_name(static_cast<std::uint32_t>(type)));
  state.counters["MAC"] = benchmark::Counter(static_cast<double>(flops(tile)) / 2.0,
                                             benchmark::Counter::kIsIterationInvariantRate,
                                             benchmark::Counter::kIs1000);
}
BENCHMARK(multiply_tiles)
    ->ArgNames({"m", "format", "transposed"})
    ->ArgsProduct({{1, 64}, {0, 1, 2, 3, 4}, {0, 1}});

}  // namespace
}  // namespace aipu::tensor

BENCHMARK_MAIN();
