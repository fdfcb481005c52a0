// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/load/stored_type.h"

namespace aipu::load {

using TokenId = std::uint32_t;

/// How rotary frequencies are stretched past the trained context.
struct RopeScaling {
  enum class Kind { kNone, kLinear, kLlama3, kYarn };
  Kind kind = Kind::kNone;
  double factor = 1.0;
  double low_freq_factor = 1.0;                 ///< llama3 only
  double high_freq_factor = 4.0;                ///< llama3 only
  std::uint32_t original_max_positions = 8192;  ///< llama3, yarn
  double beta_fast = 32.0;  ///< yarn: turns in the trained context from which a pair stays as it is
  double beta_slow = 1.0;   ///< yarn: turns up to which it is stretched by `factor`
  double attention_factor = 1.0;  ///< yarn: both rotated operands are larger by this
};

/// The shape of a dense decoder of the Llama family, as a model hub's `config.json` states it.
struct ModelConfig {
  std::string name;          ///< preset name or folder name; only for reports
  std::string architecture;  ///< e.g. "LlamaForCausalLM"
  std::uint32_t layers = 0;
  std::uint32_t hidden = 0;
  std::uint32_t intermediate = 0;
  std::uint32_t query_heads = 0;
  std::uint32_t kv_heads = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t vocab = 0;
  std::uint32_t max_positions = 0;
  double rms_eps = 1e-6;
  double rope_theta = 10000.0;
  RopeScaling rope_scaling;
  bool tied_embeddings = false;
  std::optional<TokenId> bos_id;
  std::vector<TokenId> eos_ids;         ///< generation ends at any of these; may be empty
  StoredType dtype = StoredType::kF32;  ///< what `torch_dtype` announces; tensors may differ

  std::uint32_t query_width() const { return query_heads * head_dim; }
  std::uint32_t kv_width() const { return kv_heads * head_dim; }
  bool is_eos(TokenId id) const;
};

/// Reads `config.json`, or the one inside a directory. Throws ConfigError (exit 2) naming file, key
/// and what would be valid; IoError (exit 4) for a file that is missing or unreadable.
ModelConfig read_model_config(const std::string& path);

/// As read_model_config(), from text; `place` is the file name for messages.
ModelConfig parse_model_config(const std::string& text, const std::string& place);

/// Names of the built-in shapes, in a fixed order.
std::vector<std::string> preset_names();

/// A built-in public shape, or nothing.
std::optional<ModelConfig> find_preset(const std::string& name);

/// What `--model` accepts: the name of a preset, a directory, or a config.json.
ModelConfig resolve_model(const std::string& name_or_path);

/// The factor of attention that YaRN recommends for contexts `factor` times as long, weighed by
/// `mscale`: 0.1 mscale ln(factor) + 1.
double yarn_attention_factor(double factor, double mscale = 1.0);

/// The head_dim/2 rotary angles per position, scaling included. Element i belongs to the pair
/// (i, i + head_dim/2) of a head (rotate-half convention).
std::vector<float> rope_frequencies(const ModelConfig& config);

}  // namespace aipu::load
