// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "hw/hbm/config.h"
#include "hw/hbm/constraints.h"
#include "tlm/core/ring.h"
#include "tlm/hbm/bus_account.h"
#include "tlm/hbm/timing_state.h"

namespace aipu::hbm {

/// One burst of a pseudo-channel (hw/hbm/location.h).
struct Access {
  Direction direction = kRead;
  std::uint32_t bank = 0;  ///< Location set x bank_groups + group
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::uint32_t id = 0;  ///< the caller's
};

/// An access whose column command has been sent. Accesses take effect in this order.
struct Issue {
  std::uint32_t id = 0;
  Direction direction = kRead;
  bool waited = false;  ///< it entered when a column command freed its place
  Tick accepted = 0;    ///< entered the scheduler
  Tick column = 0;      ///< its column command
  Tick done = 0;        ///< end of its last data beat
};

/// Where the time of requests went, in ticks summed over requests from acceptance to last data:
/// `queue` until their bank turns to them, `bank` until it has their row open, `bus` until their
/// column command, `refresh` what of these a refresh of the bank took, `data` the rest.
struct LatencySplit {
  Tick queue = 0;
  Tick bank = 0;
  Tick bus = 0;
  Tick refresh = 0;
  Tick data = 0;
};

/// What one pseudo-channel has done.
struct ControllerCounts {
  std::array<std::uint64_t, kCommands> commands{};  ///< sent, by kind
  std::uint64_t row_hits = 0;                       ///< accesses that no activate was made for
  Tick power_down = 0;                              ///< ticks with the clock off
  Tick active = 0;                                  ///< ticks with a row open
  Tick active_power_down = 0;                       ///< ticks of both
  std::array<std::uint64_t, kDirections> accesses{};
  std::array<LatencySplit, kDirections> latency{};
};

/// Gets every command as it is sent.
class CommandSink {
 public:
  CommandSink() = default;
  CommandSink(const CommandSink&) = delete;
  CommandSink& operator=(const CommandSink&) = delete;
  virtual ~CommandSink() = default;
  virtual void command(const LoggedCommand& command) = 0;
};

/// The controller of one pseudo-channel: an in-order port, read and write queues, a bank scheduler
/// over two command buses, refresh, power-down (hw/docs/hbm.md, "Rules").
///
/// Timing: integer ticks (ticks_per_ck), event driven: nothing happens between commands. State
/// advances only by advance(); calling it more or less often changes nothing, so a caller may leave
/// a controller alone until something visible is due. Speed: about 60 ns a burst.
class Controller {
 public:
  static constexpr Tick kNever = std::numeric_limits<Tick>::max() / 4;

  explicit Controller(const Config& config);
  Controller(Controller&&) noexcept = default;

  /// Puts an access behind those that wait at the port, where it arrives at `at`, not before any
  /// earlier one and not before what advance() has done. The first in line enters the scheduler a
  /// CK after its arrival and after the access before it, or when a column command frees its place.
  void offer(const Access& access, Tick at) { offer_run(access, 1, at); }
  /// The same for consecutive atoms of one row of every bank group (Location): from the first on
  /// they go round the bank groups and then to the next column; ids count up.
  void offer_run(const Access& first, std::uint32_t atoms, Tick at);
  /// Accesses at the port that have not entered the scheduler.
  std::uint32_t waiting() const { return waiting_; }
  /// Accesses ever admitted to the scheduler: of the accesses offered the first so many.
  std::uint64_t admitted() const { return admitted_; }
  /// Whether the first access at the port has no place in the scheduler.
  bool full() const { return waiting_ != 0 && entry_at_ == kNever; }
  /// Free places in the queue of a direction.
  std::uint32_t room(Direction direction) const { return room_[direction]; }
  /// Accesses in the scheduler.
  std::uint32_t queued() const { return queued_[kRead] + queued_[kWrite]; }
  bool empty() const { return queued() == 0 && waiting_ == 0; }

  /// Does everything due up to and including `until`; appends to `issued` in order.
  void advance(Tick until, std::vector<Issue>& issued);
  /// The same up to the entry that leaves no more than `limit` accesses at the port.
  void advance_to(std::uint32_t limit, std::vector<Issue>& issued);
  /// The same until everything offered has been issued.
  void drain(std::vector<Issue>& issued);

  /// No access enters the scheduler before this time (kNever: none waits).
  Tick next_entry();
  /// No access is issued before this time (kNever when empty).
  Tick next_issue();

