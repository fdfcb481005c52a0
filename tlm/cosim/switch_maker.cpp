// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/switch_maker.h"

#include <fmt/format.h>
#include <utility>

#include "tlm/cosim/built_router.h"
#include "tlm/cosim/lockstep_switch.h"
#include "tlm/cosim/verilated_switch.h"
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

SwitchMaker::SwitchMaker(std::vector<SwitchKind> kinds, Lookahead lookahead, Run run)
    : kinds_(std::move(kinds)), lookahead_(std::move(lookahead)), run_(std::move(run)) {}

/// Step by step, without lookahead: the simulation then has the very events that it has without.
std::unique_ptr<SwitchModel> SwitchMaker::make_lockstep(const directcom::SwitchConfig& config,
                                                        const directcom::Routes& routes,
                                                        std::uint32_t index,
                                                        std::uint64_t seed) const {
  const directcom::Topology::Switch& which = routes.topology().switches[index];
  if (!built_router_has_twin()) {
    throw ConfigError("", fmt::format("switch {} in lockstep: the router of this build has cycles "
                                      "of its own; valid: tlm, rtl",
                                      which.name));
  }
  auto pins = SwitchPins::make(which.ports, config.speedup);
  if (pins != nullptr) pins->assertions(true);
  return std::make_unique<LockstepSwitch>(
      directcom::make_switch_core(config, routes, index, seed),
      std::make_unique<VerilatedSwitch>(config, routes, index, seed, std::move(pins)),
      LockstepSwitch::Run{which.name, run_.replay, seed, false, config.speedup});
}

std::unique_ptr<SwitchModel> SwitchMaker::make(const directcom::SwitchConfig& config,
                                               const directcom::Routes& routes, std::uint32_t index,
                                               std::uint64_t seed) const {
  const SwitchKind kind = kinds_[index];
  if (kind == SwitchKind::kTlm) return directcom::make_switch_core(config, routes, index, seed);
  auto model = kind == SwitchKind::kRtl
                   ? make_built_router(config, routes, index, seed, lookahead_(routes, index))
                   : make_lockstep(config, routes, index, seed);
  if (!run_.on_mismatch) return model;
  return std::make_unique<ReportingSwitch>(std::move(model), run_.on_mismatch);
}

}  // namespace aipu::cosim
