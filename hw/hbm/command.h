// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace aipu::hbm {

/// Half or whole CK cycles, as the device's row command bus counts them (ticks_per_ck()). Signed:
/// differences and "long ago" are ordinary values.
using Tick = std::int64_t;

/// Direction of an access, used as an index.
enum Direction : std::uint8_t { kRead = 0, kWrite = 1 };
constexpr std::uint32_t kDirections = 2;
constexpr Direction opposite(Direction direction) {
  return direction == kRead ? kWrite : kRead;
}

/// What a controller may send to a pseudo-channel. Those that concern one bank come first.
enum Command : std::uint8_t {
  kAct,
  kPre,
  kRd,
  kWr,
  kRda,  ///< read with auto-precharge
  kWra,
  kRefpb,  ///< refresh of one bank
  kRfmpb,  ///< refresh management of one bank
  kPreab,  ///< precharge of all banks
  kRefab,
  kRfmab,
  kPde,  ///< power-down entry
  kPdx,  ///< power-down exit
  kCommands
};
constexpr std::size_t kBankCommands = kRfmpb + 1;

/// As command logs spell them.
inline constexpr const char* kCommandNames[kCommands] = {
    "ACT",   "PREPB", "RD",    "WR",    "RDA", "WRA", "REFPB",
    "RFMPB", "PREAB", "REFAB", "RFMAB", "PDE", "PDX"};

/// Column commands have a command bus of their own.
constexpr bool is_column(Command command) {
  return command >= kRd && command <= kWra;
}

/// A line of a command log. Fields that a command does not have are kNoField.
struct LoggedCommand {
  static constexpr std::uint32_t kNoField = ~0U;
  Tick at = 0;
  Command command = kAct;
  std::uint32_t stack_id = kNoField;
  std::uint32_t bank_group = kNoField;
  std::uint32_t bank = kNoField;  ///< in its bank group
  std::uint32_t row = kNoField;
  std::uint32_t column = kNoField;
};

}  // namespace aipu::hbm
