// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "hw/hbm/config.h"
#include "hw/hbm/cycle_timings.h"
#include "tlm/hbm/bus_account.h"

namespace aipu::hbm {

/// One access to a pseudo-channel: consecutive atoms of one row set (hw/hbm/location.h).
struct Access {
  Direction direction = kRead;
  std::uint32_t set = 0;  ///< bank set: stack_id x banks + bank
  std::uint32_t row = 0;
  std::uint32_t unit = 0;  ///< first atom in the row set: column x bank_groups + bank group
  std::uint32_t atoms = 1;
  std::uint32_t id = 0;  ///< the caller's
};

/// An access whose column commands have been scheduled. Accesses take effect in the order of issue.
struct Issue {
  std::uint32_t id = 0;
  Ck column = 0;  ///< first column command
  Ck done = 0;    ///< end of its last data
};

/// What one pseudo-channel has done.
struct ControllerCounts {
  std::uint64_t activates = 0;
  std::uint64_t row_hits = 0;    ///< accesses that found all their rows open
  std::uint64_t row_misses = 0;  ///< accesses that an activate was made for
  std::uint64_t refreshes = 0;   ///< refresh commands
  std::uint64_t atoms = 0;
};

/// The controller of one pseudo-channel: FR-FCFS over a read and a write queue, write drain,
/// refresh.
///
/// Timing: CK cycles, event driven. State advances only by advance(); calling it more or less often
/// changes nothing, so a caller may leave a controller alone until something visible is due.
/// Limits: the column commands of one access are one evenly spaced run (hw/docs/hbm.md, "Limits").
class Controller {
 public:
  static constexpr Ck kNever = std::numeric_limits<Ck>::max() / 4;

  explicit Controller(const Config& config);

  bool has_room(Direction direction) const { return room_[direction] != 0; }
  bool empty() const { return occupied_ == 0; }
  std::uint32_t queued(Direction direction) const { return queued_[direction]; }

  /// Adds an access at `now`, which is not before any earlier call's. Needs has_room().
  void enqueue(const Access& access, Ck now, std::vector<Issue>& issued);
  /// Does everything due up to and including `now`; appends to `issued` in order.
  void advance(Ck now, std::vector<Issue>& issued);

  /// No queued access issues before this time (kNever when empty).
  Ck next_issue();
  /// No access that has not been issued yet has its last data before this time.
  Ck next_wake();

  ControllerCounts counts(Ck now) const;
  BusShares shares(Ck now) const { return account_.read(now, timings_.latency[kRead]); }

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;
  static constexpr std::uint32_t kMaxGroups = 4;

  struct Bank {
    std::int64_t row = -1;  // open row, or closed
    Ck act_ok = 0;
    Ck pre_ok = 0;
    std::array<Ck, kDirections> col_ok{};
    Ck refreshed = 0;  // end of the last refresh
    Ck window = 0;     // how long the last activate waited for tRRD and tFAW
  };
  struct Entry {
    Access access;
    std::uint64_t age = 0;  // order of arrival
    Ck arrival = 0;
    std::uint32_t mask = 0;      // bank groups it touches
    std::uint32_t blockers = 0;  // older overlapping accesses that must go first
    std::uint16_t next = kNone;
    std::uint16_t prev = kNone;
    bool blocks = false;
    bool missed = false;
  };
  struct List {
    std::uint16_t head = kNone;
    std::uint16_t tail = kNone;
  };
  /// What a bank set offers next; recomputed only when the set or the mode has changed.
  struct BankSet {
    std::array<Bank, kMaxGroups> banks;
    std::array<List, kDirections> lists;
    std::uint32_t stack_id = 0;
    bool dirty = true;
    Direction mode = kRead;
    std::uint16_t column = kNone;  // access whose rows are all open
    std::uint16_t row = kNone;     // access to precharge or activate for
    bool precharge = false;
    Ck column_ready = 0;  // by its banks
    Ck row_ready = 0;     // by its banks
    Ck row_lead = 0;      // from its first row command, less tRCD, to its column command at least
    std::uint32_t row_mask = 0;
    std::uint32_t fewest_atoms = 1;
  };
  /// The next command of each kind, and when.
  struct Plan {
    Ck column_at = kNever;
    Ck row_at = kNever;
    Ck refresh_at = kNever;
    Ck issue_at = kNever;  // lower bounds of the next column command and of its end of data
    Ck done_at = kNever;
    std::uint32_t column_set = 0;
    std::uint32_t row_set = 0;
    std::uint64_t column_age = 0;
    std::uint64_t row_age = 0;
  };

