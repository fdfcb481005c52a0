// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aipu::test {

/// What write_tiny_model() writes. The defaults give a valid model in a few dozen KiB.
struct TinyModelOptions {
  enum class Tokenizer { kNone, kVocabJson, kByteLevel };

  std::string architecture = "LlamaForCausalLM";
  std::uint32_t layers = 2;
  std::uint32_t hidden = 32;
  std::uint32_t intermediate = 44;
  std::uint32_t query_heads = 4;
  std::uint32_t kv_heads = 2;
  std::uint32_t head_dim = 8;
  std::uint32_t vocab = 384;  ///< at least 354 with kVocabJson, 258 with kByteLevel
  std::uint32_t max_positions = 128;
  double rms_eps = 1e-5;
  double rope_theta = 10000.0;
  std::string rope_scaling;  ///< JSON text; empty for none
  bool tied_embeddings = false;
  std::string dtype = "F32";  ///< or BF16, F16
  std::uint32_t shards = 1;   ///< above 1: an index, and tensors dealt out in turn
  Tokenizer tokenizer = Tokenizer::kVocabJson;
  std::uint64_t seed = 1;
};

/// A named tensor with its bytes as they stand in a file.
struct RawTensor {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

/// Writes a model directory with seeded random weights: config.json, safetensors, tokenizer.
void write_tiny_model(const std::string& directory, const TinyModelOptions& options);

/// The config.json that write_tiny_model() writes.
std::string tiny_config_json(const TinyModelOptions& options);

/// Every tensor that write_tiny_model() writes.
std::vector<RawTensor> tiny_tensors(const TinyModelOptions& options);

/// The bytes of a safetensors file.
std::string safetensors_bytes(const std::vector<RawTensor>& tensors);

/// `values` in the given format: F32, BF16 or F16, rounded to nearest even.
std::string encode_values(const std::vector<float>& values, const std::string& dtype);

/// A directory of its own for this test process, removed at its end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Whole files, for tests that damage them.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

}  // namespace aipu::test
