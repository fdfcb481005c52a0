// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/plan.h"

#include <gmock/gmock.h>

#include "hw/base/error.h"

namespace aipu::test {
namespace {

using testing::HasSubstr;
using workload::Plan;

load::ModelConfig model(std::uint32_t heads, std::uint32_t kv_heads) {
  load::ModelConfig m = *load::find_preset("stories260k");
  m.query_heads = heads;
  m.kv_heads = kv_heads;
  return m;
}

/// The message of the UserError that `act` ends with.
template <typename Act>
std::string refusal(Act&& act) {
  try {
    act();
  } catch (const UserError& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    return e.what();
  }
  return "accepted";
}

TEST(ParsePlanTest, ReadsPartsInAnyOrderAndAPartNotGivenIsOne) {
  const auto parts = [](const std::string& text) {
    const Plan p = workload::parse_plan(text);
    return std::pair{p.tp, p.pp};
  };
  EXPECT_EQ(parts("tp=4,pp=2"), (std::pair{4U, 2U}));
  EXPECT_EQ(parts("pp=3"), (std::pair{1U, 3U}));
  EXPECT_EQ(parts("pp=2,tp=16"), (std::pair{16U, 2U}));
}

TEST(ParsePlanTest, NamesWhatIsWrong) {
  for (const std::string text : {"tp=0", "tp=-1", "tp=2x", "tp=", "tp=5000", "tp=99999999999"})
    EXPECT_THAT(refusal([&] { workload::parse_plan(text); }),
                testing::AllOf(HasSubstr("--plan " + text), HasSubstr("is no count of 1..4096")));
  for (const std::string text : {"", "tp", "dp=2", "tp=2,", "tp=2;pp=2", "TP=2"}) {
    const std::string message = refusal([&] { workload::parse_plan(text); });
    EXPECT_NE(message, "accepted") << text;
    EXPECT_THAT(message, HasSubstr("--plan " + text));
  }
  EXPECT_THAT(refusal([] { workload::parse_plan("tp=2,tp=4"); }), HasSubstr("'tp' is given twice"));
}

TEST(CheckPlanTest, HeadsMustDivideOrBeReplicated) {
  workload::check_plan(model(8, 4), {8, 1}, 8);  // two ranks to a key-value head
  workload::check_plan(model(8, 4), {4, 2}, 8);
  EXPECT_THAT(
      refusal([] {
        workload::check_plan(model(8, 4), {3, 1}, 3);
      }),
      HasSubstr("8 query and 4 key-value heads do not divide over 3 ranks; valid tp: 1, 2, 4, 8"));
  EXPECT_THAT(refusal([] {
                workload::check_plan(model(12, 3), {2, 1}, 2);
              }),
              HasSubstr("valid tp: 1, 3, 6, 12"));
  EXPECT_THAT(refusal([] {
                workload::check_plan(model(8, 4), {2, 2}, 8);
              }),
              HasSubstr("makes 4 AIPUs, but the run has 8"));
  EXPECT_THAT(refusal([] {
                workload::check_plan(model(8, 4), {1, 6}, 6);
              }),
              HasSubstr("6 stages for 5 layers; pp may be 1..5"));
}

TEST(DefaultPlanTest, TakesTheLargestTpThatTheHeadsAllow) {
  const auto plan = [](std::uint32_t aipus) {
    const Plan p = workload::default_plan(model(8, 4), aipus);
    return std::pair{p.tp, p.pp};
  };
  EXPECT_EQ(plan(1), (std::pair{1U, 1U}));
  EXPECT_EQ(plan(8), (std::pair{8U, 1U}));
  EXPECT_EQ(plan(16), (std::pair{8U, 2U}));
  EXPECT_EQ(plan(12), (std::pair{4U, 3U}));
  EXPECT_EQ(plan(5), (std::pair{1U, 5U}));
}

TEST(ShareTest, EvenSharesTileTheWholeAndDifferByOneAtMost) {
  for (const std::uint32_t total : {0U, 1U, 5U, 172U, 128256U, 4294967295U}) {
    for (const std::uint32_t parts : {1U, 3U, 8U, 16U, 31U}) {
      std::uint64_t next = 0;
      for (std::uint32_t i = 0; i < parts; ++i) {
        const workload::Share s = workload::even_share(total, i, parts);
        ASSERT_EQ(s.begin, next);
        ASSERT_LE(s.count, std::uint64_t{total} / parts + 1);
        ASSERT_GE(s.count, total / parts);
        next += s.count;
      }
      ASSERT_EQ(next, total);
    }
  }
}

TEST(ShareTest, SlicesAreEqualMultiplesAndTheLastHaveWhatIsLeft) {
  for (const std::uint32_t total : {4U, 64U, 100U, 288U, 4096U}) {
    for (const std::uint32_t parts : {1U, 3U, 8U, 16U}) {
      std::uint32_t next = 0;
      const std::uint32_t slice = workload::slice_share(total, 0, parts, 4).count;
      for (std::uint32_t i = 0; i < parts; ++i) {
        const workload::Share s = workload::slice_share(total, i, parts, 4);
        ASSERT_EQ(s.begin, std::min(total, i * workload::slice_share(total, 0, parts, 4).count));
        ASSERT_TRUE(s.count == slice || s.begin + s.count == total);
        ASSERT_TRUE(s.count == 0 || s.begin % 4 == 0);
        next += s.count;
      }
      ASSERT_EQ(next, total);
    }
  }
}

TEST(PartTest, RanksTogetherHaveEveryThingOnceAndReplicatedHeadsServeTheirQueries) {
  for (const Plan plan : {Plan{1, 1}, Plan{2, 1}, Plan{4, 2}, Plan{8, 2}}) {
    const load::ModelConfig m = model(8, 4);
    std::uint32_t ffn = 0, vocabulary = 0, columns = 0, layers = 0;
    for (std::uint32_t aipu = 0; aipu < plan.aipus(); ++aipu) {
      const workload::Part part = workload::part_of(m, plan, aipu);
      EXPECT_EQ(part.stage * plan.tp + part.rank, aipu);
      if (part.stage == 0)
        ffn += part.ffn.count, vocabulary += part.vocabulary.count, columns += part.columns.count;
      if (part.rank == 0) layers += part.layers.count;
      // Query head h reads key-value head h / (heads / kv heads), which must be here.
      for (std::uint32_t h = part.query_heads.begin;
           h < part.query_heads.begin + part.query_heads.count; ++h) {
        const std::uint32_t kv = h / 2;
        EXPECT_GE(kv, part.kv_heads.begin);
        EXPECT_LT(kv, part.kv_heads.begin + part.kv_heads.count);
      }
    }
    EXPECT_EQ(ffn, m.intermediate);
    EXPECT_EQ(vocabulary, m.vocab);
    EXPECT_EQ(columns, m.hidden);
    EXPECT_EQ(layers, m.layers);
  }
}

TEST(FormatsTest, NamesAreThoseOfTheCommandLine) {
  EXPECT_EQ(workload::formats_of("fp8").exchange, DType::kBf16);
  EXPECT_EQ(workload::formats_of("fp32").kv, DType::kF32);
  EXPECT_THAT(refusal([] { workload::formats_of("int4"); }), HasSubstr("one of fp32, bf16, fp8"));
}

}  // namespace
}  // namespace aipu::test
