// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/base/units.h"
#include "sim/load/model_config.h"

namespace aipu::load {

/// The kinds of weight tensors of a Llama-style decoder.
enum class WeightKind {
  kEmbedding,
  kInputNorm,
  kQuery,
  kKey,
  kValue,
  kOutput,
  kPostNorm,
  kGate,
  kUp,
  kDown,
  kFinalNorm,
  kHead,
};

/// One tensor that the model directory must hold.
struct TensorSpec {
  std::string name;  ///< Hugging Face name, e.g. "model.layers.0.self_attn.q_proj.weight"
  WeightKind kind = WeightKind::kEmbedding;
  std::uint32_t layer = 0;  ///< meaningful for the kinds that exist once per layer
  std::vector<std::uint64_t> shape;
};

/// Name of a tensor; `layer` is ignored for the kinds that exist once.
std::string tensor_name(WeightKind kind, std::uint32_t layer = 0);

/// Shape [rows = outputs, columns = inputs], or [n] for a norm.
std::vector<std::uint64_t> tensor_shape(const ModelConfig& config, WeightKind kind);

/// Every tensor of the model in order of use. A tied head is not listed: it is the embedding.
std::vector<TensorSpec> tensor_specs(const ModelConfig& config);

/// Elements of one tensor of this kind.
std::uint64_t weight_elements(const ModelConfig& config, WeightKind kind);

// The closed forms below count exactly, without padding; `context` is the positions attended to.

std::uint64_t attention_weights_per_layer(const ModelConfig& config);  ///< Q, K, V, O
std::uint64_t mlp_weights_per_layer(const ModelConfig& config);        ///< gate, up, down

/// Every stored parameter, norms included; a tied embedding counts once.
std::uint64_t parameters_total(const ModelConfig& config);

/// Matrix weights that one token multiplies: all layers and the head, no input embedding, no norms.
std::uint64_t parameters_active(const ModelConfig& config);

/// 2 FLOPs for each active weight.
std::uint64_t linear_flops_per_token(const ModelConfig& config);

/// 4 * n_q * d_h * N_l for every position attended to: scores and weighted values.
std::uint64_t attention_flops_per_token(const ModelConfig& config, std::uint64_t context);

/// One decoded token: linear plus attention over `context` positions.
std::uint64_t decode_flops_per_token(const ModelConfig& config, std::uint64_t context);

/// A whole causal prefill of `tokens`: position i attends to i + 1 positions; the head runs once.
std::uint64_t prefill_flops(const ModelConfig& config, std::uint64_t tokens);

std::uint64_t kv_elements_per_token(const ModelConfig& config);

/// KV cache of one sequence: exactly linear in `context`.
Bytes kv_bytes(const ModelConfig& config, std::uint64_t context, std::uint64_t bytes_per_element);

/// Matrix weights that one decode step must read, whatever the batch.
Bytes active_weight_bytes(const ModelConfig& config, std::uint64_t bytes_per_element);

/// Least memory traffic of one decode step: weights once, the KV cache of every sequence once.
Bytes decode_bytes(const ModelConfig& config, std::uint64_t batch, std::uint64_t context,
                   std::uint64_t weight_bytes_per_element, std::uint64_t kv_bytes_per_element);

}  // namespace aipu::load
