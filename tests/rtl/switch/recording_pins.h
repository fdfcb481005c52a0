// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tlm/cosim/switch_pins.h"

namespace aipu::test {

/// Pins in front of others, for tests that watch or disturb them: everything is passed on.
class PassedPins : public cosim::SwitchPins {
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

 protected:
  SwitchPins& to() { return *to_; }

 private:
  std::unique_ptr<SwitchPins> to_;
};

/// What was put on the inputs, to put it on others again.
struct Recording {
  struct Setting {
    cosim::SwitchPins::Select select;
    std::uint32_t port, index;
    std::uint64_t value;
  };
  struct Flit {
    std::uint32_t input;
    cosim::SwitchPins::Flit bits;
  };
  struct Credit {
    std::uint32_t output;
    cosim::SwitchPins::Credit credit;
  };
  struct Cycle {
    std::size_t flits = 0;  ///< in the list below, up to here
    std::size_t credits = 0;
    bool second = false;
  };
  std::vector<Setting> settings;
  std::vector<Flit> flits;
  std::vector<Credit> credits;
  std::vector<Cycle> cycles;

  void set_up(cosim::SwitchPins& pins) const {
    for (const Setting& s : settings)
      pins.configure(s.select, s.port, s.index, s.value);
  }
  void replay(cosim::SwitchPins& pins) const {
    std::size_t f = 0;
    std::size_t c = 0;
    for (const Cycle& cycle : cycles) {
      for (; f < cycle.flits; ++f)
        pins.put_flit(flits[f].input, flits[f].bits);
      for (; c < cycle.credits; ++c)
        pins.put_credit(credits[c].output, credits[c].credit);
      pins.clock(cycle.second);
    }
  }
};

class RecordingPins final : public PassedPins {
 public:
  RecordingPins(std::unique_ptr<SwitchPins> to, Recording& recording)
      : PassedPins(std::move(to)), recording_(recording) {}
  void configure(Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value) override {
    recording_.settings.push_back({select, port, index, value});
    PassedPins::configure(select, port, index, value);
  }
  void put_flit(std::uint32_t input, const Flit& flit) override {
    recording_.flits.push_back({input, flit});
    PassedPins::put_flit(input, flit);
  }
  void put_credit(std::uint32_t output, const Credit& credit) override {
    recording_.credits.push_back({output, credit});
    PassedPins::put_credit(output, credit);
  }
  void clock(bool second) override {
    recording_.cycles.push_back({recording_.flits.size(), recording_.credits.size(), second});
    PassedPins::clock(second);
  }

 private:
  Recording& recording_;
};

}  // namespace aipu::test
