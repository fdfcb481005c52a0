// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hw/directcom/routes.h"
#include "hw/directcom/topology.h"
#include "sim/cli/arguments.h"
#include "sim/cli/progress.h"
#include "sim/cli/simulation.h"
#include "sim/fabric/setup.h"

namespace aipu::cli {

/// The options of `fabric` that say what the network is.
std::vector<Option> network_options();

/// The network that the options describe; everything in it has been checked.
class FabricNetwork {
 public:
  explicit FabricNetwork(const Arguments& arguments);

  const directcom::Routes& routes() const { return *routes_; }
  /// Without what is asked of it.
  const fabric::Setup& setup() const { return setup_; }

 private:
  directcom::Topology topology_;
  std::unique_ptr<directcom::Routes> routes_;
  fabric::Setup setup_;
};

/// Shows how far a run is, and ends it with UserError where the user interrupts.
class FabricWatch {
 public:
  /// `runs` of them, each shown as one of `unit`.
  FabricWatch(const char* unit, std::size_t runs, double cycle_ns);
  void look(std::uint64_t cycle);
  void done_one(std::uint64_t cycle);
  /// Before results are printed.
  void clear() { progress_.clear(); }

 private:
  const InterruptGuard guard_;
  const double cycle_ns_;
  Progress progress_;
  std::uint64_t before_ = 0;  ///< cycles of runs that have ended
};

}  // namespace aipu::cli
