// SPDX-License-Identifier: Apache-2.0
// Bandwidth-bound decode through whole chips: firmware, command queues, DMA, mesh, HBM, tensor
// engines. One simulation per process, so a benchmark is one iteration of one case (fidelity of
// memory and layers come from the build); repeat the process for a minimum.
#include <benchmark/benchmark.h>
#include <systemc>

#include "hw/config/load.h"
#include "sim/platform/platform.h"

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

namespace aipu {
namespace {

/// One decode step of `layers` layers of Llama-3.1-8B at batch 1, timing-only.
void decode(benchmark::State& state) {
  const auto aipus = static_cast<std::uint32_t>(state.range(0));
  const auto board = config::load(
      "hc1000_module", {"aipus=" + std::to_string(aipus), "simulation.memory=" AIPU_BENCH_MEMORY});
  workload::Job job;
  job.model = load::resolve_model("llama-3.1-8b");
  job.model.layers = static_cast<std::uint32_t>(state.range(1));
  job.plan = workload::default_plan(job.model, aipus);
  job.positions = 1024;
  workload::Pass pass;
  pass.position = job.positions - 1;
  job.stretches = {{{pass}, 1}};
  const workload::Machine machine{board.aipu.cores, board.aipu.hbm.capacity,
                                  board.aipu.sram.shared_size, board.simulation.real_hbm};
  std::vector<workload::Placement> places;
  for (std::uint32_t i = 0; i < aipus; ++i)
    places.push_back(place(job, machine, i));
  platform::Platform platform(board, platform::builtin_firmware(), {});
  for (std::uint32_t i = 0; i < aipus; ++i) {
    platform.load(i, job, places[i], lower(job, machine, places, i), {}, {1}, nullptr);
  }
  platform::Ending ending;
  for (auto _ : state)
    ending = platform.run();
  if (ending.code != ExitCode::kGood) state.SkipWithError(ending.report.c_str());
  std::uint64_t bytes = 0, instructions = 0;
  for (const auto& chip : platform.board().aipus) {
    bytes += chip->hbm->stats().bytes_read.value();
    for (const auto& core : chip->cores)
      instructions += core->hart.instructions();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["simulated_us"] = static_cast<double>(ending.elapsed_ps) * 1e-6;
  state.counters["hart_instructions"] = static_cast<double>(instructions);
}
BENCHMARK(decode)->ArgNames({"aipus", "layers"})->Args({1, AIPU_BENCH_LAYERS})->Iterations(1);

}  // namespace
}  // namespace aipu

BENCHMARK_MAIN();
