// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tlm/cosim/passed_pins.h"
#include "tlm/cosim/payload.h"
#include "tlm/cosim/port_mask.h"

namespace aipu::cosim {

/// A log or a replay file that cannot be what it says. The text says what is wrong with it.
class BadReplay : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What both ends of a log know of the flits of its inputs.
struct FlitHistory {
  struct Last {
    SwitchPins::Flit flit{};  ///< last that was logged as it is
    Payload payload;          ///< last of its packet, the head's place is 0
  };
  static constexpr std::uint32_t kNumber = 2;  ///< word of a head with the number of its packet

  SwitchPins::Flit next(std::uint32_t input) const {
    const Payload& payload = last[input].payload;
    return payload_flit({payload.packet, payload.place + 1});
  }
  void take(std::uint32_t input, const SwitchPins::Flit& flit);

  std::array<Last, 32> last{};  ///< by input
  std::uint32_t number = 0;     ///< of the last head
};

/// What was put on the inputs, clock by clock, in few bytes: heads are logged as the words in which
/// they differ from the one before, payload that payload_flit() makes as a bit of a mask.
class PinLog {
 public:
  PinLog();
  void clear();
  void configure(SwitchPins::Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value);
  void flit(std::uint32_t input, const SwitchPins::Flit& flit) {
    if (flit == history_.next(input)) {
      ++history_.last[input].payload.place;
      mask_ |= 1U << input;
    } else {
      head(input, flit);
    }
  }
  void credit(std::uint32_t output, const SwitchPins::Credit& credit);
  void hold(std::uint32_t output);
  void jump(std::uint64_t tick);
  void clock(bool second);

  std::uint64_t clocks() const { return clocks_; }  ///< of clock(), since clear()
  const std::vector<std::uint8_t>& bytes() const {
    bytes_.resize(used_);
    return bytes_;
  }
  std::size_t size() const { return used_; }

 private:
  void head(std::uint32_t input, const SwitchPins::Flit& flit);
  std::uint8_t* room();
  void put(std::uint64_t value, std::uint32_t bytes);

  mutable std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
  std::uint64_t clocks_ = 0;
  std::uint32_t mask_ = 0;                    ///< inputs with predicted payload in this cycle
  std::array<std::uint32_t, 2> last_mask_{};  ///< of the last cycle, by `second`
  FlitHistory history_;
};

/// Puts what a PinLog holds on pins again. Throws BadReplay where it holds no such thing.
class PinLogReader {
 public:
  PinLogReader(const std::vector<std::uint8_t>& bytes, std::uint32_t ports)
      : bytes_(bytes), ports_(ports) {}
  /// Up to and with the next clock(). False: there is none left.
  bool clock(SwitchPins& to);
  /// The tick of the next clock().
  std::uint64_t tick() const { return tick_; }

 private:
  void head(SwitchPins& to, std::uint32_t input);
  std::uint64_t take(std::uint32_t bytes);
  void payload(SwitchPins& to, std::uint32_t mask);
  void event(SwitchPins& to, std::uint32_t kind, std::uint32_t port);

  const std::vector<std::uint8_t>& bytes_;
  const std::uint32_t ports_;
  std::size_t at_ = 0;
  std::uint64_t tick_ = 0;
  std::array<std::uint32_t, 2> last_mask_{};
  FlitHistory history_;
};

/// The rule of the first assertion that failed; empty: none.
inline std::string broken_rule(const SwitchPins& pins) {
  const auto* const broken = pins.broken();
  return broken == nullptr ? "" : broken->rule;
}

/// All outputs of a cycle, in one run of words: equal words, equal outputs.
std::vector<std::uint32_t> outputs_of(const SwitchPins& pins);

/// Pins that keep what was put on them: the last clocks can be run again, from a snapshot.
///
/// A snapshot is taken in memory when the log since the last has `Limits::clocks` or
/// `Limits::bytes`, and the one before is kept: their cost is a few percent of those clocks. Only a
/// window that is asked for gets a snapshot of its own start, by a second model run up to there.
class LoggedPins final : public PassedPins {
 public:
  struct Limits {
    std::uint64_t clocks = 1U << 17U;
    std::size_t bytes = 16U << 20U;
  };
  /// The last clocks up to now.
  struct Window {
    std::uint64_t last_tick = 0;
    std::uint64_t clocks = 0;
    Snapshot snapshot;  ///< before the first; empty: the model behind its reset
    std::vector<std::uint8_t> log;
    std::vector<std::uint32_t> outputs;  ///< behind the last, as they were
    std::string broken;                  ///< rule of the assertion that failed, if one did
    bool same = false;                   ///< a second model, run again, shows the same outputs
  };

  explicit LoggedPins(std::unique_ptr<SwitchPins> to) : LoggedPins(std::move(to), Limits()) {}
  LoggedPins(std::unique_ptr<SwitchPins> to, Limits limits);

  void configure(Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value) override;
  void put_flit(std::uint32_t input, const Flit& flit) override {
    now_.log.flit(input, flit);
    PassedPins::put_flit(input, flit);
  }
  void put_credit(std::uint32_t output, const Credit& credit) override {
    now_.log.credit(output, credit);
    PassedPins::put_credit(output, credit);
  }
  void put_flits(std::uint64_t inputs, const Flit* flits) override {
    for_each_bit(inputs, [&](std::uint32_t i) { now_.log.flit(i, flits[i]); });
    to().put_flits(inputs, flits);
  }
  void read(Outputs& outputs) const override { to().read(outputs); }
  void hold(std::uint32_t output) override;
  void reset() override;
  void assertions(bool on) override;
  void jump(std::uint64_t tick) override;
  void clock(bool second) override;

  /// At most so many clocks. Runs a second model: up to 2 * Limits::clocks.
  Window window(std::uint64_t clocks) const;
  std::uint64_t clocks() const { return clocks_; }
  std::uint64_t snapshots() const { return snapshots_; }

 private:
  struct Segment {
    Snapshot snapshot;  ///< empty: from the reset
    PinLog log;
    bool there = false;
  };

  void next_segment();

  const Limits limits_;
  Segment before_;
  Segment now_;
  std::uint64_t tick_ = 0;  ///< of the next clock
  bool assertions_ = false;
  bool jumped_ = false;  ///< it does not follow the last
  std::uint64_t clocks_ = 0;
  std::uint64_t snapshots_ = 0;
};

}  // namespace aipu::cosim
