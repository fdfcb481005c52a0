// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tlm/cosim/switch_pins.h"

namespace aipu::cosim {

/// Pins in front of others, to watch or disturb them: everything is passed on.
class PassedPins : public SwitchPins {
 public:
  explicit PassedPins(std::unique_ptr<SwitchPins> to) : to_(std::move(to)) {}
  std::uint32_t ports() const override { return to_->ports(); }
  Limits limits() const override { return to_->limits(); }
  void configure(Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value) override {
    to_->configure(select, port, index, value);
  }
  void put_flit(std::uint32_t input, const Flit& flit) override { to_->put_flit(input, flit); }
  void put_credit(std::uint32_t output, const Credit& credit) override {
    to_->put_credit(output, credit);
  }
  void hold(std::uint32_t output) override { to_->hold(output); }
  void clock(bool second) override { to_->clock(second); }
  void reset() override { to_->reset(); }
  void assertions(bool on) override { to_->assertions(on); }
  const Broken* broken() const override { return to_->broken(); }
  bool write_coverage(const std::string& path) override { return to_->write_coverage(path); }
  std::uint64_t routed() const override { return to_->routed(); }
  std::uint32_t routed_output(std::uint32_t input) const override {
    return to_->routed_output(input);
  }
  std::uint64_t granted() const override { return to_->granted(); }
  Grant grant(std::uint32_t output) const override { return to_->grant(output); }
  std::uint64_t no_credit() const override { return to_->no_credit(); }
  std::uint64_t lost_arbitration() const override { return to_->lost_arbitration(); }
  std::uint64_t sending() const override { return to_->sending(); }
  Flit flit(std::uint32_t output) const override { return to_->flit(output); }
  bool mark(std::uint32_t output) const override { return to_->mark(output); }
  std::uint64_t returning() const override { return to_->returning(); }
  Credit credit(std::uint32_t input) const override { return to_->credit(input); }
  bool busy() const override { return to_->busy(); }
  void jump(std::uint64_t tick) override { to_->jump(tick); }
  Snapshot save() override { return to_->save(); }
  bool restore(const Snapshot& snapshot) override { return to_->restore(snapshot); }
  void open_waves(const std::string& path, std::uint64_t tick_ps) override {
    to_->open_waves(path, tick_ps);
  }
  void close_waves(std::uint64_t blank_ticks) override { to_->close_waves(blank_ticks); }
  void watch(const ShellSignals* shell) override { to_->watch(shell); }

 protected:
  SwitchPins& to() { return *to_; }
  const SwitchPins& to() const { return *to_; }

 private:
  std::unique_ptr<SwitchPins> to_;
};

}  // namespace aipu::cosim
