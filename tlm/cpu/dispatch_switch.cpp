// SPDX-License-Identifier: Apache-2.0
// Portable dispatch: the same handlers as cases of one `switch`.
#include <cstring>
#include <limits>

#include "hw/cpu/arithmetic.h"
#include "tlm/cpu/interpreter.h"

namespace aipu::cpu {

#define AIPU_EXECUTE execute_switch
#define AIPU_THREADED 0
#include "tlm/cpu/dispatch.inc"

template auto Interpreter<std::uint32_t>::execute_switch(Block*, const void* const**) -> Leave;
template auto Interpreter<std::uint64_t>::execute_switch(Block*, const void* const**) -> Leave;

}  // namespace aipu::cpu
