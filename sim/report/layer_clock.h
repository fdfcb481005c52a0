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
/// own. The first layer of a stage starts cold and the last one shares the memory with what
/// follows, so a layer that is not simulated is taken to be the mean of those between.
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
  /// Mean time of a layer that stands for others; 0 where none does.
  double layer_seconds() const;
  /// What that time may be off by, as a part of it; negative: unknown. Marks jitter by about one
  /// standard deviation of a layer whatever lies between them, so the mean of n layers by 1/n of
  /// it.
  double uncertainty() const;

 private:
  /// Layers of one stage in one pass that stand for the missing ones.
  struct Window {
    Snapshot before, after;
    std::uint64_t missing = 0;
    std::vector<std::uint64_t> layers;  ///< ps each
  };

  std::uint32_t missing(std::uint32_t stage) const;
  void follow(std::uint32_t stage, const workload::Share& own, std::uint32_t layer,
              std::uint64_t ps);

  const workload::Plan plan_;
  const std::uint32_t simulated_, whole_;
  const std::function<Snapshot()> take_;
  std::vector<LayerTime> layers_;
  std::vector<Window> windows_;
  std::uint32_t passes_ = 0;  ///< begun
  std::uint64_t last_ = 0;
  Window open_;
};

}  // namespace aipu::report
