// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/load/mapped_file.h"

namespace aipu::load {

/// What the header of one safetensors file says about one tensor; offsets count from the file
/// start.
struct HeaderEntry {
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Reads and checks a header: known types, size = shape x type, tensors back to back from the end
/// of the header to the end of the file. IoError for a file cut short, else ConfigError.
std::map<std::string, HeaderEntry> read_safetensors_header(const MappedFile& file);

}  // namespace aipu::load
