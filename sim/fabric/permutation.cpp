// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/permutation.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>

#include "hw/base/error.h"
#include "hw/base/rng.h"
#include "sim/fabric/table.h"

namespace aipu::fabric {
namespace {

/// log2, for patterns on the bits of an address.
std::uint32_t address_bits(std::uint32_t nodes, const char* pattern) {
  if (nodes == 0 || (nodes & (nodes - 1)) != 0) {
    throw ConfigError(
        "", fmt::format("traffic {} needs a power of two of nodes, not {}", pattern, nodes));
  }
  return static_cast<std::uint32_t>(__builtin_ctz(nodes));
}

template <typename Map>
Destinations map_all(std::uint32_t nodes, const Map& map) {
  Destinations all(nodes);
  for (std::uint32_t i = 0; i < nodes; ++i)
    all[i] = static_cast<std::uint16_t>(map(i));
  return all;
}

/// Reads destinations from words and adds them.
void add(const Table& table, const std::string& list, std::uint32_t nodes,
         Destinations& destinations) {
  for (const std::string& word : words(list)) {
    const auto number = whole_number(word);
    if (!number || *number >= nodes) {
      table.fail(fmt::format("'{}' is no destination; valid: 0..{}", shown(word), nodes - 1));
    }
    destinations.push_back(static_cast<std::uint16_t>(*number));
  }
}

/// Reads all rows and returns the one that fits.
Destinations find_row(Table& table, const std::string& seed, std::uint32_t nodes) {
  std::optional<Destinations> found;
  std::vector<std::string> seeds;
  for (std::string line; table.next(line);) {
    const auto columns = fields(line);
    if (columns.size() != 3) table.fail("a row reads nodes,seed,destinations");
    if (whole_number(columns[0]) != nodes) continue;
    seeds.push_back(columns[1]);
    if (!seed.empty() && seed != columns[1]) continue;
    if (found) {
      throw ConfigError(table.path(),
                        fmt::format("several permutations of {} nodes; name one as FILE#SEED: {}",
                                    nodes, fmt::join(seeds, ", ")));
    }
    found.emplace();
    add(table, columns[2], nodes, *found);
  }
  if (found) return *found;
  throw ConfigError(
      table.path(),
      fmt::format("no permutation of {} nodes{}{}", nodes,
                  seed.empty() ? "" : fmt::format(" with seed '{}'", seed),
                  seeds.empty() ? "" : fmt::format("; seeds: {}", fmt::join(seeds, ", "))));
}

void check(const std::string& path, const Destinations& all, std::uint32_t nodes) {
  if (all.size() != nodes) {
    throw ConfigError(path, fmt::format("{} destinations for {} nodes", all.size(), nodes));
  }
  std::vector<bool> seen(nodes);
  for (const std::uint16_t one : all) {
    if (seen[one]) {
      throw ConfigError(path, fmt::format("no permutation: {} is the destination of two", one));
    }
    seen[one] = true;
  }
}

}  // namespace

Destinations bit_complement(std::uint32_t nodes) {
  address_bits(nodes, "bitcomp");
  return map_all(nodes, [&](std::uint32_t i) { return nodes - 1 - i; });
}

Destinations shuffle(std::uint32_t nodes) {
  const std::uint32_t bits = address_bits(nodes, "shuffle");
  if (bits == 0) return {0};
  return map_all(nodes, [&](std::uint32_t i) { return (i << 1U | i >> (bits - 1)) & (nodes - 1); });
}

Destinations transpose(std::uint32_t nodes) {
  const std::uint32_t bits = address_bits(nodes, "transpose");
  if (bits % 2 != 0) {
    throw ConfigError(
        "", fmt::format("traffic transpose needs a power of four of nodes, not {}", nodes));
  }
  const std::uint32_t half = bits / 2;
  const std::uint32_t low = (1U << half) - 1;
  return map_all(nodes, [&](std::uint32_t i) { return (i & low) << half | i >> half; });
}

Destinations random_permutation(std::uint32_t nodes, std::uint64_t seed) {
  Destinations all(nodes);
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  Rng rng(seed, "permutation");
  for (std::uint32_t left = nodes; left > 1; --left)
    std::swap(all[left - 1], all[rng.below(left)]);
  return all;
}

Destinations read_permutation(const std::string& path, const std::string& seed,
                              std::uint32_t nodes) {
  Table table(path);
  Destinations all;
  std::string line;
  bool any = table.next(line);
  if (any && fields(line).front() == "nodes") {
    all = find_row(table, seed, nodes);
  } else {
    if (!seed.empty()) {
      throw ConfigError(path, fmt::format("a plain list has no permutation with seed '{}'", seed));
    }
    for (; any; any = table.next(line))
      add(table, line, nodes, all);
  }
  check(path, all, nodes);
  return all;
}

}  // namespace aipu::fabric
