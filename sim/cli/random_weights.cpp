// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/random_weights.h"

#include <cmath>

namespace aipu::cli {
namespace {

/// Mixes all bits (the finaliser of SplitMix64).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// -1..1.
float unit(std::uint64_t key) {
  return static_cast<float>(static_cast<double>(mix(key) >> 40U) * 0x1p-23 - 1.0);
}

}  // namespace

workload::WeightSource random_weights(std::uint64_t seed) {
  return [seed](load::WeightKind kind, std::uint32_t layer, load::Slice rows, load::Slice columns) {
    const std::uint64_t tensor = mix(seed + (static_cast<std::uint64_t>(kind) << 32U) + layer + 1);
    const bool norm = kind == load::WeightKind::kInputNorm || kind == load::WeightKind::kPostNorm ||
                      kind == load::WeightKind::kFinalNorm;
    const float scale = norm ? 0.1F : 0.05F;
    std::vector<float> values;
    values.reserve(rows.count * columns.count);
    for (std::uint64_t r = rows.begin; r < rows.begin + rows.count; ++r) {
      const std::uint64_t row = mix(tensor + r);
      for (std::uint64_t c = columns.begin; c < columns.begin + columns.count; ++c) {
        values.push_back((norm ? 1.0F : 0.0F) + scale * unit(row + c));
      }
    }
    return values;
  };
}

}  // namespace aipu::cli
