// SPDX-License-Identifier: Apache-2.0
// Models of random shape, spread over AIPUs in a random way, must give the ids of the host
// reference: uneven columns, replicated heads, stages, formats of the file, prompts of one and of
// several passes.
#include <cstdio>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/reference_llama.h"
#include "tests/support/tiny_model.h"

namespace aipu {
namespace {

constexpr unsigned kTokens = 6;

/// What a seed stands for.
struct Case {
  test::TinyModelOptions model;
  std::uint32_t tp = 1, pp = 1;
  std::string prompt;
};

class Chooser {
 public:
  explicit Chooser(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(engine_() % n); }
  std::uint32_t of(std::initializer_list<std::uint32_t> list) {
    return *(list.begin() + below(list.size()));
  }

 private:
  std::mt19937 engine_;
};

Case make_case(std::uint32_t seed) {
  Chooser choose(seed);
  Case c;
  auto& m = c.model;
  m.seed = seed;
  m.layers = choose.of({1, 2, 3});
  m.head_dim = choose.of({4, 8, 16, 24, 64});
  m.kv_heads = choose.of({1, 2, 3, 4});
  m.query_heads = m.kv_heads * choose.of({1, 2, 3, 4});
  m.hidden = choose.of({20, 32, 48, 64, 100, 136});
  m.intermediate = choose.of({17, 44, 64, 129, 300});
  m.vocab = choose.of({384, 400, 513, 1000});
  m.max_positions = 400;
  m.tied_embeddings = choose.below(2) == 1;
  m.dtype = std::vector<std::string>{"F32", "BF16", "F16"}[choose.below(3)];
  std::vector<std::uint32_t> ranks;
  for (std::uint32_t tp = 1; tp <= 8; ++tp) {
    const bool heads = m.kv_heads % tp == 0 || tp % m.kv_heads == 0;
    if (m.query_heads % tp == 0 && heads) ranks.push_back(tp);
  }
  c.tp = ranks[choose.below(ranks.size())];
  c.pp = 1 + choose.below(std::min<std::size_t>(m.layers, 16 / c.tp));
  for (std::uint32_t n = choose.of({1, 5, 30, 90, 330}); n > 0; --n) {
    c.prompt += static_cast<char>('a' + choose.below(26));
  }
  return c;
}

std::vector<std::uint32_t> generate(const std::string& directory, const Case& c) {
  const std::string command = std::string(AIPU_PROGRAM) + " generate " + directory + " --prompt " +
                              c.prompt + " --tokens " + std::to_string(kTokens) + " --aipus " +
                              std::to_string(c.tp * c.pp) + " --plan tp=" + std::to_string(c.tp) +
                              ",pp=" + std::to_string(c.pp) + " --json -o " + directory +
                              "/run 2>&1 >" + directory + "/out.json";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string errors;
  for (int ch = 0; (ch = std::fgetc(pipe)) != EOF;)
    errors.push_back(static_cast<char>(ch));
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << errors;
  return nlohmann::json::parse(test::read_file(directory + "/out.json")).at("ids");
}

class RandomModelsTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomModelsTest, GivesTheIdsOfTheReference) {
  const Case c = make_case(GetParam());
  SCOPED_TRACE("tp=" + std::to_string(c.tp) + " pp=" + std::to_string(c.pp) + " " +
               test::tiny_config_json(c.model));
  const test::TempDir directory;
  write_tiny_model(directory.path(), c.model);

  const auto ids = generate(directory.path(), c);

  ASSERT_GT(ids.size(), kTokens);
  test::ReferenceLlama reference(directory.path());
  const std::vector<std::uint32_t> prompt(ids.begin(), ids.end() - kTokens);
  EXPECT_EQ(ids, reference.greedy(1, prompt, kTokens));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomModelsTest, testing::Range(1U, 17U));

}  // namespace
}  // namespace aipu
