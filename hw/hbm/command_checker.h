// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hw/hbm/checker_obligations.h"
#include "hw/hbm/checker_rules.h"
#include "hw/hbm/command.h"
#include "hw/hbm/config.h"

namespace aipu::hbm {

/// A rule that a command broke.
struct Violation {
  static constexpr Tick kNoTick = -1;

  LoggedCommand command;
  const char* rule = "";   ///< "tRRDL", "bank closed": all in hw/docs/hbm.md, "Checker"
  Tick earlier = kNoTick;  ///< start of the command it is measured from, if from any
  Tick required = 0;       ///< ticks from there; for RAAMMT activates
  Tick actual = 0;
};

/// "tick 25: ACT stack id 0 bank group 3 bank 1: tRRDL: 5 after tick 20, at least 6".
std::string to_text(const Violation& violation);

/// Holds the commands of one pseudo-channel against every rule of its device: distances of pairs,
/// the window of four activates, states of banks and rows, power-down, both command buses and the
/// data bus, refreshes owed, activates without refresh management.
///
/// Independent of the scheduler: it remembers when each command was last sent to each bank, bank
/// group and stack id, and nothing else. About 0.1 us a command.
class CommandChecker {
 public:
  /// `config` is one that schema().check() accepts.
  explicit CommandChecker(const Config& config);

  /// The next command of the log, in order of time; within a tick in any order. An illegal command
  /// is taken as done.
  void check(const LoggedCommand& command);
  /// Nothing more is sent up to `end`: refreshes must not be overdue then.
  void finish(Tick end);

  /// In the order of the log; a command that breaks several rules is there once for each.
  const std::vector<Violation>& violations() const { return violations_; }

 private:
  using Times = std::array<Tick, kCommands>;
  struct Check {
    Reach reach;
    Command from;
    Tick distance;  ///< start to start
    const char* name;
  };
  struct Bank {
    bool open = false;
    std::uint32_t row = 0;
  };
  struct Place {
    std::uint32_t stack = 0;
    std::uint32_t group = 0;
    std::uint32_t bank = 0;
  };

  void fail(const char* rule, Tick earlier = Violation::kNoTick, Tick required = 0,
            Tick actual = 0);
  bool locate();
  void check_buses();
  void check_data();
  void check_pairs();
  Tick latest(const Check& check) const;
  void check_window();
  void check_power();
  void check_bank();
  void check_refresh();
  void check_overdue(Tick now);
  void check_activates();
  void remember();

  Tick offset(Command command) const { return command == kAct ? device_.act - 1 : 0; }

  const Config config_;
  const CheckedDevice device_;
  std::array<std::vector<Check>, kCommands> checks_;  ///< by the later command

  LoggedCommand now_;  ///< the command being checked
  Place at_;           ///< where, if it has a bank

  std::vector<Times> bank_times_;
  std::vector<Times> group_times_;
  std::vector<Times> stack_times_;
  Times channel_times_;
  std::vector<Bank> banks_;
  std::uint32_t open_banks_ = 0;
  std::array<LoggedCommand, 4> raised_;  ///< the last commands of the activate window, a ring
  std::size_t oldest_ = 0;
  Tick last_ = 0;
  Tick row_bus_ = 0;  ///< free from then on, as are the next two
  Tick column_bus_ = 0;
  Tick data_bus_ = 0;
  Tick last_row_;  ///< start of the last command of the bus
  Tick last_column_;
  bool powered_down_ = false;
  RefreshDebt refresh_debt_;
  ActivateDebt activate_debt_;
  std::vector<Violation> violations_;
};

/// All violations of a log that ends at `end`, or with its last command.
std::vector<Violation> check_commands(const Config& config, const std::vector<LoggedCommand>& log,
                                      Tick end = 0);

}  // namespace aipu::hbm
