// SPDX-License-Identifier: Apache-2.0
#include "sim/load/safetensors.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "sim/load/model_shape.h"
#include "tests/sim/load/support.h"
#include "tests/support/tiny_model.h"

namespace aipu::load {
namespace {

using test::expect_user_error;
using test::RawTensor;
using test::TinyModelOptions;

class SafetensorsTest : public testing::Test {
 protected:
  std::string write(const std::vector<RawTensor>& tensors) {
    test::write_file(dir_.file("model.safetensors"), test::safetensors_bytes(tensors));
    return dir_.path();
  }
  // Writes the tiny model after a change to its tensors, and checks it against its config.
  template <typename Change>
  void check_after(Change change, TinyModelOptions options = {}) {
    auto tensors = test::tiny_tensors(options);
    change(tensors);
    write(tensors);
    check_llama_tensors(Safetensors::open(dir_.path()),
                        parse_model_config(test::tiny_config_json(options), "config.json"));
  }

  test::TempDir dir_;
};

TEST_F(SafetensorsTest, ReadsEveryTensorOfTheReferenceModel) {
  AIPU_NEEDS_REFERENCE();
  const Safetensors weights = Safetensors::open(test::reference_model());
  const ModelConfig config = read_model_config(test::reference_model());
  check_llama_tensors(weights, config);
  std::uint64_t elements = 0;
  for (const TensorSpec& spec : tensor_specs(config)) {
    const auto values = weights.read_f32(spec.name);
    elements += values.size();
    for (const float value : values)
      ASSERT_TRUE(std::isfinite(value));
  }
  EXPECT_EQ(elements, parameters_total(config));
}

TEST_F(SafetensorsTest, WidensEveryTypeExactly) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  // Exact in all three formats; the last two are the smallest normal and subnormal half.
  const std::vector<float> values{0.0F,  -0.0F,   1.0F,      -2.5F,    0.15625F,
                                  96.0F, -448.0F, kInfinity, 0x1p-14F, 0x1p-24F};
  for (const char* dtype : {"F32", "BF16", "F16"}) {
    write({{"x", dtype, {10}, test::encode_values(values, dtype)}});
    const Safetensors weights = Safetensors::open(dir_.path());
    EXPECT_EQ(weights.read_f32("x"), values) << dtype;
    EXPECT_TRUE(std::signbit(weights.read_f32("x")[1])) << dtype;
    EXPECT_STREQ(to_string(weights.view("x").dtype), dtype);
  }
  write({{"x", "F16", {1}, test::encode_values({std::nanf("")}, "F16")}});
  EXPECT_TRUE(std::isnan(Safetensors::open(dir_.path()).read_f32("x")[0]));
}

TEST_F(SafetensorsTest, ReadsRowsAndBlocks) {
  std::vector<float> values(12);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i);
  write({{"m", "BF16", {3, 4}, test::encode_values(values, "BF16")},
         {"v", "F32", {12}, test::encode_values(values, "F32")}});
  const Safetensors weights = Safetensors::open(dir_.file("model.safetensors"));
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"m", "v"}));
  EXPECT_EQ(weights.read_f32("m", {1, 2}), (std::vector<float>{4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(weights.read_f32("m", {1, 2}, {1, 2}), (std::vector<float>{5, 6, 9, 10}));
  EXPECT_EQ(weights.read_f32("m", {3, 0}, {4, 0}), std::vector<float>{});
  EXPECT_EQ(weights.read_f32("v", {10, 2}), (std::vector<float>{10, 11}));
}

TEST_F(SafetensorsTest, ShardsReadLikeOneFile) {
  TinyModelOptions options;
  test::write_tiny_model(dir_.file("one"), options);
  options.shards = 4;
  test::write_tiny_model(dir_.file("four"), options);
  const Safetensors one = Safetensors::open(dir_.file("one"));
  const Safetensors four = Safetensors::open(dir_.file("four"));
  ASSERT_EQ(one.names(), four.names());
  for (const std::string& name : one.names()) {
    EXPECT_EQ(one.read_f32(name), four.read_f32(name)) << name;
  }
}

TEST_F(SafetensorsTest, AnIndexThatLiesIsRefused) {
  TinyModelOptions options;
  options.shards = 2;
  test::write_tiny_model(dir_.path(), options);
  const std::string index_file = dir_.file("model.safetensors.index.json");
  const auto good = nlohmann::json::parse(test::read_file(index_file));
  const auto open_with = [&](const std::string& tensor, const nlohmann::json& shard) {
    nlohmann::json index = good;
    index["weight_map"][tensor] = shard;
    test::write_file(index_file, index.dump());
    Safetensors::open(dir_.path());
  };
  const std::string norm = "model.norm.weight";
  for (const char* path : {"../x.safetensors", "/etc/passwd", "a/b.safetensors", "..", ""}) {
    expect_user_error(ExitCode::kUsage, "must name a file beside the index",
                      [&] { open_with(norm, path); });
  }
  expect_user_error(ExitCode::kUsage, "must be a string", [&] { open_with(norm, 4); });
  expect_user_error(ExitCode::kIo, "gone.safetensors: cannot be read",
                    [&] { open_with(norm, "gone.safetensors"); });
  expect_user_error(ExitCode::kUsage, "is not in model-00001-of-00002.safetensors",
                    [&] { open_with("extra", "model-00001-of-00002.safetensors"); });
  test::write_file(index_file, "{\"weight_map\": {}}");
  expect_user_error(ExitCode::kUsage, "names no tensor", [&] { Safetensors::open(dir_.path()); });
  test::write_file(index_file, "{}");
  expect_user_error(ExitCode::kUsage, "weight_map: missing",
                    [&] { Safetensors::open(dir_.path()); });
  test::write_file(index_file, "{");
  expect_user_error(ExitCode::kUsage, "not valid JSON", [&] { Safetensors::open(dir_.path()); });
}

TEST_F(SafetensorsTest, ATensorInTwoShardsIsRefused) {
  const RawTensor x{"x", "F32", {1}, std::string(4, '\0')};
  const RawTensor y{"y", "F32", {1}, std::string(4, '\0')};
  test::write_file(dir_.file("a"), test::safetensors_bytes({x}));
  test::write_file(dir_.file("b"), test::safetensors_bytes({x, y}));
  test::write_file(dir_.file("model.safetensors.index.json"),
                   R"({"weight_map": {"x": "a", "y": "b"}})");
  expect_user_error(ExitCode::kUsage, "x: also in", [&] { Safetensors::open(dir_.path()); });
}

TEST_F(SafetensorsTest, ADirectoryWithoutWeightsIsAnInputOutputError) {
  expect_user_error(ExitCode::kIo, "holds neither model.safetensors nor",
                    [&] { Safetensors::open(dir_.path()); });
  expect_user_error(ExitCode::kIo, "cannot be read",
                    [&] { Safetensors::open(dir_.file("no.safetensors")); });
}

TEST_F(SafetensorsTest, TheTinyModelPassesInEveryForm) {
  for (const char* dtype : {"F32", "BF16", "F16"}) {
    for (const bool tied : {false, true}) {
      TinyModelOptions options;
      options.dtype = dtype;
      options.tied_embeddings = tied;
      check_after([](auto&) {}, options);
    }
  }
}

TEST_F(SafetensorsTest, WrongTensorsAreRefusedUpFront) {
  const auto expect_refused = [&](const std::string& part, auto change) {
    expect_user_error(ExitCode::kUsage, part, [&] { check_after(change); });
  };
  expect_refused("lm_head.weight: this tensor is missing", [](auto& t) { t.pop_back(); });
  expect_refused("model.layers.0.self_attn.q_proj.weight: expected shape [32, 32], found [16, 64]",
                 [](auto& t) {
                   t[2].shape = {16, 64};
                 });
  expect_refused("model.norm.weight: expected shape [32], found [32, 1]", [](auto& t) {
    t[t.size() - 2].shape = {32, 1};
  });
  expect_refused("model.embed_tokens.weight: expected type F32, BF16 or F16, found I32",
                 [](auto& t) { t[0].dtype = "I32"; });
  expect_refused("model.layers.2.mlp.up_proj.weight: unexpected tensor", [](auto& t) {
    t.push_back({"model.layers.2.mlp.up_proj.weight", "F32", {0}, ""});
  });
  expect_refused("model.layers.0.self_attn.q_proj.bias: unexpected tensor", [](auto& t) {
    t.push_back({"model.layers.0.self_attn.q_proj.bias", "F32", {0}, ""});
  });
}

TEST_F(SafetensorsTest, DerivedTensorsAndTheCopyOfATiedHeadAreAllowed) {
  check_after([](auto& t) {
    t.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", "F32", {1}, std::string(4, '\0')});
  });
  TinyModelOptions tied;
  tied.tied_embeddings = true;
  check_after([](auto& t) { t.push_back({"lm_head.weight", "F32", {0}, ""}); }, tied);
}

}  // namespace
}  // namespace aipu::load
