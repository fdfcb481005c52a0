// SPDX-License-Identifier: Apache-2.0
#include "sim/load/model_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>

#include "hw/base/error.h"
#include "sim/load/json_file.h"

namespace aipu::load {

namespace {

// Limits that keep every closed form inside 64 bits; far above any published model.
constexpr std::uint64_t kMostLayers = 4096;
constexpr std::uint64_t kMostHidden = 1U << 18U;
constexpr std::uint64_t kMostIntermediate = 1U << 20U;
constexpr std::uint64_t kMostHeads = 1024;
constexpr std::uint64_t kMostHeadDim = 4096;
constexpr std::uint64_t kMostVocab = 1U << 22U;
constexpr std::uint64_t kMostPositions = 1U << 28U;

/// What an absent key means depends on the architecture (defaults of the Hugging Face classes).
struct Architecture {
  const char* name;
  const char* model_type;
  std::uint32_t max_positions;
  std::uint32_t kv_heads;        // 0: as many as query heads
  std::uint32_t sliding_window;  // 0: none
};
constexpr std::array<Architecture, 2> kArchitectures{{
    {"LlamaForCausalLM", "llama", 2048, 0, 0},
    {"MistralForCausalLM", "mistral", 131072, 8, 4096},
}};

const Architecture* find_architecture(std::string_view name) {
  const auto* found =
      std::find_if(kArchitectures.begin(), kArchitectures.end(),
                   [&](const Architecture& a) { return name == a.name || name == a.model_type; });
  return found == kArchitectures.end() ? nullptr : found;
}

const Architecture& read_architecture(const JsonObject& json) {
  std::string key = "architectures";
  std::string name;
  if (json.has(key)) {
    const nlohmann::json& list = json.at(key);
    if (!list.is_array() || list.empty() || !list.front().is_string()) {
      json.fail(key, "must be a list of names, found " + describe(list));
    }
    name = list.front().get<std::string>();
  } else {
    key = "model_type";
    if (!json.has(key)) json.fail("architectures", "missing");
    name = json.text(key);
  }
  const Architecture* known = find_architecture(name);
  if (known == nullptr) {
    std::string supported;
    for (const Architecture& a : kArchitectures) {
      supported += (supported.empty() ? "" : ", ") + std::string(a.name);
    }
    json.fail(key, fmt::format("{} is not supported; supported: {}", describe(name), supported));
  }
  return *known;
}

std::uint32_t count(const JsonObject& json, const char* key, std::uint64_t most) {
  return static_cast<std::uint32_t>(json.integer(key, 1, most));
}

std::uint32_t count(const JsonObject& json, const char* key, std::uint64_t most,
                    std::uint64_t otherwise) {
  return static_cast<std::uint32_t>(json.integer(key, 1, most, otherwise));
}

void read_heads(const JsonObject& json, const Architecture& architecture, ModelConfig& config) {
  config.query_heads = count(json, "num_attention_heads", kMostHeads);
  const std::uint32_t kv = architecture.kv_heads != 0 ? architecture.kv_heads : config.query_heads;
  config.kv_heads = count(json, "num_key_value_heads", kMostHeads, kv);
  if (config.query_heads % config.kv_heads != 0) {
    json.fail("num_key_value_heads", fmt::format("{} does not divide num_attention_heads = {}",
                                                 config.kv_heads, config.query_heads));
  }
  if (!json.has("head_dim") && config.hidden % config.query_heads != 0) {
    json.fail("num_attention_heads",
              fmt::format("{} does not divide hidden_size = {} and head_dim is not given",
                          config.query_heads, config.hidden));
  }
  config.head_dim =
      count(json, "head_dim", kMostHeadDim, std::max(1U, config.hidden / config.query_heads));
  if (config.head_dim % 2 != 0) {
    json.fail("head_dim",
              fmt::format("must be even for rotary embedding, found {}", config.head_dim));
  }
}

/// The attention factor is given, or follows from both mscales, or from the factor.
RopeScaling read_yarn(const JsonObject& json, RopeScaling scaling) {
  scaling.kind = RopeScaling::Kind::kYarn;
  scaling.original_max_positions = count(json, "original_max_position_embeddings", kMostPositions);
  scaling.beta_fast = json.number("beta_fast", 1e-6, 1e6, scaling.beta_fast);
  scaling.beta_slow = json.number("beta_slow", 1e-6, 1e6, scaling.beta_slow);
  if (scaling.beta_fast <= scaling.beta_slow) {
    json.fail("beta_fast", fmt::format("must be above beta_slow = {}, found {}", scaling.beta_slow,
                                       scaling.beta_fast));
  }
  scaling.attention_factor = yarn_attention_factor(scaling.factor);
  if (json.has("mscale") && json.has("mscale_all_dim")) {
    scaling.attention_factor =
        yarn_attention_factor(scaling.factor, json.number("mscale", 0.0, 1e3)) /
        yarn_attention_factor(scaling.factor, json.number("mscale_all_dim", 0.0, 1e3));
  }
  scaling.attention_factor = json.number("attention_factor", 1e-3, 1e3, scaling.attention_factor);
  return scaling;
}

RopeScaling read_scaling(const JsonObject& json) {
  RopeScaling scaling;
  const std::string key = json.has("rope_type") ? "rope_type" : "type";
  const std::string type = json.text(key, "default");
  if (type == "default") return scaling;
  if (type != "linear" && type != "llama3" && type != "yarn") {
    json.fail(key, fmt::format("\"{}\" is not supported; supported: default, linear, llama3, yarn",
                               type));
  }
  scaling.factor = json.number("factor", 1.0, 1e6);
  scaling.kind = RopeScaling::Kind::kLinear;
  if (type == "linear") return scaling;
  if (type == "yarn") return read_yarn(json, scaling);
  scaling.kind = RopeScaling::Kind::kLlama3;
  scaling.low_freq_factor = json.number("low_freq_factor", 1e-6, 1e6);
  scaling.high_freq_factor = json.number("high_freq_factor", 1e-6, 1e6);
  if (scaling.high_freq_factor <= scaling.low_freq_factor) {
    json.fail("high_freq_factor", fmt::format("must be above low_freq_factor = {}, found {}",
                                              scaling.low_freq_factor, scaling.high_freq_factor));
  }
  scaling.original_max_positions = count(json, "original_max_position_embeddings", kMostPositions);
  return scaling;
}

// Since version 5 the library writes theta and scaling into one object, `rope_parameters`.
void read_rope(const JsonObject& json, ModelConfig& config) {
  const auto theta = [](const JsonObject& from, double otherwise) {
    return from.number("rope_theta", 1.0, 1e12, otherwise);
  };
  config.rope_theta = theta(json, config.rope_theta);
  if (json.has("rope_scaling")) config.rope_scaling = read_scaling(json.object("rope_scaling"));
  if (json.has("rope_parameters")) {
    const JsonObject parameters = json.object("rope_parameters");
    config.rope_theta = theta(parameters, config.rope_theta);
    config.rope_scaling = read_scaling(parameters);
  }
  if (json.number("partial_rotary_factor", 0.0, 1.0, 1.0) != 1.0) {
    json.fail("partial_rotary_factor", "only 1 is supported");
  }
}

// Absent means the class default, null means none; HF allows one id or a list.
std::vector<TokenId> read_ids(const nlohmann::json& json, const JsonObject& view, const char* key,
                              TokenId otherwise, std::uint32_t vocab) {
  const auto found = json.find(key);
  if (found == json.end()) {
    return otherwise < vocab ? std::vector<TokenId>{otherwise} : std::vector<TokenId>{};
  }
  if (found->is_null()) return {};
  std::vector<TokenId> ids;
  const auto add = [&](const nlohmann::json& value) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= vocab) {
      view.fail(key, fmt::format("must be a token id below vocab_size = {}, found {}", vocab,
                                 describe(value)));
    }
    ids.push_back(value.get<TokenId>());
  };
  if (found->is_array()) {
    for (const nlohmann::json& value : *found)
      add(value);
  } else {
    add(*found);
  }
  return ids;
}

