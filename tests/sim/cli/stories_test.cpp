// SPDX-License-Identifier: Apache-2.0
// A real, trained model: exactly the ids of an independent implementation, on any number of AIPUs.
#include "sim/load/tokenizer.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference_data.h"

namespace aipu {
namespace {

const std::string kModel = test::reference_path("models/stories260K");

/// (AIPUs, number of the prompt).
class StoriesTest : public test::ProgramTest,
                    public testing::WithParamInterface<std::tuple<int, std::size_t>> {
 protected:
  void SetUp() override { AIPU_NEEDS_REFERENCE(); }
};

TEST_P(StoriesTest, GivesTheExpectedIds) {
  const auto [aipus, number] = GetParam();
  const auto expected =
      nlohmann::json::parse(test::read_file(kModel + "/expected_greedy.json")).at(number);
  const std::string prompt = expected.at("prompt");
  const auto ids = expected.at("ids_after_bos").get<std::vector<load::TokenId>>();
  const std::size_t tokens = ids.size() - load::read_tokenizer(kModel)->encode(prompt).size();
  std::vector<std::string> words{"generate", kModel,
                                 "--prompt", prompt,
                                 "--tokens", std::to_string(tokens),
                                 "--aipus",  std::to_string(aipus),
                                 "--json"};
  if (aipus == 16) words.insert(words.end(), {"--plan", "tp=8,pp=2"});

  const test::Outcome result = run(words);

  ASSERT_EQ(result.code, 0) << result.err;
  const auto json = result.json();
  EXPECT_EQ(json.at("ids").get<std::vector<load::TokenId>>(), ids);
  EXPECT_EQ(json.at("text"), expected.at("text"));
  EXPECT_EQ(json.at("cost").at("counted"), json.at("cost").at("expected"));
}

std::string name_of(const testing::TestParamInfo<StoriesTest::ParamType>& info) {
  return std::to_string(std::get<0>(info.param)) + "AipusPrompt" +
         std::to_string(std::get<1>(info.param));
}

#ifdef AIPU_LONG
const auto kAipus = testing::Values(8, 16);
#else
const auto kAipus = testing::Values(1, 2, 4);
#endif
INSTANTIATE_TEST_SUITE_P(Stories, StoriesTest,
                         testing::Combine(kAipus, testing::Values<std::size_t>(0, 1, 2)), name_of);

}  // namespace
}  // namespace aipu
