// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/report/snapshot.h"
#include "sim/workload/plan.h"

namespace aipu::report {

/// How long each layer took, from the marks that the first AIPU of every stage passes, and what the
/// layers that were not simulated would have added.
///
/// Stages and passes follow one another: a pass begins when the ids of the one before are known. So
/// the marks of all stages together are one sequence, and a layer lasts from the mark before to its
/// own.
class LayerClock {
 public:
  struct LayerTime {
    std::uint32_t pass = 0, stage = 0, layer = 0;  ///< layer: of the simulated model
    std::uint64_t ps = 0;
  };

  /// `simulated` and `whole`: layers of the model that is simulated, and of the real one.
  LayerClock(const workload::Plan& plan, std::uint32_t simulated, std::uint32_t whole,
             std::function<Snapshot()> snapshot);

  /// Takes every mark of every AIPU, in order of time.
  void reached(std::uint32_t aipu, const std::string& name, std::uint64_t time);

  const std::vector<LayerTime>& layers() const { return layers_; }
  /// Adds what was not simulated.
  void extend(Snapshot& run) const;
  std::uint64_t added_ps() const;  ///< by extend(), to the time of the run
  /// Largest difference of the last two layers of a stage, as a part of the last; negative:
  /// unknown.
  double unsteadiness() const;
  /// Mean time of the last simulated layer.
  double layer_seconds() const;
  std::uint32_t simulated() const { return simulated_; }
  std::uint32_t whole() const { return whole_; }
  bool extrapolates() const { return simulated_ != whole_; }

 private:
  struct Growth {
    Snapshot before, after;
    std::uint64_t times = 0;
  };

  std::uint32_t missing(std::uint32_t stage) const;

  const workload::Plan plan_;
  const std::uint32_t simulated_, whole_;
  const std::function<Snapshot()> take_;
  std::vector<LayerTime> layers_;
  std::vector<Growth> growth_;
  std::uint32_t passes_ = 0;  ///< begun
  std::uint64_t last_ = 0;
  Snapshot before_;
};

}  // namespace aipu::report
