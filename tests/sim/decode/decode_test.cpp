// SPDX-License-Identifier: Apache-2.0
// Decode is bound by memory: how step time follows bandwidth, arrays and bytes (checks 1-5 of the
// closed forms). The program is run as a user runs it; every figure comes from its JSON.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/load/model_shape.h"

namespace aipu {
namespace {

using nlohmann::json;

constexpr double kHbmBandwidth = 64.0 * 64 / 8 * 3.6e9;  // bytes/s: 64 channels x 64 bit x 3.6 Gb/s
constexpr double kPeakBf16 = 32 * 1e9 * 16 * 16 * 16 * 2;  // FLOP/s of an AIPU

class DecodeTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("hc1000-decode-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  json run(const std::string& options) const {
    const std::string command = std::string(AIPU_PROGRAM) + " run --json --force -o " +
                                (folder_ / "run").string() + " " + options + " 2>/dev/null";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;)
      text.push_back(static_cast<char>(c));
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return json::parse(text);
  }
  static double step(const json& summary) { return summary.at("step_s").get<double>(); }

  std::filesystem::path folder_;
};

const std::string kBatch1 =
    "--model llama-3.1-8b --aipus 1 --phase decode --batch 1 --context 1024 ";

TEST_F(DecodeTest, BatchOneKeepsHbmBusyAndTheArraysIdle) {
  const json summary = run(kBatch1 + "--layers 2");

  const json& hbm = summary.at("stalls").at("hbm").at("percent");
  EXPECT_GT(hbm.at("busy").get<double>(), 85.0);
  EXPECT_LT(summary.at("mfu").get<double>(), 0.02);
  EXPECT_EQ(summary.at("bound").at("by"), "HBM data bus");
  const auto model = load::resolve_model("llama-3.1-8b");
  const double ideal =
      static_cast<double>(load::decode_bytes(model, 1, 1024, 2, 2).count) / kHbmBandwidth;
  EXPECT_GE(step(summary), ideal);
  EXPECT_LT(step(summary), ideal * 1.05);
}

TEST_F(DecodeTest, HalfTheDataRateDoublesBatchOne) {
  const double full = step(run(kBatch1 + "--layers 3 "));
  const double half = step(run(kBatch1 + "--layers 3 --set 'aipu.hbm.data_rate=1.8 Gb/s'"));

  EXPECT_NEAR(half / full, 2.0, 0.04);
}

TEST_F(DecodeTest, HalfTheStacksDoubleBatchOne) {
  const double full = step(run(kBatch1 + "--layers 3 "));
  const double half =
      step(run(kBatch1 + "--layers 3 --set aipu.hbm.stacks=2 --set 'aipu.hbm.capacity=32 GiB'"));

  EXPECT_NEAR(half / full, 2.0, 0.04);
}

TEST_F(DecodeTest, HalfTheArraysLeaveBatchOneAlone) {
  const double full = step(run(kBatch1 + "--layers 3 "));
  const double half = step(run(kBatch1 + "--layers 3 --set aipu.tensor.depth_16bit=8"));

  EXPECT_NEAR(half / full, 1.0, 0.02);
}

TEST_F(DecodeTest, ALongerWayThroughTheMeshLeavesBandwidthAlone) {
  const std::string options = kBatch1 + "--layers 3 ";
  const double near = step(run(options));
  const double far = step(run(options + "--set 'aipu.noc.hop_latency=6 cycles'"));

  EXPECT_NEAR(far / near, 1.0,
              0.02);  // requests are pipelined: latency is hidden, not paid by each
}

TEST_F(DecodeTest, HalfTheArraysSlowAPrefill) {
  const std::string prefill =
      "--model llama-3.1-8b --aipus 1 --phase prefill --batch 1 --context 256 --layers 1 ";
  const double full = step(run(prefill));
  const double half = step(run(prefill + "--set aipu.tensor.depth_16bit=8"));

  EXPECT_GT(half / full, 1.25);  // a pass of 128 rows is bound by arrays and SRAM traffic alike
}

TEST_F(DecodeTest, BytesAndFlopsAreTheClosedFormsPlusDocumentedPadding) {
  const auto model = load::resolve_model("llama-3.1-8b");
  for (const std::uint64_t batch : {1U, 8U}) {
    const json summary =
        run("--model llama-3.1-8b --aipus 1 --phase decode --context 512 --layers 1 --batch " +
            std::to_string(batch));
    const double flops = static_cast<double>(load::decode_flops_per_token(model, 512) * batch);
    const double bytes = static_cast<double>(load::decode_bytes(model, batch, 512, 2, 2).count);

    EXPECT_EQ(summary.at("flops").get<double>(), flops);
    // Norm weights a core, RoPE and embedding rows, the new K and V, launch entries: below 0.1 %.
    EXPECT_GT(summary.at("hbm_bytes").get<double>(), bytes);
    EXPECT_LT(summary.at("hbm_bytes").get<double>(), bytes * 1.001);
  }
}

TEST_F(DecodeTest, KvBytesAreLinearInTheContext) {
  const std::string options =
      "--model llama-3.1-8b --aipus 1 --phase decode --batch 4 --layers 1 --context ";
  const auto bytes = [&](int context) {
    return run(options + std::to_string(context)).at("hbm_bytes").get<double>();
  };
  const double b1 = bytes(256), b2 = bytes(512), b4 = bytes(1024);

  EXPECT_EQ(b4 - b2, 2 * (b2 - b1));
  const auto model = load::resolve_model("llama-3.1-8b");
  EXPECT_EQ(b2 - b1, static_cast<double>(load::kv_bytes(model, 256, 2).count) * 4);
}

TEST_F(DecodeTest, NoRunIsBelowItsRoofline) {
  for (const char* options :
       {"--aipus 1 --batch 16 --context 256", "--aipus 2 --batch 64 --context 128",
        "--aipus 8 --batch 4 --context 2048"}) {
    const json summary =
        run("--model llama-3.1-8b --phase decode --layers 1 " + std::string(options));
    const double aipus = summary.at("aipus").get<double>();
    EXPECT_GE(step(summary), summary.at("hbm_bytes").get<double>() / (aipus * kHbmBandwidth))
        << options;
    EXPECT_GE(step(summary), summary.at("flops").get<double>() / (aipus * kPeakBf16)) << options;
  }
}

TEST_F(DecodeTest, ExtrapolatedLayersAgreeWithAllOfThem) {
  const std::string config = (folder_ / "config.json").string();
  const json shape = {{"architectures", {"LlamaForCausalLM"}},
                      {"model_type", "llama"},
                      {"hidden_size", 2048},
                      {"intermediate_size", 8192},
                      {"num_hidden_layers", 16},
                      {"num_attention_heads", 32},
                      {"num_key_value_heads", 8},
                      {"vocab_size", 32000},
                      {"max_position_embeddings", 4096},
                      {"rms_norm_eps", 1e-5},
                      {"torch_dtype", "bfloat16"}};
  std::FILE* file = std::fopen(config.c_str(), "w");
  std::fputs(shape.dump().c_str(), file);
  std::fclose(file);
  const std::string options =
      "--model " + config + " --aipus 1 --phase decode --batch 4 --context 1024 ";

  const double some = step(run(options));
  const double all = step(run(options + "--all-layers"));
  EXPECT_NEAR(some / all, 1.0, 0.01);
}

}  // namespace
}  // namespace aipu
