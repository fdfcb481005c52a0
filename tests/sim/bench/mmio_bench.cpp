// SPDX-License-Identifier: Apache-2.0
// What a register store of firmware costs the host, on a whole chip: one that is served at once,
// and one that waits for simulated time first (`sync` in hw/regs). One simulation per process: run
// it with a filter.
#include <array>
#include <benchmark/benchmark.h>
#include <systemc>

#include "hw/base/gaddr.h"
#include "hw/config/load.h"
#include "hw/program/sram_map.h"
#include "sim/platform/platform.h"

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

namespace aipu {
namespace {

constexpr std::uint32_t kStores = 8'000'000;

void stores(benchmark::State& state, bool synced) {
  const load::Elf elf = load::read_elf(MMIO_ELF);
  platform::Platform platform(config::load("aipu", {"aipus=1", "aipu.cores=1"}), {elf, elf}, {});
  const std::array<std::uint32_t, 2> order{kStores, synced ? 1U : 0U};
  platform.board().aipus[0]->loader.write(Gaddr::core(0, HC_SRAM_SCRATCH),
                                          reinterpret_cast<const std::uint8_t*>(order.data()),
                                          sizeof order);
  platform.start(0);
  platform::Ending ending;
  for (auto _ : state)
    ending = platform.run();
  if (ending.code != ExitCode::kGood) state.SkipWithError(ending.report.c_str());
  state.SetItemsProcessed(kStores);
}
BENCHMARK_CAPTURE(stores, at_once, false)->Iterations(1);
BENCHMARK_CAPTURE(stores, synced, true)->Iterations(1);

}  // namespace
}  // namespace aipu

BENCHMARK_MAIN();
