// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/platform/symbols.h"
#include "tlm/cpu/hart.h"

namespace aipu::platform {

/// What an engine found: rule, command, address, place of the doorbell. One line; for a range that
/// two commands use, a second one that names both.
std::string fault_text(const Symbols& symbols, CoreId core, const Fault& fault);

/// What the hart's last trap found: cause and place, the assertion or the stack overflow that it
/// stands for, registers, the last branches taken. Several lines, each behind two blanks and with
/// its newline; empty where no trap was taken.
std::string crash_text(const Symbols& symbols, CoreId core, const cpu::Hart& hart);

}  // namespace aipu::platform
