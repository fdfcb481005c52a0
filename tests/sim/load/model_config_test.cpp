// SPDX-License-Identifier: Apache-2.0
#include "sim/load/model_config.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/sim/load/support.h"
#include "tests/support/tiny_model.h"

namespace aipu::load {
namespace {

using nlohmann::json;
using test::expect_user_error;

json minimal() {
  return {{"architectures", {"LlamaForCausalLM"}},
          {"hidden_size", 64},
          {"intermediate_size", 172},
          {"num_hidden_layers", 5},
          {"vocab_size", 512},
          {"num_attention_heads", 8}};
}

ModelConfig parse(const json& config) {
  return parse_model_config(config.dump(), "config.json");
}

// The minimal config with one key changed must be refused with this text and exit code 2.
void expect_refused(const std::string& key, const json& value, const std::string& part) {
  json config = minimal();
  config[key] = value;
  expect_user_error(ExitCode::kUsage, part, [&] { parse(config); });
}

TEST(ModelConfigTest, AbsentKeysTakeTheDefaultsOfTheHub) {
  const ModelConfig config = parse(minimal());
  EXPECT_EQ(config.kv_heads, 8U);
  EXPECT_EQ(config.head_dim, 8U);
  EXPECT_EQ(config.max_positions, 2048U);
  EXPECT_EQ(config.rms_eps, 1e-6);
  EXPECT_EQ(config.rope_theta, 10000.0);
  EXPECT_EQ(config.rope_scaling.kind, RopeScaling::Kind::kNone);
  EXPECT_FALSE(config.tied_embeddings);
  EXPECT_EQ(config.bos_id, 1U);
  EXPECT_EQ(config.eos_ids, std::vector<TokenId>{2});
  EXPECT_EQ(config.dtype, StoredType::kF32);
}

TEST(ModelConfigTest, ReadsTheReferenceModel) {
  AIPU_NEEDS_REFERENCE();
  const ModelConfig config = read_model_config(test::reference_model());
  const ModelConfig preset = *find_preset("stories260k");
  EXPECT_EQ(config.name, "stories260K");
  EXPECT_EQ(config.layers, preset.layers);
  EXPECT_EQ(config.kv_width(), 32U);
  EXPECT_EQ(config.intermediate, preset.intermediate);
  EXPECT_EQ(config.vocab, preset.vocab);
  EXPECT_TRUE(config.tied_embeddings);
}

TEST(ModelConfigTest, PresetsEqualThePublishedConfigs) {
  AIPU_NEEDS_REFERENCE();
  const std::string folder = test::reference_path("workloads/model_configs/");
  for (const auto& [name, file] :
       {std::pair<std::string, std::string>{"llama-3.1-8b", "meta-llama--Meta-Llama-3.1-8B.json"},
        {"llama-3.1-70b", "meta-llama--Meta-Llama-3.1-70B.json"}}) {
    const ModelConfig config = read_model_config(folder + file);
    const ModelConfig preset = *find_preset(name);
    EXPECT_EQ(config.layers, preset.layers);
    EXPECT_EQ(config.hidden, preset.hidden);
    EXPECT_EQ(config.intermediate, preset.intermediate);
    EXPECT_EQ(config.query_heads, preset.query_heads);
    EXPECT_EQ(config.kv_heads, preset.kv_heads);
    EXPECT_EQ(config.head_dim, preset.head_dim);
    EXPECT_EQ(config.vocab, preset.vocab);
    EXPECT_EQ(config.max_positions, preset.max_positions);
    EXPECT_EQ(config.rms_eps, preset.rms_eps);
    EXPECT_EQ(config.bos_id, preset.bos_id);
    EXPECT_EQ(config.eos_ids, preset.eos_ids);
    EXPECT_EQ(config.dtype, preset.dtype);
    EXPECT_EQ(rope_frequencies(config), rope_frequencies(preset));
  }
}

TEST(ModelConfigTest, OtherArchitecturesAreRefusedByName) {
  expect_refused("architectures", {"Qwen3MoeForCausalLM"},
                 "\"Qwen3MoeForCausalLM\" is not supported; supported: LlamaForCausalLM, "
                 "MistralForCausalLM");
  expect_refused("architectures", json::array(), "architectures: must be a list of names");
  expect_refused("architectures", 3, "architectures: must be a list of names");
}

TEST(ModelConfigTest, MistralNeedsAWindowThatNeverCuts) {
  json config = minimal();
  config["architectures"] = {"MistralForCausalLM"};
  config["max_position_embeddings"] = 4096;
  EXPECT_EQ(parse(config).kv_heads, 8U);
  config["sliding_window"] = 2048;
  expect_user_error(ExitCode::kUsage,
                    "sliding_window: 2048 is below max_position_embeddings = 4096",
                    [&] { parse(config); });
  config["max_position_embeddings"] = 32768;
  config["sliding_window"] = nullptr;
  EXPECT_EQ(parse(config).max_positions, 32768U);
}

TEST(ModelConfigTest, EndTokensMayBeOneOrAListOrNone) {
  json config = minimal();
  config["eos_token_id"] = {2, 7};
  EXPECT_TRUE(parse(config).is_eos(7));
  EXPECT_FALSE(parse(config).is_eos(3));
  config["eos_token_id"] = nullptr;
  config["bos_token_id"] = nullptr;
  EXPECT_TRUE(parse(config).eos_ids.empty());
  EXPECT_FALSE(parse(config).bos_id.has_value());
  expect_refused("eos_token_id", 512, "eos_token_id: must be a token id below vocab_size = 512");
  expect_refused("bos_token_id", -1, "bos_token_id: must be a token id");
}

TEST(ModelConfigTest, EveryMistakeNamesItsKey) {
  for (const char* key : {"hidden_size", "intermediate_size", "num_hidden_layers", "vocab_size",
                          "num_attention_heads"}) {
    json config = minimal();
    config.erase(key);
    expect_user_error(ExitCode::kUsage, std::string("config.json: ") + key + ": missing",
                      [&] { parse(config); });
    expect_refused(key, 0, std::string(key) + ": must be an integer from 1");
    expect_refused(key, "many", std::string(key) + ": must be an integer from 1");
    expect_refused(key, 1.5, std::string(key) + ": must be an integer from 1");
    expect_refused(key, 99'999'999'999ULL, std::string(key) + ": must be an integer from 1");
  }
  expect_refused("num_key_value_heads", 3, "3 does not divide num_attention_heads = 8");
  expect_refused("num_attention_heads", 7, "7 does not divide hidden_size = 64");
  expect_refused("head_dim", 7, "head_dim: must be even");
  expect_refused("rms_norm_eps", "1e-5", "rms_norm_eps: must be a number");
  expect_refused("tie_word_embeddings", 1, "tie_word_embeddings: must be true or false");
  expect_refused("torch_dtype", "int8", "torch_dtype: \"int8\" is not supported");
}

TEST(ModelConfigTest, WhatIsNotModelledIsRefused) {
  expect_refused("attention_bias", true, "attention_bias: biases are not supported");
  expect_refused("mlp_bias", true, "mlp_bias: biases are not supported");
  expect_refused("hidden_act", "gelu", "hidden_act: \"gelu\" is not supported");
  expect_refused("quantization_config", json::object(), "quantization_config: quantised");
  expect_refused("partial_rotary_factor", 0.5, "partial_rotary_factor: only 1 is supported");
  expect_refused("rope_scaling", {{"rope_type", "longrope"}, {"factor", 4.0}},
                 "rope_scaling.rope_type: \"longrope\" is not supported; supported: default, "
                 "linear, llama3, yarn");
}

TEST(ModelConfigTest, ReadsBothSpellingsOfRotaryScaling) {
  json config = minimal();
  config["rope_scaling"] = {{"type", "linear"}, {"factor", 2.0}};
  EXPECT_EQ(parse(config).rope_scaling.kind, RopeScaling::Kind::kLinear);
  config.erase("rope_scaling");
  config["rope_parameters"] = {
      {"rope_type", "llama3"},  {"factor", 8.0},
      {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0},
      {"rope_theta", 500000.0}, {"original_max_position_embeddings", 8192}};
  EXPECT_EQ(parse(config).rope_scaling.kind, RopeScaling::Kind::kLlama3);
  EXPECT_EQ(parse(config).rope_theta, 500000.0);
  expect_refused("rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}},
                 "rope_scaling.low_freq_factor: missing");
  expect_refused("rope_scaling", 4, "rope_scaling: must be a JSON object");
}

json yarn() {
  return {{"type", "yarn"}, {"factor", 40.0}, {"original_max_position_embeddings", 4096}};
}

TEST(ModelConfigTest, ReadsYarnAndItsAttentionFactor) {
  json config = minimal();
  config["rope_scaling"] = yarn();
  const RopeScaling plain = parse(config).rope_scaling;
  EXPECT_EQ(plain.kind, RopeScaling::Kind::kYarn);
  EXPECT_EQ(plain.beta_fast, 32.0);
  EXPECT_EQ(plain.beta_slow, 1.0);
  EXPECT_DOUBLE_EQ(plain.attention_factor, 0.1 * std::log(40.0) + 1.0);
  config["rope_scaling"]["mscale"] = 1.0;
  config["rope_scaling"]["mscale_all_dim"] = 0.5;
  EXPECT_DOUBLE_EQ(parse(config).rope_scaling.attention_factor,
                   (0.1 * std::log(40.0) + 1.0) / (0.05 * std::log(40.0) + 1.0));
  config["rope_scaling"]["attention_factor"] = 1.25;
  EXPECT_EQ(parse(config).rope_scaling.attention_factor, 1.25);
  json bad = yarn();
  bad["beta_slow"] = 50;
  expect_refused("rope_scaling", bad, "rope_scaling.beta_fast: must be above beta_slow = 50");
  bad = yarn();
  bad.erase("original_max_position_embeddings");
  expect_refused("rope_scaling", bad, "rope_scaling.original_max_position_embeddings: missing");
}

TEST(ModelConfigTest, YarnKeepsFastPairsAndStretchesSlowOnes) {
  // Heads of 64, theta 10000, 4096 positions: pair i turns 4096 / (2 pi) 10000^(-i/32) times; 32
  // turns lie at pair 10.47, one at 22.51, so pairs 10..23 are blended.
  ModelConfig config = parse(minimal());
  config.head_dim = 64;
  config.rope_theta = 10000.0;
  const auto plain = rope_frequencies(config);
  config.rope_scaling.kind = RopeScaling::Kind::kYarn;
  config.rope_scaling.factor = 40.0;
  config.rope_scaling.original_max_positions = 4096;
  const auto scaled = rope_frequencies(config);
  ASSERT_EQ(scaled.size(), 32U);
  for (std::size_t i = 0; i <= 10; ++i)
    EXPECT_FLOAT_EQ(scaled[i], plain[i]) << i;
  for (std::size_t i = 23; i < 32; ++i)
    EXPECT_FLOAT_EQ(scaled[i], plain[i] / 40.0F) << i;
  for (std::size_t i = 11; i < 23; ++i) {
    const double part = static_cast<double>(i - 10) / 13.0;
    EXPECT_NEAR(scaled[i] / plain[i], 1.0 - part * (1.0 - 1.0 / 40.0), 1e-6) << i;
  }
}

TEST(ModelConfigTest, RotaryFrequenciesFollowTheScaling) {
  ModelConfig config = parse(minimal());
  const auto plain = rope_frequencies(config);
  ASSERT_EQ(plain.size(), 4U);
  EXPECT_FLOAT_EQ(plain[0], 1.0F);
  EXPECT_FLOAT_EQ(plain[2], 0.01F);
  config.rope_scaling = {RopeScaling::Kind::kLinear, 4.0, 1.0, 4.0, 8192};
  EXPECT_FLOAT_EQ(rope_frequencies(config)[2], 0.0025F);
  // Turns within 1000 positions: 159, 15.9, 1.59 and 0.159: kept, kept, blended, stretched.
  config.rope_scaling = {RopeScaling::Kind::kLlama3, 8.0, 1.0, 4.0, 1000};
  const auto scaled = rope_frequencies(config);
  EXPECT_FLOAT_EQ(scaled[0], plain[0]);
  EXPECT_FLOAT_EQ(scaled[1], plain[1]);
  const double keep = (1000.0 * 0.01 / (2.0 * std::acos(-1.0)) - 1.0) / 3.0;
  EXPECT_FLOAT_EQ(scaled[2], static_cast<float>(0.01 * (keep + (1.0 - keep) / 8.0)));
  EXPECT_FLOAT_EQ(scaled[3], plain[3] / 8.0F);
}

TEST(ModelConfigTest, SyntaxErrorsSayWhere) {
  expect_user_error(ExitCode::kUsage, "dir/config.json:3:7: not valid JSON (byte ",
                    [] { parse_model_config("{\n \"a\": 1,\n \"b\": }\n", "dir/config.json"); });
  expect_user_error(ExitCode::kUsage, "not valid JSON", [] { parse_model_config("", "c"); });
  expect_user_error(ExitCode::kUsage, "must be a JSON object",
                    [] { parse_model_config("[1]", "c"); });
  expect_user_error(ExitCode::kUsage, "", [] { parse_model_config("{\"a\": 1e999}", "c"); });
  expect_user_error(ExitCode::kUsage, "", [] {
    parse_model_config(R"({"architectures": )" + std::string(200'000, '['), "c");
  });
}

TEST(ModelConfigTest, AMissingFileIsAnInputOutputError) {
  const test::TempDir dir;
  expect_user_error(ExitCode::kIo, "config.json", [&] { read_model_config(dir.path()); });
  expect_user_error(ExitCode::kIo, "llama-3.1-8b", [&] { resolve_model("llama-9"); });
  EXPECT_EQ(resolve_model("llama-3.1-70b").layers, 80U);
}

TEST(ModelConfigTest, DamagedTextNeverCrashes) {
  const std::string good = test::tiny_config_json({});
  EXPECT_TRUE(test::accepts([&] { parse_model_config(good, "c"); }));
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good.substr(0, random() % 4 == 0 ? random() % good.size() : good.size());
    for (int flips = 0; flips < 3 && !bad.empty(); ++flips) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    test::accepts([&] { parse_model_config(bad, "c"); });
  }
}

}  // namespace
}  // namespace aipu::load