StoredType read_dtype(const JsonObject& json) {
  const std::string key = json.has("torch_dtype") ? "torch_dtype" : "dtype";
  const std::string name = json.text(key, "float32");
  if (name == "float32") return StoredType::kF32;
  if (name == "bfloat16") return StoredType::kBf16;
  if (name == "float16") return StoredType::kF16;
  json.fail(key,
            fmt::format("\"{}\" is not supported; supported: float32, bfloat16, float16", name));
}

void refuse_what_is_not_modelled(const JsonObject& json, const Architecture& architecture,
                                 const ModelConfig& config) {
  for (const char* key : {"attention_bias", "qkv_bias", "mlp_bias"}) {
    if (json.boolean(key, false)) json.fail(key, "biases are not supported; only false is");
  }
  const std::string act = json.text("hidden_act", "silu");
  if (act != "silu") {
    json.fail("hidden_act", fmt::format("\"{}\" is not supported; only \"silu\" is", act));
  }
  if (json.has("quantization_config")) {
    json.fail("quantization_config",
              "quantised checkpoints are not supported; "
              "supported weights: F32, BF16, F16");
  }
  std::uint64_t window = 0;
  if (architecture.sliding_window != 0 && !json.is_null("sliding_window")) {
    window = json.integer("sliding_window", 1, kMostPositions, architecture.sliding_window);
  }
  if (window != 0 && window < config.max_positions) {
    json.fail("sliding_window",
              fmt::format("{} is below max_position_embeddings = {}; sliding-window attention is "
                          "not supported, only null or a window of at least that",
                          window, config.max_positions));
  }
}

