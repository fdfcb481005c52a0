// SPDX-License-Identifier: Apache-2.0
#include "sim/report/layer_clock.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace aipu::report {

LayerClock::LayerClock(const workload::Plan& plan, std::uint32_t simulated, std::uint32_t whole,
                       std::function<Snapshot()> snapshot)
    : plan_(plan), simulated_(simulated), whole_(whole), take_(std::move(snapshot)) {}

std::uint32_t LayerClock::missing(std::uint32_t stage) const {
  return workload::even_share(whole_, stage, plan_.pp).count -
         workload::even_share(simulated_, stage, plan_.pp).count;
}

void LayerClock::reached(std::uint32_t aipu, const std::string& name, std::uint64_t time) {
  if (aipu % plan_.tp != 0) return;
  const std::uint32_t stage = aipu / plan_.tp;
  const workload::Share own = workload::even_share(simulated_, stage, plan_.pp);
  const std::uint32_t last_layer = own.begin + own.count - 1;
  const bool is_layer = name.rfind("layer ", 0) == 0;
  const auto layer =
      is_layer ? static_cast<std::uint32_t>(std::strtoul(name.c_str() + 6, nullptr, 10)) : 0U;
  if (name == "embed") ++passes_;
  if (is_layer) layers_.push_back({passes_ - 1, stage, layer, time - last_});
  if (is_layer && layer == last_layer && missing(stage) != 0) {
    growth_.push_back({std::move(before_), take_(), missing(stage)});
    before_ = {};
  }
  // The next mark may end a layer that stands for others: the one before the last, or the mark that
  // a single layer follows.
  const bool before_last = is_layer && layer + 1 == last_layer;
  const bool before_single = !is_layer && name != "head" && simulated_ == plan_.pp;
  if (extrapolates() && (before_last || before_single)) before_ = take_();
  last_ = time;
}

void LayerClock::extend(Snapshot& run) const {
  for (const Growth& growth : growth_)
    run.extend(growth.before, growth.after, growth.times);
}

std::uint64_t LayerClock::added_ps() const {
  std::uint64_t sum = 0;
  for (const Growth& growth : growth_)
    sum += growth.times * (growth.after.time - growth.before.time);
  return sum;
}

double LayerClock::unsteadiness() const {
  double worst = -1;
  for (std::size_t i = 1; i < layers_.size(); ++i) {
    const LayerTime &a = layers_[i - 1], &b = layers_[i];
    const bool last =
        i + 1 == layers_.size() || layers_[i + 1].stage != b.stage || layers_[i + 1].pass != b.pass;
    if (!last || a.stage != b.stage || a.pass != b.pass || b.ps == 0) continue;
    const double difference = static_cast<double>(b.ps) - static_cast<double>(a.ps);
    worst = std::max(worst, std::abs(difference) / static_cast<double>(b.ps));
  }
  return worst;
}

double LayerClock::layer_seconds() const {
  double sum = 0;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool last = i + 1 == layers_.size() || layers_[i + 1].stage != layers_[i].stage ||
                      layers_[i + 1].pass != layers_[i].pass;
    if (!last) continue;
    sum += static_cast<double>(layers_[i].ps) * 1e-12;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

}  // namespace aipu::report
