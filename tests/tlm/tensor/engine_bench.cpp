// SPDX-License-Identifier: Apache-2.0
// Commands per second of a tensor engine in timing-only mode: what a phantom tile costs the host.
#include <benchmark/benchmark.h>

#include "regs/tensor.h"
#include "tests/hw/tensor/words.h"
#include "tests/tlm/tensor/core_stub.h"
#include "tlm/tensor/engine.h"

namespace aipu::tensor {
namespace {

struct Rig {
  Rig() { engine.mem_out.bind(memory.mem_in); }
  EngineWiring wire() {
    EngineWiring w = core.wiring(regs::abi::kQueueTensor, false);
    w.sram_port = &core;
    return w;
  }
  test::CoreStub core;
  test::StockMemory memory{"memory", true};
  Engine engine{"engine", Config{}, wire()};
};

void timing_only(benchmark::State& state) {
  static Rig rig;  // one SystemC simulation per process
  const Command command{regs::tensor::kOpMac, 0,
                        words_of(dense_tile(16, 64, 256, DType::kFp8E4m3))};
  constexpr int kBatch = 16;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i)
      rig.engine.push(command);
    while (rig.engine.active())
      sc_core::sc_start(sc_core::sc_time(2, sc_core::SC_US));
    rig.core.booked.clear();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(timing_only);

}  // namespace
}  // namespace aipu::tensor

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

BENCHMARK_MAIN();
