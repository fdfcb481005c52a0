// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "tlm/cosim/switch_pins.h"

namespace aipu::test {

/// Random traffic straight at the pins of a switch: every bit of headers, payload, tables and
/// registers is drawn, which a network around it would never do. Keeps the rules of the pins, and
/// checks that each packet leaves once, whole, at an output that its destination has.
class PinTraffic {
 public:
  struct Knobs {
    double load = 0.5;             ///< flits a cycle of an input
    std::uint32_t max_flits = 64;  ///< lengths are 1..max
    std::uint32_t credit = 200;    ///< most flits of first credit; at least the longest packet
    std::uint32_t delay = 20;      ///< most cycles from a packet's tail to its credit
    std::uint32_t classes = 15;    ///< mask
    std::uint32_t destinations = 16;
    std::uint32_t choice = 0;    ///< rule
    std::uint32_t patience = 3;  ///< turns
    std::uint32_t mark = 20;     ///< flits
    std::uint32_t quantum = 0;   ///< flits of every class; 0: drawn
    std::uint32_t pools = 4;     ///< at the next hop
    std::uint32_t inputs = 15;   ///< mask
    bool longest = false;        ///< every packet has max_flits
    /// Input whose packets alone go to the lower nodes, in pool 0, which returns credit late. 32:
    /// none.
    std::uint32_t slow = 32;
    std::uint32_t outputs = 15;  ///< mask
    double holds = 0;            ///< share of cycles
  };
  PinTraffic(cosim::SwitchPins& pins, std::uint32_t speedup, std::uint64_t seed);

  /// Writes every table and register, with values drawn.
  void configure(const Knobs& knobs);
  /// A new round: resets the switch, then configures it.
  void start(const Knobs& knobs) {
    reset();
    configure(knobs);
  }
  /// Link cycles with new packets; then, unless `leave`, until nothing is in the switch.
  void run(std::uint32_t cycles, bool leave = false);
  /// Holds credit back until every input is full, then lets all go.
  void fill();
  /// In the middle of traffic; to be configured again.
  void reset();

  std::uint64_t delivered() const { return delivered_; }

 private:
  using Flit = cosim::SwitchPins::Flit;
  struct Packet {
    std::uint32_t id = 0;
    std::uint32_t destination = 0;
    std::uint32_t traffic_class = 0;
    std::vector<Flit> flits;
  };
  struct Input {
    Packet now;
    std::uint32_t sent = 0;
    std::uint32_t stored = 0;
    std::uint32_t freed = 0;  ///< in this tick
  };
  struct Return {
    std::uint64_t earliest = 0;  ///< cycle in which it could come
    std::uint64_t cycle = 0;
    cosim::SwitchPins::Credit credit;
  };
  struct Output {
    Packet now;
    std::uint32_t left = 0;  ///< flits seen
    std::deque<Return> returns, late;
    std::vector<std::uint32_t> pools;
  };

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  Packet draw(std::uint32_t input);
  void cycle(bool send);
  void tick(bool second);
  void watch(std::uint32_t output);
  bool idle() const;

  cosim::SwitchPins& pins_;
  const std::uint32_t ports_;
  const std::uint32_t speedup_;
  std::mt19937_64 random_;
  Knobs knobs_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<std::uint32_t> masks_;
  std::map<std::uint32_t, Packet> under_way_;
  std::uint32_t next_id_ = 1;
  std::uint64_t now_ = 0;
  std::uint64_t delivered_ = 0;
  bool no_credit_ = false;
  bool draining_ = false;  ///< nothing is late any more
};

}  // namespace aipu::test
