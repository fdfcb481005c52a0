// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aipu::fabric {

/// Bytes that a node sends to another as one message.
struct Flow {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint64_t bytes = 1;
  double start_ns = 0;
  std::uint8_t traffic_class = 1;
};

/// Lines `source,destination,bytes,start_ns[,class]` of a file; the first may be a header with
/// these names, `#` starts a comment. ConfigError with file and line for anything else, or for no
/// flow at all; IoError without the file.
std::vector<Flow> read_flows(const std::string& path, std::uint32_t nodes);

}  // namespace aipu::fabric
