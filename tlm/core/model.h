// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <systemc>
#include <vector>

#include "tlm/core/stats.h"

namespace aipu {

/// One share of the elapsed time of a resource, as a report shows it.
struct TimeShare {
  std::string cause;  ///< "busy", "idle", or why it waited
  std::uint64_t picoseconds = 0;
};

/// Base of every hardware model: a module that can be asked for its numbers once, at the end of a
/// run.
class Model : public sc_core::sc_module {
 public:
  explicit Model(const sc_core::sc_module_name& name);
  ~Model() override;

  /// Its counters, or null where it has none.
  virtual const StatGroup* stat_group() const { return nullptr; }
  /// How its elapsed time divides; empty where it keeps no account, else adding up to
  /// `now` x servers() exactly.
  virtual std::vector<TimeShare> time_shares(std::uint64_t now) const;
  /// Parallel resources behind one account (the pseudo-channels of an HBM subsystem).
  virtual std::uint64_t servers() const { return 1; }
  /// One line for a hang report when it waits for something, else empty.
  virtual std::string waiting_for() const { return {}; }
};

/// Calls `visit` for every Model below (and including) `root`, in order of construction.
template <typename Visit>
void for_each_model(const sc_core::sc_object& root, Visit&& visit) {
  if (const auto* model = dynamic_cast<const Model*>(&root)) visit(*model);
  for (const sc_core::sc_object* child : root.get_child_objects())
    for_each_model(*child, visit);
}

}  // namespace aipu
