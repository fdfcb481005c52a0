// SPDX-License-Identifier: Apache-2.0
#include "sim/report/layer_clock.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace aipu::report {
namespace {

double mean(const std::vector<std::uint64_t>& values) {
  double sum = 0;
  for (std::uint64_t v : values)
    sum += static_cast<double>(v);
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<std::uint64_t>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (std::uint64_t v : values)
    sum += std::pow(static_cast<double>(v) - middle, 2);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

}  // namespace

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
  const bool is_layer = name.rfind("layer ", 0) == 0;
  if (name == "embed") ++passes_;
  if (is_layer) {
    const auto layer = static_cast<std::uint32_t>(std::strtoul(name.c_str() + 6, nullptr, 10));
    layers_.push_back({passes_ - 1, stage, layer, time - last_});
    if (missing(stage) != 0) follow(stage, own, layer - own.begin, time - last_);
  } else if (simulated_ != whole_ && simulated_ == plan_.pp && name != "head") {
    open_.before = take_();  // a single layer follows
  }
  last_ = time;
}

/// `layer` counts from the first one of the stage.
void LayerClock::follow(std::uint32_t stage, const workload::Share& own, std::uint32_t layer,
                        std::uint64_t ps) {
  const std::uint32_t first = own.count == 1 ? 0 : 1;
  const std::uint32_t last = own.count >= 3 ? own.count - 2 : own.count - 1;
  if (layer >= first && layer <= last) open_.layers.push_back(ps);
  if (layer == last) {
    open_.after = take_();
    open_.missing = missing(stage);
    windows_.push_back(std::move(open_));
    open_ = {};
  }
  if (layer + 1 == first) open_.before = take_();
}

void LayerClock::extend(Snapshot& run) const {
  for (const Window& w : windows_)
    run.extend(w.before, w.after, w.missing, w.layers.size());
}

double LayerClock::layer_seconds() const {
  double sum = 0;
  for (const Window& w : windows_)
    sum += mean(w.layers) * 1e-12;
  return windows_.empty() ? 0 : sum / static_cast<double>(windows_.size());
}

double LayerClock::uncertainty() const {
  double worst = -1;
  for (const Window& w : windows_) {
    if (w.layers.size() < 2) continue;
    const double off = deviation(w.layers) / static_cast<double>(w.layers.size());
    worst = std::max(worst, off / mean(w.layers));
  }
  return worst;
}

}  // namespace aipu::report
