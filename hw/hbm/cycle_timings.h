// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "hw/hbm/config.h"

namespace aipu::hbm {

/// CK cycles of a controller. Signed: differences and "long ago" are ordinary values.
using Ck = std::int64_t;

/// Direction of an access, used as an index.
enum Direction : std::uint32_t { kRead = 0, kWrite = 1 };
constexpr std::uint32_t kDirections = 2;

/// The rules a scheduler obeys, in CK cycles from one command to the next, resolved from a Config.
/// An activate takes `act` cycles and its rules count from the last of them; here that is included.
struct CycleTimings {
  std::array<Ck, kDirections> latency;     ///< column command to its first data (RL, WL)
  std::array<Ck, kDirections> act_to_col;  ///< same bank
  std::array<Ck, kDirections> col_to_pre;  ///< same bank
  /// Column to column by [earlier][later] direction: any bank, and same bank group.
  std::array<std::array<Ck, kDirections>, kDirections> col_to_col;
  std::array<std::array<Ck, kDirections>, kDirections> col_to_col_group;
  Ck col_to_col_stack_id;  ///< same direction, other stack id
  Ck burst;                ///< data-bus cycles of one atom
  Ck spacing;              ///< between the atoms of one request, which rotate over the bank groups
  Ck pre_to_act;
  Ck pre_to_ref;
  Ck act_to_pre;
  Ck act_to_act;  ///< same bank
  Ck act_to_act_any;
  Ck act_to_act_group;
  Ck four_acts;  ///< first to fifth activate
  Ck act_slots;  ///< row command bus busy
  Ck ref_all_to_act;
  Ck ref_bank_to_act;
  Ck ref_to_ref;  ///< per-bank refresh commands
  Ck refi;
};

CycleTimings cycle_timings(const Config& config);

/// Whole CK cycles that cover `time`.
Ck to_ck(const Config& config, Picoseconds time);

}  // namespace aipu::hbm
