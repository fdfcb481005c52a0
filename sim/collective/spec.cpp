// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/spec.h"

#include <numeric>
#include <random>

namespace aipu::collective {

const std::vector<std::string>& kind_names() {
  static const std::vector<std::string> names{"allreduce", "reducescatter", "allgather",
                                              "broadcast", "alltoall",      "dispatch",
                                              "combine",   "barrier",       "kv"};
  return names;
}

const std::vector<std::string>& algorithm_names() {
  static const std::vector<std::string> names{"auto", "one-shot",  "two-shot",
                                              "ring", "multicast", "in-switch"};
  return names;
}

Counts uneven_counts(const Spec& spec) {
  std::mt19937_64 random(spec.seed);
  // Not the library's distributions: they differ between implementations.
  const auto draw = [&random] { return static_cast<double>(random() >> 11U) * 0x1p-53; };
  std::vector<double> limits(spec.ranks);
  for (double& weight : limits)
    weight = 1.0 - spec.skew + 2.0 * spec.skew * draw();
  std::partial_sum(limits.begin(), limits.end(), limits.begin());
  const std::uint32_t rows = spec.bytes / spec.row;
  Counts counts(spec.ranks, std::vector<std::uint32_t>(spec.ranks, 0));
  for (auto& own : counts) {
    for (std::uint32_t i = 0; i < rows; ++i) {
      const double at = draw() * limits.back();
      std::uint32_t to = 0;
      while (to + 1 < spec.ranks && at >= limits[to])
        ++to;
      ++own[to];
    }
  }
  return counts;
}

}  // namespace aipu::collective
