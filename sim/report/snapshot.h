// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tlm/board/board.h"

namespace aipu::report {

/// Models of one kind on one chip, or on the board, taken together.
struct Account {
  std::uint64_t models = 0;
  std::uint64_t servers = 0;                   ///< of those that keep an account of their time
  std::map<std::string, std::int64_t> shares;  ///< picoseconds by cause; adds up to servers x time
  std::map<std::string, std::int64_t> counts;  ///< statistics
};

/// The numbers of a whole board at one moment, or their growth between two.
struct Snapshot {
  static constexpr std::uint32_t kBoard = 0xFFFF'FFFF;
  struct Key {
    std::string kind;  ///< path without numbers, from the chip: "core.tensor", "hbm", "switch"
    std::uint32_t chip = kBoard;
    bool operator<(const Key& o) const { return kind != o.kind ? kind < o.kind : chip < o.chip; }
  };

  std::uint64_t time = 0;  ///< ps
  std::map<Key, Account> accounts;

  /// Adds the growth from `before` to `after`, times `times` / `parts`: what further layers would
  /// add that are like the `parts` between the two. Shares still add up; rounding goes to idle
  /// time.
  void extend(const Snapshot& before, const Snapshot& after, std::uint64_t times,
              std::uint64_t parts);
  /// Adds time in which nothing happens.
  void lengthen(std::uint64_t ps);
  /// One kind over all chips; empty where there is none.
  Account total(const std::string& kind) const;
  /// One kind on one chip.
  Account of_chip(const std::string& kind, std::uint32_t chip) const;
};

/// Walks the hierarchy. Every account must add up to the time since the start: asserted.
Snapshot take_snapshot(const board::Board& board, std::uint64_t now);

}  // namespace aipu::report
