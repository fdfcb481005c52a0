// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "tlm/cosim/passed_pins.h"

namespace aipu::cosim {

/// What was put on the inputs, to put it on others again.
struct Recording {
  struct Setting {
    SwitchPins::Select select;
    std::uint32_t port, index;
    std::uint64_t value;
  };
  struct Flit {
    std::uint32_t input;
    SwitchPins::Flit bits;
  };
  struct Credit {
    std::uint32_t output;
    SwitchPins::Credit credit;
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

  void set_up(SwitchPins& pins) const {
    for (const Setting& s : settings)
      pins.configure(s.select, s.port, s.index, s.value);
  }
  void replay(SwitchPins& pins) const {
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

}  // namespace aipu::cosim
