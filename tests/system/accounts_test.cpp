// SPDX-License-Identifier: Apache-2.0
// What a run says it did: time adds up, bytes and operations are those of the model, and nothing is
// faster than its roofline.
#include <gmock/gmock.h>
#include <numeric>

#include "sim/workload/cost.h"
#include "tests/support/systemc_test.h"
#include "tests/system/closed_forms.h"
#include "tests/system/model_run.h"

namespace aipu::test {
namespace {

struct Case {
  const char* name;
  workload::Plan plan;
  const char* format;
  std::uint32_t prompt, sequences, cores;
  std::uint32_t head_dim = 8;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class AccountsTest : public SystemCTest, public testing::WithParamInterface<Case> {
 protected:
  static ModelRun run_of(const Case& c) {
    ModelRun run;
    run.plan = c.plan;
    run.format = c.format;
    run.prompt = c.prompt;
    run.sequences = c.sequences;
    run.cores = c.cores;
    run.model.head_dim = c.head_dim;
    return run;
  }
  static std::uint64_t entries_of(const workload::Program& program) {
    std::uint64_t entries = 0;
    for (std::uint32_t i = 0; i < program.header.segments; ++i)
      entries += std::uint64_t{program.header.segment[i].count} * program.header.segment[i].repeat;
    return entries;
  }
  Expected expected(std::uint32_t aipu) const {
    return expected_of(run_.job(), run_.placements()[aipu], GetParam().cores,
                       entries_of(run_.programs()[aipu]));
  }
  std::uint64_t total(std::uint32_t aipu, const char* model, const char* counter) const {
    std::uint64_t sum = 0;
    for_each_model(*run_.platform().board().aipus[aipu], [&](const Model& m) {
      if (m.stat_group() == nullptr || std::string(m.basename()) != model) return;
      for (const Counter* c : m.stat_group()->counters())
        if (c->name() == std::string(counter)) sum += c->value();
    });
    return sum;
  }

  LoadedRun run_{run_of(GetParam())};
};

TEST_P(AccountsTest, TimeBytesAndOperationsAddUp) {
  const platform::Ending end = run_.run();
  ASSERT_EQ(end.code, ExitCode::kGood) << end.report;

  const std::uint64_t now = sc_core::sc_time_stamp().value();
  std::size_t accounts = 0;
  for_each_model(run_.platform().board(), [&](const Model& model) {
    const auto shares = model.time_shares(now);
    if (shares.empty()) return;
    ++accounts;
    std::uint64_t sum = 0;
    for (const TimeShare& share : shares)
      sum += share.picoseconds;
    EXPECT_EQ(sum, now * model.servers()) << model.name();
  });
  // A core has hart, SRAM and five engines (the control core three); an AIPU four more.
  const std::size_t aipus = GetParam().plan.aipus();
  EXPECT_EQ(accounts, aipus * (GetParam().cores * 7U + 5U + 4U) + 4U);

  const config::Chip& chip = run_.platform().config().aipu;
  const double seconds = static_cast<double>(end.elapsed_ps) * 1e-12;
  for (std::uint32_t aipu = 0; aipu < aipus; ++aipu) {
    const Expected e = expected(aipu);
    const workload::Cost cost = workload::job_cost(run_.job(), machine_of(run_.platform().config()),
                                                   run_.placements()[aipu], run_.programs()[aipu]);
    EXPECT_EQ(cost.flops, e.flops) << "what the report divides by";
    EXPECT_EQ(cost.bytes(), e.hbm_read + e.hbm_written);
    EXPECT_EQ(total(aipu, "tensor", "flops"), e.flops) << "aipu" << aipu;
    EXPECT_EQ(total(aipu, "hbm", "bytes_read"), e.hbm_read) << "aipu" << aipu;
    EXPECT_EQ(total(aipu, "hbm", "bytes_written"), e.hbm_written) << "aipu" << aipu;
    EXPECT_GE(seconds, static_cast<double>(e.hbm_read + e.hbm_written) /
                           static_cast<double>(hbm::peak_bytes_per_second(chip.hbm)));
    const double peak = 2.0 * chip.tensor.array_m * chip.tensor.array_n * chip.tensor.depth_8bit *
                        chip.cores * static_cast<double>(chip.clock.count);
    EXPECT_GE(seconds, static_cast<double>(e.flops) / peak);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Plans, AccountsTest,
    testing::Values(Case{"Tp1", {1, 1}, "fp32", 5, 1, 8}, Case{"Tp2", {2, 1}, "fp32", 5, 1, 8},
                    Case{"Tp4Bf16", {4, 1}, "bf16", 5, 1, 8}, Case{"Tp8", {8, 1}, "bf16", 3, 1, 4},
                    Case{"Pp2", {1, 2}, "fp32", 5, 1, 8}, Case{"Tp2Pp2", {2, 2}, "bf16", 7, 1, 4},
                    Case{"Batch4", {1, 1}, "bf16", 0, 4, 8},
                    Case{"Batch3Tp2", {2, 1}, "fp8", 0, 3, 8},
                    Case{"LongPrompt", {1, 1}, "fp8", 200, 1, 32},
                    Case{"WideHeads", {1, 1}, "fp32", 140, 1, 2, 128},
                    Case{"WideHeadsBf16", {2, 1}, "bf16", 140, 1, 2, 128}),
    [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace aipu::test
