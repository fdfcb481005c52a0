// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aipu::directcom {

/// What simulates a switch: the model in C++, the RTL (hw/docs/rtl.md), or both under the same
/// stimuli, compared packet by packet.
enum class SwitchKind : std::uint8_t { kTlm, kRtl, kLockstep };

/// The kinds of `switches` switches from a text such as "switch[0]=rtl switch[*]=lockstep": blanks
/// between, `*` means all, the last that names a switch wins, one that none names is kTlm.
/// ConfigError without a place for anything else.
std::vector<SwitchKind> read_switch_kinds(const std::string& text, std::size_t switches);

}  // namespace aipu::directcom