  /// What has happened up to `now`, to which the caller has advanced.
  ControllerCounts counts(Tick now) const;
  /// How the data bus spent the time up to `now`, in ticks.
  BusShares shares(Tick now) const;
  /// Column commands of each bank, for a heat map.
  const std::vector<std::uint64_t>& bank_accesses() const { return bank_accesses_; }

  /// `sink` gets the commands from now on; it outlives the controller.
  void log_to(CommandSink* sink) { sink_ = sink; }

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;
  static constexpr std::uint32_t kClosed = ~0U;

  /// An Access as the queues keep it.
  struct Burst {
    std::uint32_t row = 0;
    std::uint32_t id = 0;
    std::uint16_t column = 0;
    std::uint8_t bank = 0;
    Direction direction = kRead;

    /// In one bank.
    bool same_bytes(const Burst& o) const { return row == o.row && column == o.column; }
  };
  struct Entry {
    Burst access;
    bool waited = false;
    bool missed = false;         // an activate was made for it
    bool opened = false;         // and it left its queue for the open buffer
    std::uint16_t blockers = 0;  // older accesses of the other direction to the same bytes
    std::uint16_t next = kNone;
    std::uint16_t prev = kNone;
    std::uint64_t age = 0;  // order of entry
    Tick accepted = 0;
    Tick began = 0;  // its bank turned to it
  };
  struct Waiting {
    Burst access;            // the next one
    std::uint32_t left = 0;  // of the run
    Tick arrival = 0;
  };
  struct List {
    std::uint16_t head = kNone;
    std::uint16_t tail = kNone;
    std::uint16_t count = 0;
  };
  struct Bank {
    std::uint32_t row = kClosed;
    std::uint16_t current = kNone;  // the request it works for
    std::uint64_t age = 0;          // of `current`
    Command next = kCommands;       // for that request; kCommands: nothing
    std::uint16_t closer = kNone;  // an older request for another row, which need not wait for hits
    bool kept = false;             // the row was opened for `current`, which has not used it
    bool blocked = false;          // a refresh is to come first
    std::uint16_t hazards = 0;     // its entries with blockers
    std::array<List, kDirections> lists;
    Tick blocked_at = 0;  // of the last refresh: since when, until when
    Tick refreshed = 0;
    Tick window = 0;              // how long the last activate waited for tRRD and tFAW
    std::uint32_t activates = 0;  // not yet made good by refreshes (RAA)
  };

  /// The list of a bank that has its accesses of a direction.
  std::uint32_t list_of(Direction direction) const { return lists_ == 2 ? direction : kRead; }
  /// The first start of a CK not before `at`.
  Tick whole_ck(Tick at) const { return ck_ == 1 ? at : (at + ck_ - 1) / ck_ * ck_; }

  // controller.cpp
  void run(Tick until, std::uint32_t limit, bool to_limit, std::vector<Issue>& issued);
  Tick next_event();
  void step(Tick at, std::vector<Issue>& issued);
  void close_row(Bank& bank);
  void send(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column, Tick at);
  void issue_column(std::vector<Issue>& issued);
  void issue_row();
  void account_column(const Bank& bank, const Entry& entry, Command command);
  void split_latency(const Bank& bank, const Entry& entry, Tick ready, Tick done);
  // controller_queue.cpp
  void plan_entry();
  bool has_room(Direction direction) const;
  void admit(bool waited);
  void admit_waiting();
  Burst take_waiting();
  bool settled(const Bank& bank, const Burst& access) const;
  void remove(std::uint16_t index);
  void find_blockers(Bank& bank, Entry& entry);
  void release_blocked(Bank& bank, const Entry& entry);
  void choose_mode();
  void reconsider_all();
  // controller_schedule.cpp
  void evaluate(std::uint32_t bank);
  std::uint16_t pick(const Bank& bank) const;
  std::uint16_t pick_from(const Bank& bank, std::uint32_t list) const;
  std::uint16_t pick_grouped(const Bank& bank) const;
  Command column_command(const Bank& bank, const Entry& entry) const;
  bool another_hit(const Bank& bank, const Entry& entry) const;
  void plan_column();
  void plan_row();
  void rank_column(std::uint32_t bank, bool was, bool is);
  void consider_column(std::uint32_t bank);
  void consider_row(std::uint32_t bank);
  // controller_refresh.cpp
  /// When refresh is to be thought about: at its time, then after every change until it is done.
  Tick refresh_time() const {
    if (now_ < refresh_due_ && hot_banks_ == 0) return refresh_due_;
    return refresh_changed_ ? now_ : next_refresh_thought();
  }
  Tick next_refresh_thought() const;
  /// Whether a refresh waits to be sent to this bank.
  bool refreshes(std::uint32_t bank) const {
    return refresh_command_ != kCommands &&
           (refresh_command_ >= kBankCommands || refresh_bank_ == bank);
  }
  /// Something happened at a bank: a refresh that waits for another one need not care.
  void note_for_refresh(std::uint32_t bank) {
    if (refresh_command_ == kCommands || managed_ || refreshes(bank)) refresh_changed_ = true;
  }
  void evaluate_refresh();
  void evaluate_refresh_all();
  void evaluate_refresh_bank();
  void evaluate_management();
  void refreshed(Command command, std::uint32_t bank);
  void refreshed_bank(Command command, std::uint32_t bank);
  void block(std::uint32_t bank);
  void skip_idle_refreshes();
  std::uint32_t refresh_bank(std::uint32_t turn) const;
  // controller_power.cpp
  Tick power_time() const;
  void change_power();

