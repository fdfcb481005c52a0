// SPDX-License-Identifier: Apache-2.0
// Threaded dispatch by computed goto, an extension of GCC and clang that nothing standard replaces.
// Built with -fno-gcse -fno-crossjumping, which keep one indirect jump per handler.
#include <cstring>
#include <limits>

#include "hw/cpu/arithmetic.h"
#include "tlm/cpu/interpreter.h"

#pragma GCC diagnostic ignored "-Wpedantic"

namespace aipu::cpu {

#define AIPU_EXECUTE execute_threaded
#define AIPU_THREADED 1
#include "tlm/cpu/dispatch.inc"

template auto Interpreter<std::uint32_t>::execute_threaded(Block*, const void* const**) -> Leave;
template auto Interpreter<std::uint64_t>::execute_threaded(Block*, const void* const**) -> Leave;

}  // namespace aipu::cpu
