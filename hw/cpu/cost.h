// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/cpu/config.h"
#include "hw/cpu/isa.h"

namespace aipu::cpu {

/// Cycles of an instruction that are known when it is decoded. A load pays for the next instruction
/// that reads its result, so that the sum does not depend on where a run of code is entered.
/// Taken branches, register accesses and traps are charged when they happen.
std::uint32_t static_cost(const Instruction& instruction, const Instruction& next,
                          const Config& config);

}  // namespace aipu::cpu
