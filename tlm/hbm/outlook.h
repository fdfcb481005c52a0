// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "hw/hbm/config.h"
#include "hw/hbm/constraints.h"
#include "tlm/core/ring.h"
#include "tlm/hbm/controller.h"

namespace aipu::hbm {

/// How many parts of requests have how many atoms to issue; the least of these is at hand.
class Remaining {
 public:
  void add(std::uint32_t atoms) {
    const std::uint32_t b = bucket(atoms);
    if (counts_[b]++ == 0) mask_ |= 1ULL << b;
  }
  /// One of a part's `atoms` has been issued.
  void step(std::uint32_t atoms) {
    const std::uint32_t b = bucket(atoms);
    if (atoms > 1 && bucket(atoms - 1) == b) return;
    if (--counts_[b] == 0) mask_ &= ~(1ULL << b);
    if (atoms > 1) add(atoms - 1);
  }
  bool empty() const { return mask_ == 0; }
  /// Parts of more atoms than there are buckets count as the largest.
  std::uint32_t least() const {
    std::uint32_t b = 0;
    while ((mask_ >> b & 1U) == 0)
      ++b;
    return b + 1;
  }

 private:
  static constexpr std::uint32_t kBuckets = 64;
  static std::uint32_t bucket(std::uint32_t atoms) { return std::min(atoms, kBuckets) - 1; }

  std::array<std::uint32_t, kBuckets> counts_{};
  std::uint64_t mask_ = 0;
};

/// A controller with what lies ahead of it: lower bounds of when a part can be done and of when
/// its port can have taken so many atoms. Whoever waits for one of these sleeps until the bound,
/// advances the controller, and asks again: a visit or two for a request, not one for every atom.
class Outlook {
 public:
  Outlook(const Config& config, const ConstraintTable& table)
      : controller(config),
        opens_(config.open_buffer != 0),
        ck_(table.ticks_per_ck),
        burst_(table.burst),
        latency_(table.latency) {}

  Controller controller;

  /// Whose accesses nobody waits for.
  static constexpr std::uint32_t kNobody = ~0U;

  /// Accesses of a request, before they are offered to the controller.
  void announce(std::uint32_t request, Direction direction, std::uint32_t atoms, Tick at) {
    runs_.push({request, atoms, direction});
    at_port_[direction] += atoms;
    // Whatever the arrival makes possible, it cannot before the first atom has entered.
    issue_ = std::min(issue_, at + ck_);
  }

  /// Something is done when so many accesses announced of this direction have been issued.
  void expect(Direction direction, std::uint32_t atoms) { remaining_[direction].add(atoms); }

  /// Advances the controller; appends issues, and the requests of what was announced and has
  /// wholly entered.
  void advance(Tick until, std::vector<Issue>& issued, std::vector<std::uint32_t>& entered) {
    if (until <= advanced_) return;
    advanced_ = until;
    controller.advance(until, issued);
    note_entries(entered);
    issue_ = controller.next_issue();
  }
  /// One of the `atoms` that a part had left has been issued.
  void step(Direction direction, std::uint32_t atoms) { remaining_[direction].step(atoms); }
  Tick advanced() const { return advanced_; }

  /// No part that has atoms to issue is done before this.
  Tick next_done() const {
    Tick bound = Controller::kNever;
    for (const std::uint32_t d : {kRead, kWrite}) {
      if (remaining_[d].empty()) continue;
      bound = std::min(bound, issue_ + remaining_[d].least() * burst_ + latency_[d]);
    }
    return std::max(bound, advanced_ + 1);
  }

  /// The port has not taken `count` atoms before this. Entries are a CK apart; those beyond the
  /// room in the scheduler need a column command each, and these are at least a burst apart, but
  /// for places that activates free.
  Tick next_entries(std::uint32_t count) {
    Tick bound = controller.next_entry() + (count - 1) * ck_;
    const std::uint32_t free = free_entries();
    if (count > free && !opens_) bound = std::max(bound, issue_ + (count - free - 1) * burst_);
    return std::max(bound, advanced_ + 1);
  }
  /// Atoms at the port before the first part there has wholly entered; 0: none.
  std::uint32_t first_run() const { return runs_.empty() ? 0 : runs_.front().atoms; }

 private:
  struct Run {
    std::uint32_t request = 0;
    std::uint32_t atoms = 0;  // at the port
    Direction direction = kRead;
  };

  void note_entries(std::vector<std::uint32_t>& entered) {
    while (entered_ != controller.admitted()) {
      Run& run = runs_.front();
      const auto atoms = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(run.atoms, controller.admitted() - entered_));
      entered_ += atoms;
      run.atoms -= atoms;
      at_port_[run.direction] -= atoms;
      if (run.atoms != 0) continue;
      const std::uint32_t request = runs_.pop().request;
      if (request != kNobody) entered.push_back(request);
    }
  }
  // No less than what may enter without a column command.
  std::uint32_t free_entries() const {
    std::uint32_t free = 0;
    for (const Direction d : {kRead, kWrite}) {
      if (at_port_[d] != 0) free += controller.room(d);
    }
    return free;
  }

  const bool opens_;  // activates free places too
  const Tick ck_;
  const Tick burst_;
  const std::array<Tick, kDirections> latency_;

  Ring<Run> runs_;
  std::uint64_t entered_ = 0;
  std::array<std::uint32_t, kDirections> at_port_{};
  std::array<Remaining, kDirections> remaining_;
  Tick issue_ = Controller::kNever;
  Tick advanced_ = -1;
};

}  // namespace aipu::hbm
