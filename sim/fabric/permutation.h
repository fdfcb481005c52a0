// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aipu::fabric {

/// The destination of every source.
using Destinations = std::vector<std::uint16_t>;

/// ~source, of a power of two of nodes; else ConfigError, as below.
Destinations bit_complement(std::uint32_t nodes);
/// The address bits rotated left by one; a power of two of nodes.
Destinations shuffle(std::uint32_t nodes);
/// The halves of the address bits swapped; a power of four of nodes.
Destinations transpose(std::uint32_t nodes);
/// One of all permutations, all equally likely, fixed points included.
Destinations random_permutation(std::uint32_t nodes, std::uint64_t seed);

/// A permutation from a file: a list of destinations, separated by blanks, commas or line ends; or
/// a table with the header `nodes,seed,...` and rows `nodes,seed,destinations separated by blanks`,
/// of which the one with that many nodes and `seed` is taken; without `seed` (empty) there must be
/// just one. `#` starts a comment. ConfigError for anything else, IoError without the file.
Destinations read_permutation(const std::string& path, const std::string& seed,
                              std::uint32_t nodes);

}  // namespace aipu::fabric
