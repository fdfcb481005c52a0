// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sim/profile/result.h"

namespace aipu::profile {

/// "mac": an opcode as its queue knows it, or "?".
const char* opcode_name(std::uint32_t queue, std::uint32_t opcode);
/// "counter 8 (filled)": a counter with the name that programs of the host give it, if any.
std::string counter_name(std::uint32_t counter);
/// What a command waited for last at the head of its queue: a counter, "engine", or empty.
std::string wait_name(const CommandRecord& command);

}  // namespace aipu::profile
