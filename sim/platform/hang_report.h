// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/platform/symbols.h"
#include "tlm/board/board.h"

namespace aipu::platform {

/// Who waits for what: every hart and every engine that does, what it waits for, and who would end
/// the wait. Those that nobody here would end come first, then those that wait behind them; equal
/// lines of many cores are one. Lines behind two blanks, each with its newline.
std::string hang_text(const Symbols& symbols, const board::Board& board);

}  // namespace aipu::platform
