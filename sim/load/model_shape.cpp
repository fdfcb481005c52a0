// SPDX-License-Identifier: Apache-2.0
#include "sim/load/model_shape.h"

#include <array>
#include <fmt/format.h>
#include <functional>
#include <numeric>

#include "hw/base/assert.h"

namespace aipu::load {

namespace {

struct KindRow {
  WeightKind kind;
  bool per_layer;
  const char* name;  // after "model.layers.<n>." where it exists per layer
};

constexpr std::array<KindRow, 12> kKinds{{
    {WeightKind::kEmbedding, false, "model.embed_tokens.weight"},
    {WeightKind::kInputNorm, true, "input_layernorm.weight"},
    {WeightKind::kQuery, true, "self_attn.q_proj.weight"},
    {WeightKind::kKey, true, "self_attn.k_proj.weight"},
    {WeightKind::kValue, true, "self_attn.v_proj.weight"},
    {WeightKind::kOutput, true, "self_attn.o_proj.weight"},
    {WeightKind::kPostNorm, true, "post_attention_layernorm.weight"},
    {WeightKind::kGate, true, "mlp.gate_proj.weight"},
    {WeightKind::kUp, true, "mlp.up_proj.weight"},
    {WeightKind::kDown, true, "mlp.down_proj.weight"},
    {WeightKind::kFinalNorm, false, "model.norm.weight"},
    {WeightKind::kHead, false, "lm_head.weight"},
}};

}  // namespace

std::string tensor_name(WeightKind kind, std::uint32_t layer) {
  const KindRow& row = kKinds.at(static_cast<std::size_t>(kind));
  AIPU_ASSERT(row.kind == kind, "table of weight kinds is out of order at {}", row.name);
  return row.per_layer ? fmt::format("model.layers.{}.{}", layer, row.name) : row.name;
}

std::vector<std::uint64_t> tensor_shape(const ModelConfig& config, WeightKind kind) {
  switch (kind) {
    case WeightKind::kEmbedding:
    case WeightKind::kHead:
      return {config.vocab, config.hidden};
    case WeightKind::kInputNorm:
    case WeightKind::kPostNorm:
    case WeightKind::kFinalNorm:
      return {config.hidden};
    case WeightKind::kQuery:
      return {config.query_width(), config.hidden};
    case WeightKind::kKey:
    case WeightKind::kValue:
      return {config.kv_width(), config.hidden};
    case WeightKind::kOutput:
      return {config.hidden, config.query_width()};
    case WeightKind::kGate:
    case WeightKind::kUp:
      return {config.intermediate, config.hidden};
    case WeightKind::kDown:
      return {config.hidden, config.intermediate};
  }
  return {};
}

std::vector<TensorSpec> tensor_specs(const ModelConfig& config) {
  std::vector<TensorSpec> specs;
  const auto add = [&](WeightKind kind, std::uint32_t layer) {
    specs.push_back({tensor_name(kind, layer), kind, layer, tensor_shape(config, kind)});
  };
  add(WeightKind::kEmbedding, 0);
  for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
    for (const KindRow& row : kKinds) {
      if (row.per_layer) add(row.kind, layer);
    }
  }
  add(WeightKind::kFinalNorm, 0);
  if (!config.tied_embeddings) add(WeightKind::kHead, 0);
  return specs;
}

std::uint64_t weight_elements(const ModelConfig& config, WeightKind kind) {
  const auto shape = tensor_shape(config, kind);
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::uint64_t attention_weights_per_layer(const ModelConfig& config) {
  return weight_elements(config, WeightKind::kQuery) + weight_elements(config, WeightKind::kKey) +
         weight_elements(config, WeightKind::kValue) + weight_elements(config, WeightKind::kOutput);
}

std::uint64_t mlp_weights_per_layer(const ModelConfig& config) {
  return weight_elements(config, WeightKind::kGate) + weight_elements(config, WeightKind::kUp) +
         weight_elements(config, WeightKind::kDown);
}

std::uint64_t parameters_active(const ModelConfig& config) {
  const std::uint64_t layer = attention_weights_per_layer(config) + mlp_weights_per_layer(config);
  return config.layers * layer + weight_elements(config, WeightKind::kHead);
}

std::uint64_t parameters_total(const ModelConfig& config) {
  const std::uint64_t norms = (2ULL * config.layers + 1) * config.hidden;
  const std::uint64_t embedding =
      config.tied_embeddings ? 0 : weight_elements(config, WeightKind::kEmbedding);
  return parameters_active(config) + norms + embedding;
}

std::uint64_t linear_flops_per_token(const ModelConfig& config) {
  return 2 * parameters_active(config);
}

std::uint64_t attention_flops_per_token(const ModelConfig& config, std::uint64_t context) {
  return 4ULL * config.query_width() * config.layers * context;
}

std::uint64_t decode_flops_per_token(const ModelConfig& config, std::uint64_t context) {
  return linear_flops_per_token(config) + attention_flops_per_token(config, context);
}

std::uint64_t prefill_flops(const ModelConfig& config, std::uint64_t tokens) {
  const std::uint64_t head = 2 * weight_elements(config, WeightKind::kHead);
  const std::uint64_t attended = tokens * (tokens + 1) / 2;  // summed over all positions
  return tokens * (linear_flops_per_token(config) - head) + head +
         attention_flops_per_token(config, attended);
}

std::uint64_t kv_elements_per_token(const ModelConfig& config) {
  return 2ULL * config.layers * config.kv_width();
}

Bytes kv_bytes(const ModelConfig& config, std::uint64_t context, std::uint64_t bytes_per_element) {
  return Bytes(kv_elements_per_token(config) * context * bytes_per_element);
}

Bytes active_weight_bytes(const ModelConfig& config, std::uint64_t bytes_per_element) {
  return Bytes(parameters_active(config) * bytes_per_element);
}

Bytes decode_bytes(const ModelConfig& config, std::uint64_t batch, std::uint64_t context,
                   std::uint64_t weight_bytes_per_element, std::uint64_t kv_bytes_per_element) {
  return active_weight_bytes(config, weight_bytes_per_element) +
         kv_bytes(config, context, kv_bytes_per_element) * batch;
}

}  // namespace aipu::load
