// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "hw/program/launch.h"

namespace aipu::program {

/// What a command that waits for a counter of hw/program/launch.h waits for, in a report's words.
struct CounterCause {
  std::uint32_t counter;
  const char* name;   ///< of the counter
  const char* cause;  ///< of the wait
};

inline constexpr CounterCause kCounterCauses[] = {
    {HC_COUNTER_PHASE, "phase", "sync"},      {HC_COUNTER_GATHER, "gather", "link"},
    {HC_COUNTER_REDUCE, "reduce", "link"},    {HC_COUNTER_LAUNCH, "launch", "launch"},
    {HC_COUNTER_FILLED, "filled", "operand"}, {HC_COUNTER_FREED, "freed", "slot"},
    {HC_COUNTER_INPUT, "input", "input"},     {HC_COUNTER_INPUT_FREED, "input_freed", "slot"},
    {HC_COUNTER_MAC, "mac", "tensor"},        {HC_COUNTER_VECTOR, "vector", "vector"},
    {HC_COUNTER_STORED, "stored", "store"},   {HC_COUNTER_SENT, "sent", "link"},
    {HC_COUNTER_LOADED, "loaded", "operand"},
};

/// Its name, empty where it has none; launch slots and parts of collectives are numbered.
inline std::string name_of_counter(std::uint32_t counter) {
  for (const CounterCause& entry : kCounterCauses) {
    if (entry.counter == counter) return entry.name;
  }
  if (counter >= HC_COUNTER_LANDED) return "landed " + std::to_string(counter - HC_COUNTER_LANDED);
  if (counter >= HC_COUNTER_SLOT_FREED)
    return "slot_freed " + std::to_string(counter - HC_COUNTER_SLOT_FREED);
  return {};
}

/// The cause of a wait for this counter; counters from HC_COUNTER_SLOT_FREED on free launch
/// slots, from HC_COUNTER_LANDED on count parts of collectives.
constexpr const char* cause_of_counter(std::uint32_t counter) {
  for (const CounterCause& entry : kCounterCauses) {
    if (entry.counter == counter) return entry.cause;
  }
  if (counter >= HC_COUNTER_LANDED) return "link";
  return counter >= HC_COUNTER_SLOT_FREED ? "launch" : "other";
}

}  // namespace aipu::program
