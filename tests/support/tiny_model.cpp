// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tiny_model.h"

#include <Eigen/Core>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <stdexcept>

#include "tests/support/tiny_tokenizer.h"

namespace aipu::test {

namespace {

using nlohmann::json;

// Uniform numbers are built from raw generator bits: the library's distributions differ by vendor.
std::vector<float> random_values(std::mt19937_64& bits, std::uint64_t count, double centre,
                                 double spread) {
  std::vector<float> values(count);
  for (float& value : values) {
    const double unit = static_cast<double>(bits() >> 11U) * 0x1p-53;
    value = static_cast<float>(centre + spread * (2.0 * unit - 1.0));
  }
  return values;
}

template <typename Stored>
std::string encode_as(const std::vector<float>& values) {
  std::vector<Stored> stored;
  stored.reserve(values.size());
  for (const float value : values)
    stored.push_back(static_cast<Stored>(value));
  return {reinterpret_cast<const char*>(stored.data()), stored.size() * sizeof(Stored)};
}

std::string shard_name(std::uint32_t shard, std::uint32_t shards) {
  const auto five = [](std::uint32_t n) {
    const std::string digits = std::to_string(n);
    return std::string(5 - digits.size(), '0') + digits;
  };
  return "model-" + five(shard + 1) + "-of-" + five(shards) + ".safetensors";
}

void write_weights(const std::string& directory, const TinyModelOptions& options) {
  const std::vector<RawTensor> tensors = tiny_tensors(options);
  if (options.shards <= 1) {
    write_file(directory + "/model.safetensors", safetensors_bytes(tensors));
    return;
  }
  std::vector<std::vector<RawTensor>> shards(options.shards);
  json index{{"metadata", {{"total_size", 0}}}};
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto shard = static_cast<std::uint32_t>(i % options.shards);
    shards[shard].push_back(tensors[i]);
    index["weight_map"][tensors[i].name] = shard_name(shard, options.shards);
  }
  for (std::uint32_t shard = 0; shard < options.shards; ++shard) {
    write_file(directory + "/" + shard_name(shard, options.shards),
               safetensors_bytes(shards[shard]));
  }
  write_file(directory + "/model.safetensors.index.json", index.dump(1));
}

}  // namespace

std::string encode_values(const std::vector<float>& values, const std::string& dtype) {
  if (dtype == "BF16") return encode_as<Eigen::bfloat16>(values);
  if (dtype == "F16") return encode_as<Eigen::half>(values);
  return encode_as<float>(values);
}

std::string tiny_config_json(const TinyModelOptions& o) {
  const char* torch = o.dtype == "BF16" ? "bfloat16" : o.dtype == "F16" ? "float16" : "float32";
  json config{{"architectures", {o.architecture}},
              {"hidden_size", o.hidden},
              {"intermediate_size", o.intermediate},
              {"num_hidden_layers", o.layers},
              {"num_attention_heads", o.query_heads},
              {"num_key_value_heads", o.kv_heads},
              {"head_dim", o.head_dim},
              {"vocab_size", o.vocab},
              {"max_position_embeddings", o.max_positions},
              {"rms_norm_eps", o.rms_eps},
              {"rope_theta", o.rope_theta},
              {"hidden_act", "silu"},
              {"tie_word_embeddings", o.tied_embeddings},
              {"bos_token_id", tiny_bos(o)},
              {"eos_token_id", tiny_eos(o)},
              {"sliding_window", nullptr},
              {"torch_dtype", torch}};
  if (!o.rope_scaling.empty()) config["rope_scaling"] = json::parse(o.rope_scaling);
  return config.dump(1);
}

std::vector<RawTensor> tiny_tensors(const TinyModelOptions& o) {
  std::mt19937_64 bits(o.seed);
  std::vector<RawTensor> tensors;
  const auto add = [&](const std::string& name, const std::vector<std::uint64_t>& shape) {
    const std::uint64_t count =
        std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
    const bool norm = shape.size() == 1;
    // Variance 1 / inputs keeps activations near 1 through any depth.
    const double spread = norm ? 0.25 : std::sqrt(3.0 / static_cast<double>(shape[1]));
    const auto values = random_values(bits, count, norm ? 1.0 : 0.0, spread);
    tensors.push_back({name, o.dtype, shape, encode_values(values, o.dtype)});
  };
  const std::uint64_t query = std::uint64_t{o.query_heads} * o.head_dim;
  const std::uint64_t kv = std::uint64_t{o.kv_heads} * o.head_dim;
  add("model.embed_tokens.weight", {o.vocab, o.hidden});
  for (std::uint32_t layer = 0; layer < o.layers; ++layer) {
    const std::string at = "model.layers." + std::to_string(layer) + ".";
    add(at + "input_layernorm.weight", {o.hidden});
    add(at + "self_attn.q_proj.weight", {query, o.hidden});
    add(at + "self_attn.k_proj.weight", {kv, o.hidden});
    add(at + "self_attn.v_proj.weight", {kv, o.hidden});
    add(at + "self_attn.o_proj.weight", {o.hidden, query});
    add(at + "post_attention_layernorm.weight", {o.hidden});
    add(at + "mlp.gate_proj.weight", {o.intermediate, o.hidden});
    add(at + "mlp.up_proj.weight", {o.intermediate, o.hidden});
    add(at + "mlp.down_proj.weight", {o.hidden, o.intermediate});
  }
  add("model.norm.weight", {o.hidden});
  if (!o.tied_embeddings) add("lm_head.weight", {o.vocab, o.hidden});
  return tensors;
}

std::string safetensors_bytes(const std::vector<RawTensor>& tensors) {
  json header{{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const RawTensor& tensor : tensors) {
    header[tensor.name] = {{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string out;
  for (unsigned i = 0; i < 8; ++i)
    out += static_cast<char>((text.size() >> (8 * i)) & 0xFFU);
  return out + text + data;
}

void write_tiny_model(const std::string& directory, const TinyModelOptions& options) {
  std::filesystem::create_directories(directory);
  write_file(directory + "/config.json", tiny_config_json(options));
  write_weights(directory, options);
  if (options.tokenizer == TinyModelOptions::Tokenizer::kVocabJson) {
    write_file(directory + "/vocab.json", tiny_vocab_json(options));
  } else if (options.tokenizer == TinyModelOptions::Tokenizer::kByteLevel) {
    write_file(directory + "/tokenizer.json", tiny_tokenizer_json(options));
  }
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "aipu_test_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path);
}

}  // namespace aipu::test
