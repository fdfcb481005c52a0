// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "tests/firmware/host/recorded.h"

namespace aipu::test {

/// Finds commands that touch the same bytes of the own SRAM, one of them writing, where nothing
/// makes the later one wait for the earlier one. Knows what commands wait for and that queues begin
/// and retire in order, whatever their times; commands of the tensor and vector queues do not
/// overlap. Waits for counters that others add to count as nothing.
class Hazards {
 public:
  static std::vector<std::string> find(std::uint32_t core = 0) {
    Hazards h;
    for (const recorded_t& r : Recorded::all()) {
      if (r.kind == RECORDED_WAIT) h.wait(r.words[0], r.words[1], h.hart_);
      if (r.kind == RECORDED_COMMAND) h.take(r, core);
    }
    return h.found_;
  }

 private:
  static constexpr std::size_t kQueues = 5;
  using Done = std::array<std::size_t, kQueues>;  ///< commands of each queue known to be done

  struct Command {
    std::uint32_t queue = 0;
    std::size_t place = 0;  ///< in its queue
    Done before{};          ///< done when it begins
    std::vector<Access> accesses;
  };

  static void merge(Done& done, const Done& other) {
    for (std::size_t q = 0; q < kQueues; ++q)
      done[q] = std::max(done[q], other[q]);
  }

  /// Adds what is done once the counter has reached the target.
  void wait(std::uint32_t counter, std::uint32_t target, Done& done) const {
    const auto& adders = adders_[counter];
    if (target == 0 || target > adders.size()) return;
    const Command& c = commands_[adders[target - 1]];
    merge(done, c.before);
    done[c.queue] = std::max(done[c.queue], c.place + 1);
  }

  void take(const recorded_t& r, std::uint32_t core) {
    namespace abi = regs::abi;
    Command c;
    c.queue = r.queue;
    c.place = length_[r.queue]++;
    c.before = last_[r.queue];
    merge(c.before, hart_);
    const std::uint32_t word = r.words[abi::kWWait];
    if ((word >> abi::kWaitEnable0Shift & 1U) != 0)
      wait(word & 0x3FU, r.words[abi::kWWait0Target], c.before);
    if ((word >> abi::kWaitEnable1Shift & 1U) != 0)
      wait(word >> abi::kWaitCounter1Shift & 0x3FU, r.words[abi::kWWait1Target], c.before);
    const bool one_at_a_time = r.queue == abi::kQueueTensor || r.queue == abi::kQueueVector;
    if (one_at_a_time) c.before[r.queue] = c.place;
    last_[r.queue] = c.before;
    c.accesses = Recorded::accesses(r, core);
    compare(c);
    for (unsigned which = 0; which < 2; ++which) {
      const std::uint32_t counter = Recorded::add_counter(r, which);
      for (std::uint32_t i = 0; i < Recorded::add_amount(r, which); ++i)
        adders_[counter].push_back(commands_.size());
    }
    commands_.push_back(c);
  }

  void compare(const Command& later) {
    for (const Command& earlier : commands_) {
      if (later.before[earlier.queue] > earlier.place) continue;
      for (const Access& a : earlier.accesses) {
        for (const Access& b : later.accesses) {
          if (a.meets(b)) {
            found_.push_back(fmt::format("queue {} command {} {:#x}..{:#x} and queue {} command {}",
                                         earlier.queue, earlier.place, a.begin, a.end, later.queue,
                                         later.place));
          }
        }
      }
    }
  }

  std::vector<Command> commands_;
  std::array<std::vector<std::size_t>, 64> adders_;  ///< commands that add to each counter
  std::array<std::size_t, kQueues> length_{};
  std::array<Done, kQueues> last_{};
  Done hart_{};
  std::vector<std::string> found_;
};

}  // namespace aipu::test
