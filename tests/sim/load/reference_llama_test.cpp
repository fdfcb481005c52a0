// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference_llama.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/sim/load/support.h"
#include "tests/support/tiny_model.h"

namespace aipu::test {
namespace {

TEST(ReferenceLlamaTest, ReproducesEveryPublishedContinuation) {
  AIPU_NEEDS_REFERENCE();
  const auto expected =
      nlohmann::json::parse(read_file(reference_model() + "/expected_greedy.json"));
  ASSERT_EQ(expected.size(), 3U);
  ReferenceLlama llama(reference_model());
  for (const auto& run : expected) {
    const auto ids = run.at("ids_after_bos").get<std::vector<std::uint32_t>>();
    const std::vector<std::uint32_t> prompt(ids.begin(), ids.begin() + 3);
    const auto count = static_cast<std::uint32_t>(ids.size() - prompt.size());
    EXPECT_EQ(llama.greedy(1, prompt, count), ids) << run.at("prompt");
  }
}

TEST(ReferenceLlamaTest, ForwardAfterResetRepeatsItself) {
  const TempDir dir;
  write_tiny_model(dir.path(), {});
  ReferenceLlama llama(dir.path());
  const auto first = llama.forward(5);
  const auto second = llama.forward(5);
  EXPECT_EQ(first.size(), 384U);
  EXPECT_NE(first, second);
  llama.reset();
  EXPECT_EQ(llama.forward(5), first);
}

TEST(ReferenceLlamaTest, ShardsAndTiedHeadsGiveTheSameModel) {
  const TempDir dir;
  TinyModelOptions options;
  write_tiny_model(dir.file("one"), options);
  options.shards = 3;
  write_tiny_model(dir.file("three"), options);
  const auto one = ReferenceLlama(dir.file("one")).greedy(1, {40, 41}, 12);
  EXPECT_EQ(one, ReferenceLlama(dir.file("three")).greedy(1, {40, 41}, 12));
  EXPECT_EQ(one.size(), 14U);
  options.tied_embeddings = true;
  write_tiny_model(dir.file("tied"), options);
  EXPECT_EQ(ReferenceLlama(dir.file("tied")).forward(7).size(), 384U);
}

TEST(ReferenceLlamaTest, NarrowWeightsStayCloseToWideOnes) {
  const TempDir dir;
  TinyModelOptions options;
  write_tiny_model(dir.file("F32"), options);
  const auto wide = ReferenceLlama(dir.file("F32")).forward(9);
  for (const char* dtype : {"BF16", "F16"}) {
    options.dtype = dtype;
    write_tiny_model(dir.file(dtype), options);
    const auto narrow = ReferenceLlama(dir.file(dtype)).forward(9);
    for (std::size_t i = 0; i < wide.size(); ++i)
      EXPECT_NEAR(narrow[i], wide[i], 0.1) << dtype;
    EXPECT_NE(narrow, wide);
  }
}

}  // namespace
}  // namespace aipu::test