std::string name_from(const std::string& place) {
  const std::filesystem::path path(place);
  if (path.filename() != "config.json") return path.stem().string();
  const std::filesystem::path folder = path.parent_path();
  return (folder.filename().empty() ? folder.parent_path() : folder).filename().string();
}

}  // namespace

bool ModelConfig::is_eos(TokenId id) const {
  return std::find(eos_ids.begin(), eos_ids.end(), id) != eos_ids.end();
}

ModelConfig parse_model_config(const std::string& text, const std::string& place) {
  const nlohmann::json parsed = parse_json(text, place);
  const JsonObject json(parsed, place);
  const Architecture& architecture = read_architecture(json);
  ModelConfig config;
  config.name = name_from(place);
  config.architecture = architecture.name;
  config.layers = count(json, "num_hidden_layers", kMostLayers);
  config.hidden = count(json, "hidden_size", kMostHidden);
  config.intermediate = count(json, "intermediate_size", kMostIntermediate);
  read_heads(json, architecture, config);
  config.vocab = count(json, "vocab_size", kMostVocab);
  config.max_positions =
      count(json, "max_position_embeddings", kMostPositions, architecture.max_positions);
  config.rms_eps = json.number("rms_norm_eps", 0.0, 1.0, config.rms_eps);
  read_rope(json, config);
  config.tied_embeddings = json.boolean("tie_word_embeddings", false);
  const auto bos = read_ids(parsed, json, "bos_token_id", 1, config.vocab);
  if (!bos.empty()) config.bos_id = bos.front();
  config.eos_ids = read_ids(parsed, json, "eos_token_id", 2, config.vocab);
  config.dtype = read_dtype(json);
  refuse_what_is_not_modelled(json, architecture, config);
  return config;
}

ModelConfig read_model_config(const std::string& path) {
  std::error_code ignored;
  const std::string file = std::filesystem::is_directory(path, ignored)
                               ? (std::filesystem::path(path) / "config.json").string()
                               : path;
  return parse_model_config(read_text(file), file);
}

ModelConfig resolve_model(const std::string& name_or_path) {
  if (auto preset = find_preset(name_or_path)) return *preset;
  std::error_code ignored;
  if (!std::filesystem::exists(name_or_path, ignored)) {
    throw IoError(name_or_path,
                  fmt::format("no such file or directory, and not one of the presets {}",
                              fmt::join(preset_names(), ", ")));
  }
  return read_model_config(name_or_path);
}

}  // namespace aipu::load
