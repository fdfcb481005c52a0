// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/code_map.h"

#include <algorithm>
#include <limits>

namespace aipu::profile {
namespace {

/// Labels of compilers begin with a dot, those of linker scripts with two underscores.
int doubt(const std::string& name) {
  return name[0] == '.' ? 2 : name.rfind("__", 0) == 0 ? 1 : 0;
}

}  // namespace

CodeMap::CodeMap(const load::Elf& elf) : markers_(elf.markers) {
  std::uint64_t end = 0;
  for (const auto& segment : elf.segments) {
    if (!segment.executable) continue;
    if (end == 0) base_ = segment.address;
    end = std::max(end, segment.end());
  }
  functions_.resize((end - base_ + 1) / 2, kElsewhere);
  // Of several names at one address the most likely to be the function's.
  std::map<std::uint64_t, std::string> starts;
  for (const auto& [name, address] : elf.symbols) {
    const bool inside = std::any_of(elf.segments.begin(), elf.segments.end(),
                                    [a = address](const load::Elf::Segment& s) {
                                      return s.executable && a >= s.address && a < s.end();
                                    });
    if (!inside) continue;
    std::string& known = starts[address];
    if (known.empty() || doubt(name) < doubt(known)) known = name;
  }
  for (auto at = starts.begin(); at != starts.end(); ++at) {
    if (names_.size() > std::numeric_limits<Function>::max()) break;
    const std::uint64_t next = std::next(at) == starts.end() ? end : std::next(at)->first;
    const auto begin = functions_.begin() + static_cast<std::ptrdiff_t>((at->first - base_) / 2);
    std::fill_n(begin, (next - at->first + 1) / 2, static_cast<Function>(names_.size()));
    names_.push_back(at->second);
  }
}

}  // namespace aipu::profile
