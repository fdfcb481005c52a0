// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/digest.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "hw/base/error.h"

namespace aipu::profile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

CoreCost core(const std::string& name, std::uint64_t cycles) {
  CoreCost one;
  one.name = name;
  one.hart.instructions = cycles;
  one.hart.cycles = cycles;
  one.hart.busy = cycles * 1000;
  one.hart.idle = 1'000'000 - one.hart.busy;
  one.hart.functions = {{"small", 10, 10, 0, 0, 0}, {"large", cycles - 10, cycles - 10, 0, 0, 0}};
  one.engines = {{"load", 2, 0, 64, 0, {{"idle", 900'000}, {"busy", 100'000}}}};
  one.overlap = {100'000, 60'000, 40'000, 200'000, 10'000};
  one.longest = {{0, 10'000, "large"}};
  one.regions = {{7, "exchange", 1, cycles, cycles, cycles, 0}};
  return one;
}

Result example() {
  Result result;
  result.elapsed = 1'000'000;
  result.clock_hz = 1'000'000'000;
  result.cores_on_board = 3;
  result.cores = {core("aipu0.core0", 100), core("aipu0.core1", 300), core("aipu0.control", 50)};
  result.cores[2].control = true;
  return result;
}

std::string text_of(const Digest& digest, std::size_t top = 10) {
  std::ostringstream out;
  print_digest(out, digest, top);
  return out.str();
}

TEST(DigestTest, AddsCoresOfOneClass) {
  const Digest all = digest(example(), "*");

  ASSERT_EQ(all.classes.size(), 2U);
  const ClassDigest& cores = all.classes[0];
  EXPECT_EQ(cores.harts, 2U);
  EXPECT_EQ(cores.hart.instructions, 400U);
  EXPECT_EQ(cores.hart.functions[0].name, "large");
  EXPECT_EQ(cores.hart.functions[0].cycles, 380U);
  EXPECT_EQ(cores.engines[0].commands, 4U);
  EXPECT_THAT(cores.engines[0].shares,
              ElementsAre(std::pair{"busy", 200'000U}, std::pair{"idle", 1'800'000U}));
  EXPECT_EQ(cores.overlap.together, 80'000U);
  EXPECT_EQ(cores.regions[0].count, 2U);
  EXPECT_EQ(cores.regions[0].least, 100U);
  EXPECT_EQ(cores.regions[0].most, 300U);
  EXPECT_EQ(all.classes[1].name, "control");
}

TEST(DigestTest, AGlobChoosesCores) {
  const Digest one = digest(example(), "aipu0.core1");
  ASSERT_EQ(one.classes.size(), 1U);
  EXPECT_EQ(one.classes[0].hart.cycles, 300U);
  EXPECT_THROW(digest(example(), "aipu1.*"), ConfigError);
}

TEST(DigestTest, SharesArePartsOfTheTimeOfAllItsHarts) {
  const std::string text = text_of(digest(example(), "aipu0.core*"));
  EXPECT_THAT(text, HasSubstr("busy 20.00 %"));                             // 400 of 2 x 1000 ns
  EXPECT_THAT(text, HasSubstr("together 4.00 % of the time: 66.67 % of"));  // 80 of 120 ns
  EXPECT_THAT(text, HasSubstr("Hart-bound: 1.00 %"));
}

TEST(DigestTest, PhasesThatCoresHaveInCommonAreOneLine) {
  const Digest all = digest(example(), "aipu0.core*");
  ASSERT_EQ(all.classes[0].phases.size(), 1U);
  EXPECT_EQ(all.classes[0].phases[0].cores, 2U);
  EXPECT_THAT(text_of(all), HasSubstr("aipu0.core0 and 1 more"));
}

TEST(DigestTest, TopCutsListsAndSaysSo) {
  const std::string text = text_of(digest(example(), "aipu0.core*"), 1);
  EXPECT_THAT(text, HasSubstr("large"));
  EXPECT_THAT(text, Not(HasSubstr("small")));
  EXPECT_THAT(text, HasSubstr("and 1 more (--top)"));
}

TEST(DigestTest, SaysWhatWasDropped) {
  Result result = example();
  EXPECT_THAT(text_of(digest(result, "*")), Not(HasSubstr("Note")));
  result.dropped = 17;
  result.dropped_from = 400'000;
  result.limit = 5;
  EXPECT_THAT(text_of(digest(result, "*")),
              HasSubstr("Note: 17 single commands, slices and marks from 400.0 ns on"));
}

TEST(DigestTest, JsonHoldsTheSameSums) {
  const auto json = nlohmann::json::parse(digest_json(digest(example(), "*"), 1));
  EXPECT_EQ(json["classes"][0]["hart"]["instructions"], 400);
  EXPECT_EQ(json["classes"][0]["hart"]["functions"].size(), 1U);
  EXPECT_EQ(json["classes"][0]["overlap_by_core"][1]["core"], "aipu0.core1");
  EXPECT_EQ(json["classes"][1]["engines"][0]["shares_ps"]["busy"], 100'000);
}

}  // namespace
}  // namespace aipu::profile
