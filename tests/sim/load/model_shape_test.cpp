// SPDX-License-Identifier: Apache-2.0
// Numbers from the published shape table and closed forms (reference/inference_facts.md B1 to B4).
#include "sim/load/model_shape.h"

#include <gtest/gtest.h>

namespace aipu::load {
namespace {

const ModelConfig k8b = *find_preset("llama-3.1-8b");
const ModelConfig k70b = *find_preset("llama-3.1-70b");

TEST(ModelShapeTest, Llama70bHasThePublishedWeights) {
  EXPECT_EQ(attention_weights_per_layer(k70b), 150'994'944U);  // 151.0 M
  EXPECT_EQ(mlp_weights_per_layer(k70b), 704'643'072U);        // 704.6 M
  EXPECT_EQ(parameters_total(k70b), 70'553'706'496U);          // 70.55 B
  EXPECT_NEAR(static_cast<double>(parameters_active(k70b)), 69.50e9, 0.005e9);
  EXPECT_NEAR(static_cast<double>(linear_flops_per_token(k70b)), 139.0e9, 0.05e9);
}

TEST(ModelShapeTest, SmallerModelsHaveThePublishedParameters) {
  EXPECT_EQ(parameters_total(k8b), 8'030'261'248U);
  EXPECT_EQ(parameters_total(*find_preset("llama-2-7b")), 6'738'415'616U);
  EXPECT_EQ(parameters_total(*find_preset("stories260k")), 260'032U);
}

TEST(ModelShapeTest, KvCacheIsLinearInContext) {
  EXPECT_EQ(kv_elements_per_token(k70b), 163'840U);
  EXPECT_EQ(kv_bytes(k70b, 1, 2), Bytes(327'680));
  EXPECT_EQ(kv_bytes(k8b, 1, 2), Bytes(131'072));
  EXPECT_EQ(kv_bytes(k70b, 4096, 1), Bytes(671'088'640));  // 0.671 GB
  EXPECT_EQ(kv_bytes(k70b, 8192, 1), kv_bytes(k70b, 4096, 1) * 2);
}

TEST(ModelShapeTest, AttentionCostsFourFlopsPerQueryElementAndPosition) {
  EXPECT_EQ(attention_flops_per_token(k70b, 1), 2'621'440U);  // 2.62 M
  EXPECT_EQ(decode_flops_per_token(k70b, 4096), linear_flops_per_token(k70b) + 4096 * 2'621'440ULL);
}

TEST(ModelShapeTest, DecodeMatchesTheWorkedRoofline) {
  // Tensor parallel over 8, 8-bit, context 4K: bytes and FLOPs per device.
  const auto bytes = [](std::uint64_t batch) {
    return static_cast<double>(decode_bytes(k70b, batch, 4096, 1, 1).count) / 8e9;
  };
  EXPECT_NEAR(bytes(1), 8.8, 0.05);
  EXPECT_NEAR(bytes(32), 11.4, 0.05);
  EXPECT_NEAR(bytes(128), 19.4, 0.05);
  const double flops = static_cast<double>(decode_flops_per_token(k70b, 4096)) / 8e9;
  EXPECT_NEAR(flops, 18.7, 0.05);
  EXPECT_NEAR(32 * flops, 599, 0.5);
}

TEST(ModelShapeTest, PrefillCountsEveryPositionOnceAndTheHeadOnce) {
  EXPECT_EQ(prefill_flops(k8b, 1), decode_flops_per_token(k8b, 1));
  const std::uint64_t head = 2 * weight_elements(k8b, WeightKind::kHead);
  EXPECT_EQ(prefill_flops(k8b, 3), decode_flops_per_token(k8b, 1) + decode_flops_per_token(k8b, 2) +
                                       decode_flops_per_token(k8b, 3) - 2 * head);
}

TEST(ModelShapeTest, TheTensorsAddUpToTheParameters) {
  for (const std::string& name : preset_names()) {
    const ModelConfig config = *find_preset(name);
    std::uint64_t sum = 0;
    for (const TensorSpec& spec : tensor_specs(config))
      sum += weight_elements(config, spec.kind);
    EXPECT_EQ(sum, parameters_total(config)) << name;
  }
}

TEST(ModelShapeTest, TensorsHaveTheNamesOfTheHub) {
  EXPECT_EQ(tensor_name(WeightKind::kEmbedding), "model.embed_tokens.weight");
  EXPECT_EQ(tensor_name(WeightKind::kDown, 3), "model.layers.3.mlp.down_proj.weight");
  EXPECT_EQ(tensor_specs(*find_preset("stories260k")).size(), 5U * 9 + 2);
  EXPECT_EQ(tensor_specs(k8b).size(), 32U * 9 + 3);
}

}  // namespace
}  // namespace aipu::load
