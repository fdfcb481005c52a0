// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "hw/config/board.h"
#include "hw/hbm/config.h"

namespace aipu::config {

/// Every key with its value and unit, in the order of the schema; load() of it gives the same
/// Board.
std::string to_yaml(const Board& board);
/// The same of a memory device, for load_hbm().
std::string to_yaml(const hbm::Config& device);

/// xxhash64 of to_yaml(): equal boards have equal hashes.
std::uint64_t hash(const Board& board);

}  // namespace aipu::config
