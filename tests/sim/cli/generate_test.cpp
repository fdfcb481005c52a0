// SPDX-License-Identifier: Apache-2.0
// Models that were made up for the test, against a decoder on the host that shares no code.
#include <algorithm>
#include <filesystem>

#include "sim/load/tokenizer.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference_llama.h"

namespace aipu {
namespace {

using test::Outcome;
using test::TinyModelOptions;
using Words = std::vector<std::string>;
using Ids = std::vector<std::uint32_t>;

class CliGenerateTest : public test::ProgramTest {
 protected:
  Outcome generate(const std::string& prompt, std::uint32_t tokens, const Words& more) const {
    Words words{"generate", "model",   "--prompt", prompt, "--tokens", std::to_string(tokens),
                "--json",   "--force", "-o",       "out"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  /// What the host decoder says, cut after the first end of text.
  Ids expected(const std::string& prompt, std::uint32_t tokens) const {
    const auto config = load::read_model_config(file("model"));
    const auto tokenizer = load::read_tokenizer(file("model"));
    const Ids text = tokenizer->encode(prompt);
    Ids ids = test::ReferenceLlama(file("model")).greedy(*tokenizer->bos(), text, tokens);
    const auto end = std::find_if(ids.begin() + static_cast<std::ptrdiff_t>(text.size()), ids.end(),
                                  [&](std::uint32_t id) { return config.is_eos(id); });
    if (end != ids.end()) ids.erase(end + 1, ids.end());
    return ids;
  }

  void expect_agreement(const TinyModelOptions& model, const std::vector<Words>& plans) const {
    const std::string prompt = "a small test of many words";
    test::write_tiny_model(file("model"), model);
    const Ids ids = expected(prompt, 12);
    for (const Words& plan : plans) {
      const Outcome result = generate(prompt, 12, plan);
      ASSERT_EQ(result.code, 0) << result.err;
      EXPECT_EQ(result.json().at("ids").get<Ids>(), ids) << plan.back();
    }
  }
};

TEST_F(CliGenerateTest, AgreesWithTheHostWithUnevenFfn) {
  TinyModelOptions model;
  model.intermediate = 45;
  expect_agreement(model, {{"--aipus", "1"}, {"--aipus", "2"}, {"--aipus", "4"}});
}

TEST_F(CliGenerateTest, AgreesWithTheHostWithReplicatedKeyValueHeads) {
  TinyModelOptions model;
  model.query_heads = 8;
  model.kv_heads = 2;
  model.hidden = 64;
  expect_agreement(model, {{"--aipus", "8", "--plan", "tp=8"}, {"--aipus", "4"}});
}

TEST_F(CliGenerateTest, AgreesWithTheHostInStagesOfUnequalDepth) {
  TinyModelOptions model;
  model.layers = 3;
  expect_agreement(
      model, {{"--aipus", "2", "--plan", "tp=1,pp=2"}, {"--aipus", "6", "--plan", "tp=2,pp=3"}});
}

TEST_F(CliGenerateTest, AgreesWithTheHostForLargerHeadsAndTiedEmbeddings) {
  TinyModelOptions model;
  model.hidden = 96;
  model.query_heads = 6;
  model.kv_heads = 6;
  model.head_dim = 16;
  model.intermediate = 250;
  model.tied_embeddings = true;
  model.tokenizer = TinyModelOptions::Tokenizer::kByteLevel;
  expect_agreement(model, {{"--aipus", "3"}, {"--aipus", "6"}});
}

TEST_F(CliGenerateTest, AgreesWithTheHostForStoredHalvesInShards) {
  TinyModelOptions model;
  model.dtype = "F16";
  model.shards = 3;
  expect_agreement(model, {{"--aipus", "2"}});
}

TEST_F(CliGenerateTest, APromptLongerThanAPassGivesTheSameIds) {
  TinyModelOptions model;
  model.max_positions = 512;
  test::write_tiny_model(file("model"), model);
  std::string prompt;
  for (int i = 0; i < 110; ++i)
    prompt += "abc ";
  const Ids ids = expected(prompt, 4);
  ASSERT_GT(ids.size(), 256U);

  const Outcome result = generate(prompt, 4, {"--aipus", "2"});

  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json().at("ids").get<Ids>(), ids);
}

TEST_F(CliGenerateTest, TextIsPrintedAsItIsGenerated) {
  test::write_tiny_model(file("model"), {});
  const auto json = generate("hello", 5, {"--aipus", "1"}).json();
  const Outcome plain =
      run({"generate", "model", "--prompt", "hello", "--tokens", "5", "--aipus", "1"});

  EXPECT_EQ(plain.code, 0);
  EXPECT_EQ(plain.out.rfind(json.at("text").get<std::string>() + "\n", 0), 0U) << plain.out;
  EXPECT_NE(plain.out.find("tokens/s"), std::string::npos);
}

TEST_F(CliGenerateTest, JsonHoldsIdsAndTimes) {
  test::write_tiny_model(file("model"), {});
  const auto json = generate("hello", 5, {"--aipus", "1"}).json();
  const auto tokenizer = load::read_tokenizer(file("model"));

  EXPECT_GT(json.at("simulated_s").get<double>(), json.at("time_per_token_s").get<double>());
  EXPECT_GT(json.at("time_per_token_s").get<double>(), 0);
  const Ids ids = json.at("ids").get<Ids>(), prompt = tokenizer->encode("hello");
  EXPECT_TRUE(std::equal(prompt.begin(), prompt.end(), ids.begin()));
  EXPECT_LE(ids.size(), prompt.size() + 5);
}

TEST_F(CliGenerateTest, Bf16RunsToo) {
  test::write_tiny_model(file("model"), {});
  EXPECT_EQ(generate("hello", 3, {"--aipus", "2", "--dtype", "bf16"}).code, 0);
  EXPECT_EQ(generate("hello", 3, {"--aipus", "2", "--dtype", "fp8"}).code, 2);
}

TEST_F(CliGenerateTest, DamagedModelsAreRefusedBeforeAnythingIsWritten) {
  test::write_tiny_model(file("model"), {});
  const std::string weights = read("model/model.safetensors"), config = read("model/config.json");
  const auto refused = [&](int code, const std::string& part) {
    const Outcome result = generate("hello", 2, {"--aipus", "1"});
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_FALSE(exists("out"));
    test::write_file(file("model/model.safetensors"), weights);
    test::write_file(file("model/config.json"), config);
  };
  const auto edit = [&](const std::string& from, const std::string& to) {
    std::string text = config;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    test::write_file(file("model/config.json"), text.replace(at, from.size(), to));
  };

  test::write_file(file("model/model.safetensors"), weights.substr(0, weights.size() / 2));
  refused(4, "truncated");
  std::filesystem::remove(file("model/model.safetensors"));
  refused(4, "model.safetensors");
  edit("LlamaForCausalLM", "BertModel");
  refused(2, "BertModel");
  edit("\"intermediate_size\": 44", "\"intermediate_size\": 45");
  refused(2, "expected shape");
  std::string other = weights;
  other.replace(other.find("\"F32\""), 5, "\"I32\"");
  test::write_file(file("model/model.safetensors"), other);
  refused(2, "I32");
}

TEST_F(CliGenerateTest, AContextOverTheLimitIsRefused) {
  test::write_tiny_model(file("model"), {});
  const Outcome result = generate("hello", 128, {"--aipus", "1"});

  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("limited to 128 positions"), std::string::npos) << result.err;
}

TEST_F(CliGenerateTest, FirmwareThatDoesNotFitIsRefused) {
  test::write_tiny_model(file("model"), {});
  std::filesystem::create_directory(file("firmware"));
  test::write_file(file("firmware/core.elf"), test::read_file(AIPU_PROGRAM));
  test::write_file(file("firmware/control.elf"), "no ELF");

  const Outcome result = generate("hello", 2, {"--aipus", "1", "--firmware", "firmware"});
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("is not RISC-V"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace aipu
