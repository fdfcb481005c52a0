// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/symbols.h"

#include <algorithm>
#include <fmt/format.h>

namespace aipu::platform {

std::string Symbols::hart(CoreId core) const {
  return core.core < compute_cores_ ? fmt::format("aipu{}.core{}", core.aipu, core.core)
                                    : fmt::format("aipu{}.control", core.aipu);
}

std::string Symbols::place(CoreId core, std::uint32_t pc) const {
  const load::Elf& elf = image(core);
  const bool code = std::any_of(elf.segments.begin(), elf.segments.end(), [&](const auto& s) {
    return s.executable && pc >= s.address && pc < s.end();
  });
  const std::string name = code ? elf.describe(pc) : std::string();
  return name.empty() ? fmt::format("{:#010x}", pc) : fmt::format("{:#010x} ({})", pc, name);
}

}  // namespace aipu::platform
