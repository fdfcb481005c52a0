// SPDX-License-Identifier: Apache-2.0
#include "sim/load/safetensors.h"

#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>
#include <string_view>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "sim/load/json_file.h"
#include "sim/load/model_shape.h"

namespace aipu::load {

namespace {

namespace fs = std::filesystem;

std::optional<StoredType> stored_type(const std::string& dtype) {
  for (const StoredType type : {StoredType::kF32, StoredType::kBf16, StoredType::kF16}) {
    if (dtype == to_string(type)) return type;
  }
  return std::nullopt;
}

// A shard lies beside its index: anything but a plain file name could lead out of the directory.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

std::map<std::string, std::string> read_weight_map(const std::string& path) {
  const nlohmann::json parsed = parse_json(read_text(path), path, RepeatedKeys::kRefuse);
  const JsonObject weight_map = JsonObject(parsed, path).object("weight_map");
  std::map<std::string, std::string> shard_of;
  for (const auto& item : parsed["weight_map"].items()) {
    const std::string shard = weight_map.text(item.key());
    if (!is_plain_name(shard)) {
      weight_map.fail(item.key(),
                      fmt::format("must name a file beside the index, found {}", describe(shard)));
    }
    shard_of.emplace(item.key(), shard);
  }
  if (shard_of.empty()) throw ConfigError(path, "weight_map: names no tensor");
  return shard_of;
}

void check_slice(const Tensor& tensor, Slice slice, std::uint64_t extent, const char* what) {
  AIPU_ASSERT(slice.begin <= extent && slice.count <= extent - slice.begin,
              "{} [{}, +{}) of {} lie outside its {}", what, slice.begin, slice.count, tensor.name,
              extent);
}

}  // namespace

void Safetensors::add_file(const std::string& path) {
  files_.push_back(std::make_unique<MappedFile>(path));
  for (auto& [name, header] : read_safetensors_header(*files_.back())) {
    const auto [known, added] = entries_.emplace(name, Entry{files_.size() - 1, header});
    if (!added) {
      throw ConfigError(path,
                        fmt::format("{}: also in {}", name, files_[known->second.file]->path()));
    }
  }
}

void Safetensors::add_shards(const std::string& index_path) {
  const auto shard_of = read_weight_map(index_path);
  const fs::path folder = fs::path(index_path).parent_path();
  std::set<std::string> shards;
  for (const auto& [name, shard] : shard_of)
    shards.insert(shard);
  for (const std::string& shard : shards)
    add_file((folder / shard).string());
  for (const auto& [name, shard] : shard_of) {
    const auto found = entries_.find(name);
    if (found == entries_.end() ||
        files_[found->second.file]->path() != (folder / shard).string()) {
      throw ConfigError(index_path, fmt::format("weight_map: {} is not in {}", name, shard));
    }
  }
}

Safetensors Safetensors::open(const std::string& path) {
  Safetensors result;
  result.place_ = path;
  std::error_code ignored;
  std::string file = path;
  if (fs::is_directory(path, ignored)) {
    const fs::path single = fs::path(path) / "model.safetensors";
    const fs::path index = fs::path(path) / "model.safetensors.index.json";
    if (!fs::exists(single, ignored) && !fs::exists(index, ignored)) {
      throw IoError(path, "holds neither model.safetensors nor model.safetensors.index.json");
    }
    file = fs::exists(single, ignored) ? single.string() : index.string();
  }
  if (fs::path(file).extension() == ".json") {
    result.add_shards(file);
  } else {
    result.add_file(file);
  }
  return result;
}

bool Safetensors::contains(const std::string& name) const {
  return entries_.count(name) != 0;
}

std::vector<std::string> Safetensors::names() const {
  std::vector<std::string> all;
  for (const auto& [name, entry] : entries_)
    all.push_back(name);
  return all;
}

Tensor Safetensors::view(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    throw ConfigError(place_, fmt::format("{}: this tensor is missing", name));
  }
  const HeaderEntry& header = found->second.header;
  const MappedFile& file = *files_[found->second.file];
  const auto type = stored_type(header.dtype);
  if (!type) {
    throw ConfigError(file.path(), fmt::format("{}: expected type F32, BF16 or F16, found {}", name,
                                               header.dtype));
  }
  return {name,
          file.path(),
          *type,
          header.shape,
          file.data() + header.begin,
          header.end - header.begin};
}

Tensor Safetensors::view(const std::string& name, const std::vector<std::uint64_t>& shape) const {
  Tensor tensor = view(name);
  if (tensor.shape != shape) {
    throw ConfigError(tensor.file,
                      fmt::format("{}: expected shape [{}], found [{}]", name,
                                  fmt::join(shape, ", "), fmt::join(tensor.shape, ", ")));
  }
  return tensor;
}

std::vector<float> Safetensors::read_f32(const std::string& name) const {
  const Tensor tensor = view(name);
  std::vector<float> values(tensor.elements());
  if (!values.empty()) widen(tensor.dtype, tensor.data, values.size(), values.data());
  return values;
}

std::vector<float> Safetensors::read_f32(const std::string& name, Slice rows) const {
  const Tensor tensor = view(name);
  AIPU_ASSERT(!tensor.shape.empty(), "{} has no rows", name);
  check_slice(tensor, rows, tensor.shape[0], "rows");
  const std::uint64_t width = tensor.shape[0] == 0 ? 0 : tensor.elements() / tensor.shape[0];
  std::vector<float> values(rows.count * width);
  if (!values.empty()) {
    widen(tensor.dtype, tensor.data + rows.begin * width * size_of(tensor.dtype), values.size(),
          values.data());
  }
  return values;
}

std::vector<float> Safetensors::read_f32(const std::string& name, Slice rows, Slice columns) const {
  const Tensor tensor = view(name);
  AIPU_ASSERT(tensor.shape.size() == 2, "{} has {} dimensions, 2 are needed", name,
              tensor.shape.size());
  check_slice(tensor, rows, tensor.shape[0], "rows");
  check_slice(tensor, columns, tensor.shape[1], "columns");
  std::vector<float> values(rows.count * columns.count);
  if (values.empty()) return values;
  for (std::uint64_t row = 0; row < rows.count; ++row) {
    const std::uint64_t first = (rows.begin + row) * tensor.shape[1] + columns.begin;
    widen(tensor.dtype, tensor.data + first * size_of(tensor.dtype), columns.count,
          values.data() + row * columns.count);
  }
  return values;
}

void check_llama_tensors(const Safetensors& weights, const ModelConfig& config) {
  std::set<std::string> known;
  for (const TensorSpec& spec : tensor_specs(config)) {
    weights.view(spec.name, spec.shape);
    known.insert(spec.name);
  }
  // Values derived from the config, and the copy of a tied head, are not needed; anything else
  // would change the tokens if it were left out.
  constexpr std::string_view kDerived = "rotary_emb.inv_freq";
  if (config.tied_embeddings) known.insert(tensor_name(WeightKind::kHead));
  for (const std::string& name : weights.names()) {
    const bool derived =
        name.size() >= kDerived.size() &&
        name.compare(name.size() - kDerived.size(), kDerived.size(), kDerived) == 0;
    if (known.count(name) == 0 && !derived) {
      throw ConfigError(
          weights.place(),
          fmt::format("{}: unexpected tensor; a {} of {} layers has none of that name", name,
                      config.architecture, config.layers));
    }
  }
}

}  // namespace aipu::load
