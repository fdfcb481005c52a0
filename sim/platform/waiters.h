// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tlm/board/board.h"

namespace aipu::platform {

/// A hart, or the engine behind one of its command queues.
struct Unit {
  static constexpr std::uint32_t kHart = CommandTag::kNoQueue;
  std::uint32_t aipu = 0, core = 0;
  std::uint32_t queue = kHart;
  bool operator<(const Unit& other) const;
};

/// A command that has not retired yet and adds to a counter when it does.
struct Adder {
  Unit unit;  ///< where it is
  CommandTag command;
  std::uint32_t amount = 0;
  bool begun = false;
};

/// One unit that waits.
struct Waiter {
  enum class For : std::uint8_t {
    kCounter,    ///< of its own core
    kQueue,      ///< the hart: a full command queue
    kInterrupt,  ///< the hart: wfi
    kRoom,       ///< the engine: what it drives has no room
    kWork,       ///< the engine: commands that run
    kNothing,    ///< the hart: it runs
  };
  Unit unit;
  For what = For::kNothing;
  std::uint32_t pc = 0;      ///< of the hart, or of the first command
  std::uint32_t opcode = 0;  ///< of the first command
  std::uint32_t counter = 0, value = 0, target = 0;
  std::uint32_t queue = 0;     ///< For::kQueue: which
  std::uint32_t commands = 0;  ///< For::kWork: how many
  std::vector<Adder> adders;   ///< For::kCounter
  CounterFile::Adds so_far;    ///< For::kCounter
  std::size_t depth =
      0;  ///< 0: nothing that waits here would end it, else waits until it is served
};

/// Every unit of the board that waits or, of the harts, still runs; by depth.
std::vector<Waiter> find_waiters(const board::Board& board);

}  // namespace aipu::platform
