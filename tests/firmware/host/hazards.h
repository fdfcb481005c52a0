// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/firmware/host/recorded.h"

namespace aipu::test {

/// Whether counters keep commands apart that use the same bytes of SRAM. For every recorded
/// command it knows which commands of each queue are surely done before it begins: what it waits
/// for, what the commands before it in its queue waited for (queues begin in order), what the hart
/// had waited for, and, as queues retire in order, everything before those.
class Hazards {
 public:
  explicit Hazards(std::uint32_t core = 0) : core_(core) {
    for (const recorded_t& r : Recorded::all())
      take(r);
  }

  /// The first pair that touches the same bytes, one of them writing, with nothing between.
  std::string first() const {
    for (std::size_t j = 0; j < commands_.size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const Command &a = commands_[i], &b = commands_[j];
        if (b.done[a.queue] > a.number || a.done[b.queue] > b.number) continue;
        // Tensor and vector run one command at a time.
        if (a.queue == b.queue && one_at_a_time(a.queue)) continue;
        for (const Access& x : a.accesses) {
          for (const Access& y : b.accesses)
            if (x.meets(y)) return text(a, x, b, y);
        }
      }
    }
    return {};
  }
  std::size_t commands() const { return commands_.size(); }

 private:
  static constexpr std::size_t kQueues = 5;
  using Done = std::array<std::uint32_t, kQueues>;  ///< commands of each queue that are done

  struct Command {
    std::uint32_t queue, number;
    Done done;  ///< before it begins
    std::vector<Access> accesses;
  };

  static bool one_at_a_time(std::uint32_t queue) {
    return queue == regs::abi::kQueueTensor || queue == regs::abi::kQueueVector;
  }
  /// Rows of a copy one by one: what lies between them may belong to another.
  std::vector<Access> accesses(const recorded_t& r) const {
    if (r.queue != regs::abi::kQueueLoad && r.queue != regs::abi::kQueueStore)
      return Recorded::accesses(r, core_);
    std::vector<Access> out;
    const dma::Descriptor d = Recorded::copy_of(r, core_);
    const auto add = [&](const dma::Side& side, bool write) {
      for (std::uint64_t i = 0; side.local && i < std::uint64_t{d.planes} * d.rows; ++i) {
        const std::uint64_t from =
            side.base.offset() + i / d.rows * side.plane_stride + i % d.rows * side.row_stride;
        out.push_back({from, from + d.bytes, write});
      }
    };
    if (!d.fill) add(d.source, false);
    add(d.destination, true);
    return out;
  }
  static void join(Done& to, const Done& from) {
    for (std::size_t q = 0; q < kQueues; ++q)
      to[q] = std::max(to[q], from[q]);
  }

  /// What is done when a counter of the own core has reached `target`.
  void wait(std::uint32_t counter, std::uint32_t target, Done& done) const {
    const auto found = adds_.find(counter);
    if (found == adds_.end() || target == 0) return;
    if (target > found->second.size()) return;  // other cores add to it as well
    const Command& last = commands_[found->second[target - 1]];
    join(done, last.done);
    done[last.queue] = std::max(done[last.queue], last.number + 1);
  }

  void take(const recorded_t& r) {
    if (r.kind == RECORDED_WAIT) wait(r.words[0], r.words[1], hart_);
    if (r.kind != RECORDED_COMMAND) return;
    Command c{r.queue, issued_[r.queue]++, begun_[r.queue], accesses(r)};
    join(c.done, hart_);
    const std::uint32_t word = r.words[regs::abi::kWWait];
    if ((word >> regs::abi::kWaitEnable0Shift & 1U) != 0)
      wait(word & 0x3FU, r.words[regs::abi::kWWait0Target], c.done);
    if ((word >> regs::abi::kWaitEnable1Shift & 1U) != 0)
      wait(word >> regs::abi::kWaitCounter1Shift & 0x3FU, r.words[regs::abi::kWWait1Target],
           c.done);
    begun_[c.queue] = c.done;
    if (one_at_a_time(c.queue)) c.done[c.queue] = std::max(c.done[c.queue], c.number);
    for (unsigned which = 0; which < 2; ++which) {
      for (std::uint32_t n = 0; n < Recorded::add_amount(r, which); ++n)
        adds_[Recorded::add_counter(r, which)].push_back(commands_.size());
    }
    commands_.push_back(std::move(c));
  }

  static std::string text(const Command& a, const Access& x, const Command& b, const Access& y) {
    return fmt::format(
        "command {} of queue {} {} {:#x}..{:#x}, command {} of queue {} {} "
        "{:#x}..{:#x}: neither waits for the other",
        a.number, a.queue, x.write ? "writes" : "reads", x.begin, x.end, b.number, b.queue,
        y.write ? "writes" : "reads", y.begin, y.end);
  }

  const std::uint32_t core_;
  std::vector<Command> commands_;
  std::array<std::uint32_t, kQueues> issued_{};
  std::array<Done, kQueues> begun_{};
  Done hart_{};
  std::map<std::uint32_t, std::vector<std::size_t>> adds_;  ///< commands, by counter
};

}  // namespace aipu::test
