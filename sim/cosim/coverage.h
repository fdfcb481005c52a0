// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "tlm/cosim/passed_pins.h"

namespace aipu::cosim {

/// Bins of one kind and how often each was hit: "flow.i{}.o{}.c{}" over inputs, outputs, classes.
class BinGroup {
 public:
  BinGroup(std::string pattern, std::vector<std::uint32_t> sizes,
           std::vector<std::uint32_t> firsts = {});
  /// `at`: an index for each {}, counted from that of `firsts`, or 0.
  void hit(std::initializer_list<std::uint32_t> at);
  void each(const std::function<void(const std::string& id, std::uint64_t hits)>& visit) const;

 private:
  std::string pattern_;
  std::vector<std::uint32_t> sizes_;
  std::vector<std::uint32_t> firsts_;
  std::vector<std::uint64_t> hits_;
};

/// What happened at the pins of switches of so many ports: the functional coverage, by bins. What
/// they mean is in tests/rtl/plan.yaml.
struct Coverage {
  explicit Coverage(std::uint32_t ports, std::uint32_t speedup);
  void each(const std::function<void(const std::string& id, std::uint64_t hits)>& visit) const;

  std::uint32_t ports;
  std::uint32_t speedup;
  BinGroup flow, contend, credit_zero, credit_one, credit_max, starved, credit_with_send;
  BinGroup buffer_empty, buffer_full, back_to_back, single, handover, pointer, accept, blocked;
  BinGroup wake_flit, wake_credit, mark, held, choice, reset, grant_tick, credit_tick, twice;
};

/// Pins in front of others that sample Coverage, which outlives them.
class CoveredPins : public PassedPins {
 public:
  CoveredPins(std::unique_ptr<SwitchPins> to, Coverage& coverage);

  void configure(Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value) override;
  void put_flit(std::uint32_t input, const Flit& flit) override;
  void put_credit(std::uint32_t output, const Credit& credit) override;
  void hold(std::uint32_t output) override;
  void clock(bool second) override;
  void reset() override;

 private:
  struct Packet {
    std::uint32_t destination = 0;
    std::uint32_t traffic_class = 0;
    std::uint32_t flits = 0;
    std::uint32_t pool = 0;  ///< at the next hop
  };
  struct Input {
    std::deque<Packet> coming;
    std::uint32_t rest = 0;  ///< flits of a packet still to come
    std::uint64_t last = 0;  ///< tick of the last flit
    std::uint32_t stored = 0;
    std::uint32_t pointer = 0;  ///< of acceptance
  };
  struct Output {
    std::vector<std::uint32_t> credit, first;  ///< by pool, class
    std::vector<std::uint32_t> pools;          ///< of destinations
    std::array<std::uint32_t, 4> pointer{};    ///< by class
    std::uint64_t free = 0;                    ///< tick in which the packet before has crossed
    std::uint64_t sent = 0;                    ///< tick of the last grant
    std::uint32_t sent_at = 0;                 ///< its pool and class
    std::uint32_t returns = 0;                 ///< credits in this tick
    bool held = false;
  };
  struct State {
    std::vector<Input> inputs;
    std::vector<Output> outputs;
    std::vector<std::deque<Packet>> queues;  ///< input, output, class
    std::vector<std::uint64_t> masks;        ///< outputs of destinations
    std::uint32_t choice = 0;
    std::uint64_t tick = 1;
    bool configured = false;
  };

  State fresh();
  std::deque<Packet>& queue(std::uint32_t input, std::uint32_t output, std::uint32_t c) {
    return state_.queues[(input * bins_.ports + output) * 4 + c];
  }
  std::uint32_t waiting_inputs(std::uint32_t output);
  void sample_routes();
  void sample_grant(std::uint32_t output, bool second);
  void sample_starved(std::uint32_t output);
  void sample_credits(bool second);

  Coverage& bins_;
  State state_;
};

}  // namespace aipu::cosim
