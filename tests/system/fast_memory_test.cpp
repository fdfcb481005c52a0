// SPDX-License-Identifier: Apache-2.0
// Fast memory against exact, through whole chips: the same bytes, almost the same time.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sstream>

#include "sim/workload/jobs.h"
#include "tests/support/child.h"
#include "tests/system/model_run.h"

namespace aipu::test {
namespace {

constexpr double kMostError = 0.03;  // of time; architecture, "two fidelities of time"

struct Stream {
  const char* name;
  workload::Step step;
  std::uint32_t aipus = 1;
  friend void PrintTo(const Stream& s, std::ostream* out) { *out << s.name; }
};

struct Outcome {
  double elapsed = 0;  // ps
  std::uint64_t read = 0, written = 0;
};

/// A layer of Llama-3.1-8B and a small head.
load::ModelConfig layer_model() {
  load::ModelConfig model = *load::find_preset("llama-3.1-8b");
  model.layers = 1;
  model.vocab = 4096;
  return model;
}

/// "elapsed read written" of one step, timing-only.
std::string simulate(const Stream& stream, const std::string& memory) {
  const config::Board board = config::load(
      "hc1000_module", {fmt::format("aipus={}", stream.aipus), "simulation.memory=" + memory});
  const workload::Machine machine = machine_of(board);
  const load::ModelConfig model = layer_model();
  const workload::Plan plan = workload::default_plan(model, stream.aipus);
  const workload::Job job =
      workload::step_job(model, plan, workload::formats_of("bf16"), machine, stream.step);
  std::vector<workload::Placement> places;
  for (std::uint32_t i = 0; i < stream.aipus; ++i)
    places.push_back(workload::place(job, machine, i));
  platform::Platform platform(board, platform::builtin_firmware(), {});
  const std::vector<load::TokenId> prompt(job.sequences * job.positions, 1);
  const std::vector<load::TokenId> last(job.sequences, 1);
  for (std::uint32_t i = 0; i < stream.aipus; ++i) {
    platform.load(i, job, places[i], workload::lower(job, machine, places, i), prompt, last,
                  nullptr);
  }
  const platform::Ending ending = platform.run();
  if (ending.code != ExitCode::kGood) return ending.report;
  std::uint64_t read = 0, written = 0;
  for (const auto& chip : platform.board().aipus) {
    read += chip->hbm->stats().bytes_read.value();
    written += chip->hbm->stats().bytes_written.value();
  }
  return fmt::format("{} {} {}", ending.elapsed_ps, read, written);
}

Outcome outcome_of(const Stream& stream, const std::string& memory) {
  const ChildResult child = in_child([&] { return simulate(stream, memory); }, 110);
  Outcome outcome;
  std::istringstream in(child.output);
  in >> outcome.elapsed >> outcome.read >> outcome.written;
  EXPECT_TRUE(child.good && in) << child.output;
  return outcome;
}

class FastMemoryTest : public testing::TestWithParam<Stream> {};

TEST_P(FastMemoryTest, MovesTheSameBytesInTheTimeOfExact) {
  const Outcome exact = outcome_of(GetParam(), "exact"), fast = outcome_of(GetParam(), "fast");
  EXPECT_EQ(fast.read, exact.read);
  EXPECT_EQ(fast.written, exact.written);
  EXPECT_NEAR(fast.elapsed / exact.elapsed, 1.0, kMostError);
  RecordProperty("error_percent", fmt::format("{:.2f}", 100 * (fast.elapsed / exact.elapsed - 1)));
}

constexpr auto kDecode = workload::Phase::kDecode, kPrefill = workload::Phase::kPrefill;
INSTANTIATE_TEST_SUITE_P(Streams, FastMemoryTest,
                         testing::Values(Stream{"DecodeBatch1", {kDecode, 1, 1024}},
                                         Stream{"DecodeBatch8", {kDecode, 8, 1024}},
                                         Stream{"Prefill", {kPrefill, 1, 128}},
                                         Stream{"LongContext", {kDecode, 2, 32'768}}),
                         [](const auto& i) { return std::string(i.param.name); });

/// A functional run and a timing-only one, both fast: the same time to the picosecond.
TEST(FastMemoryModesTest, FunctionalAndTimingOnlyTakeTheSameTime) {
  ModelRun functional, timing;
  functional.settings = timing.settings = {"simulation.memory=fast"};
  functional.functional = true;
  const ChildResult a = in_child([&] { return run_and_dump(functional); });
  const ChildResult b = in_child([&] { return run_and_dump(timing); });
  EXPECT_TRUE(a.good && b.good);
  EXPECT_THAT(a.output, testing::StartsWith("code 0 "));
  EXPECT_EQ(difference(a.output, b.output), "");
}

TEST(FastMemoryModesTest, TwoRunsAreByteEqual) {
  ModelRun run;
  run.plan = {2, 1};
  run.settings = {"simulation.memory=fast"};
  const ChildResult a = in_child([&] { return run_and_dump(run); });
  const ChildResult b = in_child([&] { return run_and_dump(run); });
  EXPECT_TRUE(a.good && b.good);
  EXPECT_EQ(difference(a.output, b.output), "");
}

}  // namespace
}  // namespace aipu::test