  // controller_queue.cpp
  void append(BankSet& set, std::uint16_t index);
  void remove(BankSet& set, std::uint16_t index);
  void find_blockers(const BankSet& set, Entry& entry);
  void unblock(BankSet& set, const Entry& entry);
  void choose_mode();
  std::uint64_t oldest_age(const BankSet& set) const;
  // controller_plan.cpp
  const Plan& plan();
  void plan_column(std::uint32_t s);
  Ck plan_row(std::uint32_t s);
  bool turn_expected() const;
  void offer(BankSet& set, Direction mode);
  std::uint32_t closed_for(const BankSet& set, const Entry& entry) const;
  Ck column_time(const BankSet& set, const Entry& entry) const;
  Ck row_time(const BankSet& set) const;
  Ck window_ok(std::uint32_t group) const;
  // controller.cpp
  void issue_column(std::uint32_t set, Ck now, std::vector<Issue>& issued);
  void account_column(const BankSet& set, const Entry& entry, Ck now);
  void issue_row(std::uint32_t set, Ck now);
  void activate(Bank& bank, std::uint32_t group, const Entry& entry, Ck ready);
  // controller_refresh.cpp
  Ck refresh_time() const;
  void refresh(Ck now);
  void refresh_set(std::uint32_t set, Ck now);
  void refresh_all(Ck now);
  void skip_idle_refreshes(Ck now);
  std::uint64_t refreshes_due(Ck now) const;

  const Config config_;
  const CycleTimings timings_;
  const std::uint32_t groups_;
  const std::uint32_t group_mask_;
  const Ck starvation_;

  std::vector<BankSet> sets_;
  std::vector<Entry> entries_;
  std::vector<std::uint16_t> free_;
  std::uint64_t occupied_ = 0;  // bank sets with accesses
  std::array<std::uint32_t, kDirections> room_{};
  std::array<std::uint32_t, kDirections> queued_{};
  std::array<std::uint32_t, kDirections> blocked_{};
  std::uint32_t drained_ = 0;  // writes since the drain began
  std::uint64_t next_age_ = 0;
  Direction mode_ = kRead;
  Ck time_ = 0;  // of the last action
  bool planned_ = false;
  Plan plan_;

  // Earliest times by rules wider than one bank.
  Direction last_direction_ = kRead;
  std::uint32_t last_stack_id_ = 0;
  Ck last_column_ = -kNever;
  std::array<Ck, kDirections> column_ok_{};
  std::array<std::array<Ck, kMaxGroups>, kDirections> column_group_ok_{};
  std::array<Ck, kMaxGroups> last_group_column_{};
  std::array<Direction, kMaxGroups> last_group_direction_{};
  Ck act_any_ok_ = 0;
  std::array<Ck, kMaxGroups> act_group_ok_{};
  std::array<Ck, 4> recent_acts_{};
  std::uint32_t oldest_act_ = 0;

  // Refresh. A unit is one all-bank command, or the per-bank commands of one bank set.
  Ck refresh_interval_ = kNever;
  Ck refresh_ok_ = 0;  // next refresh command
  std::uint64_t units_done_ = 0;
  std::vector<std::uint64_t> set_units_;
  std::uint64_t refreshable_ = 0;

  ControllerCounts counts_;
  BusAccount account_;
};

}  // namespace aipu::hbm
