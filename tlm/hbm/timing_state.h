// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "hw/hbm/constraints.h"

namespace aipu::hbm {

/// When each command is next legal on a pseudo-channel: the one engine that reads the constraints
/// of a device. Keeps the earliest time of every command per bank, bank group, stack id and
/// channel.
class TimingState {
 public:
  TimingState(const ConstraintTable& table, const Config& config);

  /// By the rules of its bank alone.
  Tick bank_ready(Command command, std::uint32_t bank) const { return banks_[bank][command]; }
  /// By the rules of its bank group.
  Tick group_ready(Command command, std::uint32_t bank) const {
    return groups_[group_of_[bank]][command];
  }
  /// By all rules, its command bus included, but for the alignment to CK.
  Tick ready(Command command, std::uint32_t bank) const {
    const Tick at =
        std::max({bank_bound(command, bank), channel_[command], bus_free_[is_column(command)]});
    return in_window_[command] ? std::max(at, window_ready(command)) : at;
  }
  /// Of a column command to any bank: a bound that bank_bound() completes.
  Tick column_bound(Command command) const { return std::max(channel_[command], bus_free_[1]); }
  /// By the rules of its bank, bank group and stack id.
  Tick bank_bound(Command command, std::uint32_t bank) const {
    const Tick at = std::max(banks_[bank][command], groups_[group_of_[bank]][command]);
    return several_stack_ids_ ? std::max(at, stack_ids_[stack_id_of_[bank]][command]) : at;
  }
  /// The same for a command to all banks.
  Tick ready(Command command) const { return std::max(channel_[command], bus_free_[0]); }
  /// By windows alone.
  Tick window_ready(Command command) const;
  /// By the rules of the whole channel.
  Tick channel_ready(Command command) const { return channel_[command]; }
  Tick stack_id_ready(Command command, std::uint32_t bank) const {
    return several_stack_ids_ ? stack_ids_[stack_id_of_[bank]][command] : 0;
  }

  /// A command goes out; `bank` is ignored for commands to all banks.
  void apply(Command command, std::uint32_t bank, Tick at);

  /// Whether sending a command may change when the row (column) commands of another bank are legal.
  /// Commands to all banks may always be affected.
  bool disturbs_rows(Command command) const { return disturbs_[command][0]; }
  bool disturbs_columns(Command command) const { return disturbs_[command][1]; }

 private:
  struct Effect {
    Command to;
    Tick distance;
  };
  using Effects = std::vector<Effect>;
  /// The last commands of a window, oldest first from `oldest`.
  struct Recent {
    std::vector<Tick> at;
    std::uint32_t oldest = 0;
    Tick span = 0;
    std::array<bool, kCommands> members{};
  };

  template <typename Times>
  static void raise(Times& times, const Effects& effects, Tick at) {
    for (const Effect& effect : effects)
      times[effect.to] = std::max(times[effect.to], at + effect.distance);
  }
  void add(const Constraint& rule);

  std::array<Tick, kCommands> length_;
  std::array<Tick, kCommands> offset_;
  std::array<std::array<Effects, 4>, kCommands> effects_;  // by Scope
  std::array<std::array<bool, 2>, kCommands> disturbs_{};
  std::array<bool, kCommands> in_window_{};
  bool several_stack_ids_;

  std::vector<std::uint8_t> group_of_;
  std::vector<std::uint8_t> stack_id_of_;
  std::vector<std::array<Tick, kBankCommands>> banks_;
  std::vector<std::array<Tick, kBankCommands>> groups_;
  std::vector<std::array<Tick, kBankCommands>> stack_ids_;
  std::array<Tick, kCommands> channel_{};
  std::array<Tick, 2> bus_free_{};  // row, column
  std::vector<Recent> windows_;
};

}  // namespace aipu::hbm
