// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/load/model_config.h"

namespace aipu::load {

namespace {

// One column per number of the published config.json, so that a row can be compared with it.
struct Preset {
  const char* name;
  std::uint32_t layers, hidden, intermediate, query_heads, kv_heads, vocab, max_positions;
  double rms_eps, rope_theta;
  bool llama3_scaling;  // factor 8, frequencies 1 to 4, trained on 8192 positions
  bool tied;
  TokenId bos, eos;
  StoredType dtype;
};

constexpr std::array<Preset, 4> kPresets{{
    // meta-llama/Meta-Llama-3.1-8B, config.json
    {"llama-3.1-8b", 32, 4096, 14336, 32, 8, 128256, 131072, 1e-5, 500000.0, true, false, 128000,
     128001, StoredType::kBf16},
    // meta-llama/Meta-Llama-3.1-70B, config.json
    {"llama-3.1-70b", 80, 8192, 28672, 64, 8, 128256, 131072, 1e-5, 500000.0, true, false, 128000,
     128001, StoredType::kBf16},
    // meta-llama/Llama-2-7b-hf, config.json
    {"llama-2-7b", 32, 4096, 11008, 32, 32, 32000, 4096, 1e-5, 10000.0, false, false, 1, 2,
     StoredType::kF16},
    // the public stories260K checkpoint of the llama2.c project
    {"stories260k", 5, 64, 172, 8, 4, 512, 512, 1e-5, 10000.0, false, true, 1, 2, StoredType::kF32},
}};

ModelConfig expand(const Preset& preset) {
  ModelConfig config;
  config.name = preset.name;
  config.architecture = "LlamaForCausalLM";
  config.layers = preset.layers;
  config.hidden = preset.hidden;
  config.intermediate = preset.intermediate;
  config.query_heads = preset.query_heads;
  config.kv_heads = preset.kv_heads;
  config.head_dim = preset.hidden / preset.query_heads;
  config.vocab = preset.vocab;
  config.max_positions = preset.max_positions;
  config.rms_eps = preset.rms_eps;
  config.rope_theta = preset.rope_theta;
  if (preset.llama3_scaling)
    config.rope_scaling = {RopeScaling::Kind::kLlama3, 8.0, 1.0, 4.0, 8192};
  config.tied_embeddings = preset.tied;
  config.bos_id = preset.bos;
  config.eos_ids = {preset.eos};
  config.dtype = preset.dtype;
  return config;
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets)
    names.emplace_back(preset.name);
  return names;
}

std::optional<ModelConfig> find_preset(const std::string& name) {
  const auto* found = std::find_if(kPresets.begin(), kPresets.end(),
                                   [&](const Preset& preset) { return name == preset.name; });
  if (found == kPresets.end()) return std::nullopt;
  return expand(*found);
}

}  // namespace aipu::load
