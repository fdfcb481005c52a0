// SPDX-License-Identifier: Apache-2.0
#include "sim/load/safetensors_header.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <string_view>
#include <utility>

#include "hw/base/error.h"
#include "sim/load/json_file.h"

namespace aipu::load {

namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kLongestName = 1024;
constexpr std::uint64_t kMaximum = std::numeric_limits<std::uint64_t>::max();

// Every type of the format, so that a file with one we cannot read is still checked as a whole.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 15> kTypes{{
    {"BOOL", 1},
    {"U8", 1},
    {"I8", 1},
    {"F8_E4M3", 1},
    {"F8_E5M2", 1},
    {"I16", 2},
    {"U16", 2},
    {"F16", 2},
    {"BF16", 2},
    {"I32", 4},
    {"U32", 4},
    {"F32", 4},
    {"I64", 8},
    {"U64", 8},
    {"F64", 8},
}};

std::uint64_t type_size(const JsonObject& tensor) {
  const std::string name = tensor.text("dtype");
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const auto& type) { return type.first == name; });
  if (found == kTypes.end()) tensor.fail("dtype", fmt::format("\"{}\" is not a known type", name));
  return found->second;
}

std::vector<std::uint64_t> integers(const JsonObject& tensor, const char* key) {
  std::vector<std::uint64_t> values;
  const nlohmann::json& list = tensor.at(key);
  if (!list.is_array()) tensor.fail(key, "must be a list of integers, found " + describe(list));
  for (const nlohmann::json& value : list) {
    if (!value.is_number_unsigned()) {
      tensor.fail(key, "must be a list of non-negative integers, found " + describe(value));
    }
    values.push_back(value.get<std::uint64_t>());
  }
  return values;
}

std::uint64_t size_in_bytes(const JsonObject& tensor, const std::vector<std::uint64_t>& shape) {
  std::uint64_t bytes = type_size(tensor);
  for (const std::uint64_t extent : shape) {
    if (extent != 0 && bytes > kMaximum / extent) tensor.fail("shape", "is larger than 2^64 bytes");
    bytes *= extent;
  }
  return bytes;
}

HeaderEntry read_entry(const JsonObject& tensor, std::uint64_t data_begin) {
  HeaderEntry entry;
  entry.dtype = tensor.text("dtype");
  entry.shape = integers(tensor, "shape");
  const std::uint64_t bytes = size_in_bytes(tensor, entry.shape);
  const auto offsets = integers(tensor, "data_offsets");
  if (offsets.size() != 2 || offsets[1] < offsets[0] || offsets[1] > kMaximum - data_begin) {
    tensor.fail("data_offsets", "must be [begin, end] with begin <= end");
  }
  if (offsets[1] - offsets[0] != bytes) {
    tensor.fail("data_offsets",
                fmt::format("span {} bytes, but {} of shape [{}] needs {}", offsets[1] - offsets[0],
                            entry.dtype, fmt::join(entry.shape, ", "), bytes));
  }
  entry.begin = data_begin + offsets[0];
  entry.end = data_begin + offsets[1];
  return entry;
}

// Names end up in messages of one line.
void check_name(const JsonObject& header, const std::string& name) {
  const bool plain = std::none_of(name.begin(), name.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (name.empty() || name.size() > kLongestName || !plain) {
    header.fail(name,
                fmt::format("a tensor name must have 1 to {} printable characters", kLongestName));
  }
}

std::uint64_t header_length(const MappedFile& file) {
  if (file.size() < kLengthBytes) {
    throw IoError(file.path(), fmt::format("truncated: {} bytes, a safetensors file begins with "
                                           "an 8-byte header length",
                                           file.size()));
  }
  std::uint64_t length = 0;
  for (std::uint64_t i = 0; i < kLengthBytes; ++i) {
    length |= std::to_integer<std::uint64_t>(file.data()[i]) << (8 * i);
  }
  if (length > kLongestHeader) {
    throw ConfigError(file.path(), fmt::format("not a safetensors file: header length {} is above "
                                               "the format's limit of {}",
                                               length, kLongestHeader));
  }
  if (length > file.size() - kLengthBytes) {
    throw IoError(file.path(), fmt::format("truncated: the header needs {} bytes, the file has {}",
                                           kLengthBytes + length, file.size()));
  }
  return length;
}

// Tensors must follow each other without gap or overlap up to the last byte of the file.
void check_layout(const MappedFile& file, const std::map<std::string, HeaderEntry>& entries,
                  std::uint64_t data_begin) {
  std::vector<const std::pair<const std::string, HeaderEntry>*> order;
  for (const auto& entry : entries)
    order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  std::uint64_t at = data_begin;
  for (const auto* entry : order) {
    if (entry->second.begin != at) {
      throw ConfigError(file.path(),
                        fmt::format("{}: data_offsets begin at {}, but the data before it ends at "
                                    "{} ({})",
                                    entry->first, entry->second.begin - data_begin, at - data_begin,
                                    entry->second.begin < at ? "they overlap" : "a gap"));
    }
    at = entry->second.end;
  }
  if (at > file.size()) {
    throw IoError(file.path(),
                  fmt::format("truncated: {} bytes, its header describes {}", file.size(), at));
  }
  if (at < file.size()) {
    throw ConfigError(file.path(), fmt::format("{} bytes after the last tensor belong to nothing",
                                               file.size() - at));
  }
}

}  // namespace

std::map<std::string, HeaderEntry> read_safetensors_header(const MappedFile& file) {
  const std::uint64_t length = header_length(file);
  std::string text(length, ' ');
  std::transform(file.data() + kLengthBytes, file.data() + kLengthBytes + length, text.begin(),
                 [](std::byte b) { return static_cast<char>(b); });
  const std::string place = file.path() + " (header)";
  const nlohmann::json parsed = parse_json(text, place, RepeatedKeys::kRefuse);
  const JsonObject header(parsed, place);
  std::map<std::string, HeaderEntry> entries;
  for (const auto& item : parsed.items()) {
    if (item.key() == "__metadata__") continue;
    check_name(header, item.key());
    entries.emplace(item.key(), read_entry(header.object(item.key()), kLengthBytes + length));
  }
  check_layout(file, entries, kLengthBytes + length);
  return entries;
}

}  // namespace aipu::load
