// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/switch_maker.h"

#include <algorithm>
#include <utility>

#include "sim/cosim/rtl_switch.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::cosim {
namespace {

using directcom::SwitchKind;
using directcom::SwitchModel;

/// Says what its model throws, where nobody could catch it: inside a SystemC process.
class ReportingSwitch final : public SwitchModel {
 public:
  using Report = std::function<void(const std::string&)>;
  ReportingSwitch(std::unique_ptr<SwitchModel> model, Report report)
      : model_(std::move(model)), report_(std::move(report)) {}

  std::uint32_t ports() const override { return model_->ports(); }
  void offer(std::uint32_t output, const directcom::FarEnd& far_end) override {
    model_->offer(output, far_end);
  }
  void arrive(std::uint64_t cycle, const Arrival& arrival) override {
    if (!broken_) model_->arrive(cycle, arrival);
  }
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override {
    if (!broken_) model_->credit(cycle, output, destination, traffic_class, flits);
  }
  const std::vector<Departure>& step(std::uint64_t tick) override {
    static const std::vector<Departure> kNone;
    if (broken_) return kNone;
    try {
      return model_->step(tick);
    } catch (const Mismatch& mismatch) {
      broken_ = true;
      report_(mismatch.what());
      return kNone;
    }
  }
  std::uint64_t window_end(std::uint64_t tick) const override { return model_->window_end(tick); }
  std::uint64_t next() const override { return broken_ ? kNever : model_->next(); }
  void delay(std::uint32_t output, std::uint64_t cycles) override {
    if (!broken_) model_->delay(output, cycles);
  }
  std::uint64_t waiting() const override { return model_->waiting(); }
  std::string stuck() const override { return model_->stuck(); }
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override {
    return model_->account(output, cycle);
  }

 private:
  std::unique_ptr<SwitchModel> model_;
  const Report report_;
  bool broken_ = false;
};

}  // namespace

std::string with_name(const std::string& path, const std::string& switch_name) {
  const std::size_t dot = path.rfind('.');
  const std::size_t slash = path.rfind('/');
  const bool ends = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  const std::size_t at = ends ? dot : path.size();
  return path.substr(0, at) + "." + switch_name + path.substr(at);
}

std::uint64_t tick_ps(const directcom::SwitchConfig& config) {
  constexpr std::uint64_t kSecond = 1'000'000'000'000;  // ps
  const std::uint64_t ticks = config.clock().count * config.speedup;
  return (kSecond + ticks / 2) / ticks;
}

SwitchMaker::SwitchMaker(std::vector<SwitchKind> kinds, Lookahead lookahead, Run run)
    : kinds_(std::move(kinds)), lookahead_(std::move(lookahead)), run_(std::move(run)) {}

std::unique_ptr<SwitchModel> SwitchMaker::make(const directcom::SwitchConfig& config,
                                               const directcom::Routes& routes, std::uint32_t index,
                                               std::uint64_t seed) const {
  const SwitchKind kind = kinds_[index];
  if (kind == SwitchKind::kTlm) return directcom::make_switch_core(config, routes, index, seed);
  const std::string& name = routes.topology().switches[index].name;
  const bool lockstep = kind == SwitchKind::kLockstep;
  RtlSwitch how;
  how.seed = seed;
  how.command = run_.command;
  how.assertions = lockstep;
  // In lockstep step by step: the simulation then has the very events that it has without.
  how.lookahead = lockstep ? 1 : lookahead_(routes, index);
  if (!run_.failure_prefix.empty()) how.failure_prefix = run_.failure_prefix + "." + name;
  how.tick_ps = tick_ps(config);
  how.waves = run_.waves;
  how.disturb = run_.disturb;
  const auto others = std::count(kinds_.begin(), kinds_.end(), SwitchKind::kTlm);
  if (how.waves && kinds_.size() - static_cast<std::size_t>(others) > 1)
    how.waves->path = with_name(how.waves->path, name);
  std::unique_ptr<SwitchModel> model;
  if (lockstep) {
    model = how.make_lockstep(config, routes, index).both;
  } else {
    model = how.make_rtl(config, routes, index);
  }
  if (!run_.on_mismatch) return model;
  return std::make_unique<ReportingSwitch>(std::move(model), run_.on_mismatch);
}

void SwitchMaker::check(const directcom::SwitchConfig& config,
                        const directcom::Routes& routes) const {
  const SwitchMaker without_files(kinds_, lookahead_, {});
  for (std::uint32_t s = 0; s < kinds_.size(); ++s)
    if (kinds_[s] != SwitchKind::kTlm) without_files.make(config, routes, s, 1);
}

}  // namespace aipu::cosim
