// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/report/snapshot.h"

namespace aipu::report {

/// A kind of model whose time a report divides.
struct Resource {
  enum class Level { kEngine, kHart, kChip };
  const char* kind;  ///< as in Snapshot::Key
  const char* name;  ///< in reports
  Level level;
  const char* group;  ///< of the configuration, of those that may bind a run; else empty
  bool bounds() const { return *group != '\0'; }
};
const std::vector<Resource>& resources();

/// Busy first, idle last, the rest by name.
std::vector<std::pair<std::string, std::int64_t>> ordered_shares(const Account& account);

/// Tenths of a percent that add up to exactly 1000 (the largest remainders are rounded up); empty
/// for an account without time.
std::vector<std::pair<std::string, std::int64_t>> per_mille(const Account& account);

/// The busy part, 0..1.
double utilisation(const Account& account);

/// What limits the run.
struct Bound {
  std::string group;       ///< of the configuration, where it is set
  std::string name;        ///< a resource, or "latency and synchronisation"
  double utilisation = 0;  ///< of the busiest resource
  std::string busiest, next;
  double next_utilisation = 0;
};
Bound find_bound(const Snapshot& step);

}  // namespace aipu::report
