// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "sim/cosim/failure_report.h"
#include "sim/cosim/random_run.h"
#include "tests/support/tiny_model.h"
#include "tlm/cosim/passed_pins.h"

namespace aipu::test {

/// The RTL gets another destination in one head: a difference to the reference, which the log has.
class OtherDestination final : public cosim::PassedPins {
 public:
  OtherDestination(std::unique_ptr<SwitchPins> to, std::uint64_t tick)
      : cosim::PassedPins(std::move(to)), tick_(tick) {}
  void put_flit(std::uint32_t input, const Flit& flit) override;
  void jump(std::uint64_t tick) override {
    now_ = tick;
    cosim::PassedPins::jump(tick);
  }
  void clock(bool second) override {
    ++now_;
    cosim::PassedPins::clock(second);
  }

 private:
  const std::uint64_t tick_;  ///< from which on
  std::uint64_t now_ = 0;
  bool done_ = false;
};

/// Shows one flit too many in a tick: a fault of the model, as the log sees it.
class ExtraFlit final : public cosim::PassedPins {
 public:
  ExtraFlit(std::unique_ptr<SwitchPins> to, std::uint64_t tick)
      : cosim::PassedPins(std::move(to)), tick_(tick) {}
  void jump(std::uint64_t tick) override {
    now_ = tick;
    cosim::PassedPins::jump(tick);
  }
  void clock(bool second) override {
    ++now_;
    cosim::PassedPins::clock(second);
  }
  std::uint64_t sending() const override {
    const std::uint64_t sending = cosim::PassedPins::sending();
    return now_ == tick_ + 1 ? ~sending & 1U ? sending | 1U : sending & ~1ULL : sending;
  }

 private:
  const std::uint64_t tick_;
  std::uint64_t now_ = 0;  ///< the tick behind the current one
};

/// One switch alone, uniform traffic of all classes, every node sends whenever it can.
cosim::RandomRun full_load(std::uint32_t ports, std::uint32_t speedup, std::uint32_t max_flits);

/// What a run says that fails in lockstep behind so many ticks, with files of that prefix.
std::string fail_in_lockstep(cosim::RandomRun run, std::uint64_t tick, const std::string& prefix);

/// What a 4-port switch says that shows an extra flit in a tick, with files of that prefix.
std::string fail_by_itself(std::uint64_t tick, const std::string& prefix);

cosim::Replay read_replay(const std::string& path);

}  // namespace aipu::test
