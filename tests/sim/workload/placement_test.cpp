// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/placement.h"

#include <algorithm>
#include <gmock/gmock.h>

#include "hw/base/error.h"
#include "sim/workload/jobs.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using workload::Job;
using workload::Machine;
using workload::Placement;

Machine machine() {
  Machine m;
  m.hbm = 64_GiB;
  m.shared = 64_MiB;
  m.real_hbm = 256_MiB;
  return m;
}

Job decode(const char* model, workload::Plan plan, std::uint32_t batch, std::uint32_t context) {
  return workload::step_job(*load::find_preset(model), plan, workload::formats_of("bf16"),
                            machine(), {workload::Phase::kDecode, batch, context});
}

std::string refusal(const Job& job, const Machine& m) {
  try {
    workload::place(job, m, 0);
  } catch (const UserError& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    return e.what();
  }
  return "accepted";
}

struct Region {
  const char* name;
  std::uint64_t begin, bytes;
};

void expect_apart(std::vector<Region> regions, std::uint64_t end) {
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.begin < b.begin; });
  for (std::size_t i = 0; i + 1 < regions.size(); ++i)
    EXPECT_LE(regions[i].begin + regions[i].bytes, regions[i + 1].begin)
        << regions[i].name << " runs into " << regions[i + 1].name;
  EXPECT_LE(regions.back().begin + regions.back().bytes, end) << regions.back().name;
}

TEST(PlacementTest, NothingLiesOnAnythingElse) {
  for (const workload::Plan plan :
       {workload::Plan{1, 1}, workload::Plan{8, 1}, workload::Plan{4, 2}}) {
    const Job job = decode("llama-3.1-8b", plan, 8, 1000);
    const auto& m = job.model;
    for (std::uint32_t aipu = 0; aipu < plan.aipus(); ++aipu) {
      const Placement p = workload::place(job, machine(), aipu);
      std::vector<Region> hbm{{"prompt", p.prompt, 4ULL * job.positions * job.sequences},
                              {"ids", p.ids, 4ULL * job.sequences},
                              {"rope", p.rope, 4ULL * job.positions * m.head_dim},
                              {"norms", p.norms, (2ULL * p.part.layers.count + 1) * m.hidden * 4},
                              {"cache", p.cache, 2ULL * p.part.layers.count * p.cache_bytes}};
      if (p.part.first_stage())
        hbm.push_back({"embedding", p.embedding, 2ULL * m.vocab * m.hidden});
      if (p.part.stage + 1 == plan.pp) hbm.push_back({"head", p.head, p.gemms.head.bytes()});
      for (std::uint32_t l = 0; l < p.part.layers.count; ++l)
        hbm.push_back(
            {"layer", p.layers[l], p.down_weights(l) + p.gemms.down.bytes() - p.layers[l]});
      expect_apart(hbm, p.hbm_end);
      EXPECT_LE(p.rope + 4ULL * job.positions * m.head_dim, machine().real_hbm.count)
          << "tables have bytes in every mode";

      const std::uint64_t rows = job.most_rows, q = 2ULL * p.part.query_heads.count * m.head_dim;
      expect_apart(
          {{"x", p.x, rows * m.hidden * 4},
           {"delta", p.delta, rows * m.hidden * 2},
           {"y", p.y, rows * m.hidden * 2},
           {"qkv", p.qkv,
            rows * (p.part.query_heads.count + 2 * p.part.kv_heads.count) * m.head_dim * 4},
           {"q", p.q, rows * q},
           {"attention", p.attention, rows * q},
           {"hidden", p.hidden, rows * p.part.ffn.count * 2},
           {"inbox", p.inbox, plan.tp * rows * p.part.slice * 2},
           {"candidates", p.candidates, 32 * rows * 8},
           {"gathered", p.gathered, plan.tp * rows * 8}},
          p.shared_end);
    }
  }
}

TEST(PlacementTest, ACacheThatIsTooLargeSaysByHowMuchAndWhatFits) {
  const Job job = decode("llama-3.1-8b", {1, 1}, 64, 8192);
  const std::string message = refusal(job, machine());
  // 64 x 8192 positions x 32 layers x 2 x 8 heads x 128 x 2 bytes = 64 GiB, beside 16 GB of
  // weights.
  EXPECT_THAT(message,
              HasSubstr("the KV cache of 64 sequences x 8192 positions needs 68719476736 bytes"));
  EXPECT_THAT(message, ContainsRegex("[0-9]+ more than the 68719476736 bytes of HBM of an AIPU"));
  EXPECT_THAT(
      message,
      ContainsRegex("[1-9][0-9]* sequences of 8192 positions or 64 sequences of [1-9][0-9]*"));

  // What it says would fit does, and one more does not.
  const auto at = message.find("AIPU; ") + 6;
  const auto sequences = static_cast<std::uint32_t>(std::stoul(message.substr(at)));
  EXPECT_EQ(refusal(decode("llama-3.1-8b", {1, 1}, sequences, 8192), machine()), "accepted");
  EXPECT_NE(refusal(decode("llama-3.1-8b", {1, 1}, sequences + 1, 8192), machine()), "accepted");
  const auto of = message.find(" or 64 sequences of ") + 20;
  const auto positions = static_cast<std::uint32_t>(std::stoul(message.substr(of)));
  EXPECT_EQ(refusal(decode("llama-3.1-8b", {1, 1}, 64, positions), machine()), "accepted");
  EXPECT_NE(refusal(decode("llama-3.1-8b", {1, 1}, 64, positions + 8), machine()), "accepted");
}

TEST(PlacementTest, WeightsThatAreTooLargeSaySo) {
  const std::string message = refusal(decode("llama-3.1-70b", {1, 1}, 1, 128), machine());
  EXPECT_THAT(message, ContainsRegex("the weights need 14[0-9]+ bytes of the 68719476736 bytes"));
  EXPECT_THAT(message, HasSubstr("use more AIPUs or a smaller format"));
}

TEST(PlacementTest, TooManyRowsForTheSharedSramSaySo) {
  const std::string message = refusal(decode("llama-3.1-70b", {16, 1}, 5000, 16), machine());
  EXPECT_THAT(message, HasSubstr("5000 rows in one pass need"));
  EXPECT_THAT(message, HasSubstr("a smaller batch fits"));
}

TEST(PlacementTest, TablesThatExceedTheRealPartOfHbmSaySo) {
  Machine m = machine();
  m.real_hbm = 4_MiB;
  EXPECT_THAT(refusal(decode("llama-3.1-8b", {1, 1}, 1, 128), m),
              HasSubstr("simulation.real_hbm is 4194304"));
}

}  // namespace
}  // namespace aipu::test