  const Config config_;
  const ConstraintTable table_;
  const std::uint32_t lists_;  // 1: reads and writes mixed
  const Tick starvation_;
  const Tick ck_;
  const bool managed_;                          // refresh management counts activates
  const Tick least_opening_;                    // activate to column command
  const std::array<Tick, kCommands> blocking_;  // of a bank, by refreshes

  TimingState timing_;
  std::vector<Bank> banks_;
  std::vector<Entry> entries_;
  std::vector<std::uint16_t> free_;
  Ring<Waiting> port_;
  std::uint32_t waiting_ = 0;
  Tick now_ = 0;
  Tick horizon_ = 0;  // nothing is offered before it but what waits at the port
  Tick next_offer_ = 0;
  Tick entry_at_ = kNever;  // of the first at the port, if it need not wait for a place
  std::uint64_t admitted_ = 0;
  std::array<std::uint32_t, kDirections> room_{};
  std::uint32_t open_room_;
  std::array<std::uint32_t, kDirections> queued_{};
  std::array<std::uint32_t, kDirections> blocked_{};
  Direction mode_ = kRead;  // last served, or of the drain
  Tick mode_since_ = 0;
  Direction last_direction_ = kRead;

  // The next command of each bus, when `*_planned_`.
  std::uint64_t columns_ = 0;  // banks whose next command is a column command
  std::uint64_t rows_ = 0;
  /// Of banks with a column command next: the oldest request first.
  struct Ranked {
    std::uint64_t age;
    std::uint32_t bank;
  };
  std::vector<Ranked> ranks_;
  bool column_planned_ = false;
  bool row_planned_ = false;
  Tick column_at_ = kNever;
  Tick row_at_ = kNever;
  std::uint32_t column_bank_ = 0;
  std::uint32_t row_bank_ = 0;
  std::uint64_t column_age_ = 0;
  std::uint64_t row_age_ = 0;
  Tick row_end_ = kNever;
  bool row_is_refresh_ = false;

  // Refresh. `turn` counts banks in the order of refreshes.
  Command refresh_command_ = kCommands;
  std::uint32_t refresh_bank_ = 0;
  Tick refresh_due_ = kNever;
  Tick refresh_interval_ = kNever;
  std::int32_t refresh_owed_ = 0;
  std::int32_t most_owed_ = 0;
  std::int32_t most_ahead_ = 0;
  bool refresh_ahead_ = false;    // the refresh due has been done: more may be pulled in
  bool refresh_chosen_ = false;   // the bank is blocked for a forced refresh
  bool refresh_changed_ = false;  // a command or an entry since it was last considered
  Tick refresh_considered_ = 0;
  std::uint64_t turns_left_ = 0;  // of this round
  std::uint32_t refresh_turn_ = 0;
  std::uint64_t hot_banks_ = 0;  // whose activates ask for refresh management
  std::uint32_t open_banks_ = 0;

  bool powered_down_ = false;
  Tick idle_since_ = 0;
  Tick power_down_after_ = kNever;
  Tick powered_at_ = 0;
  Tick power_up_at_ = 0;
  Tick active_at_ = 0;

  ControllerCounts counts_;
  std::vector<std::uint64_t> bank_accesses_;
  BusAccount account_;
  CommandSink* sink_ = nullptr;
};

}  // namespace aipu::hbm
