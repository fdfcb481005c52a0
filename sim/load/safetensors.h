// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/load/mapped_file.h"
#include "sim/load/model_config.h"
#include "sim/load/safetensors_header.h"
#include "sim/load/stored_type.h"

namespace aipu::load {

/// A tensor inside a mapped file. Valid while the Safetensors it came from lives.
struct Tensor {
  std::string name;
  std::string file;
  StoredType dtype = StoredType::kF32;
  std::vector<std::uint64_t> shape;
  const std::byte* data = nullptr;  ///< row-major, little-endian, not necessarily aligned
  std::uint64_t bytes = 0;

  std::uint64_t elements() const { return bytes / size_of(dtype); }
};

/// Rows or columns [begin, begin + count).
struct Slice {
  std::uint64_t begin = 0;
  std::uint64_t count = 0;
};

/// Read-only tensors of `model.safetensors`, or of the shards that `model.safetensors.index.json`
/// names.
///
/// Everything in the headers is checked when it is opened: a file that is cut short or whose
/// header does not describe it exactly never gives a Tensor. Weights are mapped, not read.
class Safetensors {
 public:
  /// `path`: a model directory, one .safetensors file, or an index. Throws IoError (exit 4) for a
  /// missing or truncated file, ConfigError (exit 2) for one that contradicts itself.
  static Safetensors open(const std::string& path);

  bool contains(const std::string& name) const;
  std::vector<std::string> names() const;  ///< sorted; includes types that cannot be read

  /// The tensor, or ConfigError when it is missing or of a type that cannot be read.
  Tensor view(const std::string& name) const;
  /// As view(), and the shape must be this one.
  Tensor view(const std::string& name, const std::vector<std::uint64_t>& shape) const;

  /// The whole tensor, row-major.
  std::vector<float> read_f32(const std::string& name) const;
  /// Elements of a vector, or whole rows of a matrix.
  std::vector<float> read_f32(const std::string& name, Slice rows) const;
  /// A block of a matrix, row-major.
  std::vector<float> read_f32(const std::string& name, Slice rows, Slice columns) const;

  const std::string& place() const { return place_; }  ///< what was opened, for messages

 private:
  struct Entry {
    std::size_t file = 0;
    HeaderEntry header;
  };

  Safetensors() = default;
  void add_file(const std::string& path);
  void add_shards(const std::string& index_path);

  std::string place_;
  std::vector<std::unique_ptr<MappedFile>> files_;
  std::map<std::string, Entry> entries_;
};

/// Checks, before anything else happens, that `weights` holds every tensor of `config` in the right
/// shape and in a type that can be read, and nothing that the model would have to use besides.
void check_llama_tensors(const Safetensors& weights, const ModelConfig& config);

}  // namespace aipu::load
