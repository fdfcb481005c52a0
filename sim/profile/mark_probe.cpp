// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/mark_probe.h"

#include <algorithm>

#include "regs/control.h"

namespace aipu::profile {

MarkRecord decode_mark(std::uint32_t word) {
  namespace control = regs::control;
  MarkRecord mark;
  mark.number = word & ((1U << control::kMarkNumberWidth) - 1U);
  const std::uint32_t kind = word >> control::kMarkKindShift;
  mark.kind = kind == MarkRecord::kBegin || kind == MarkRecord::kEnd
                  ? static_cast<MarkRecord::Kind>(kind)
                  : MarkRecord::kPoint;
  return mark;
}

void MarkProbe::mark(std::uint32_t word, std::uint64_t now) {
  MarkRecord mark = decode_mark(word);
  mark.core = core_;
  mark.time = now;
  if (records_.room(now)) records_.marks.push_back(mark);
  if (mark.kind == MarkRecord::kPoint) {
    ++points_;
    return;
  }
  Open& open = regions_[mark.number];
  Region& region = open.region;
  if (mark.kind == MarkRecord::kBegin) {
    open.begins.push_back(now);
  } else if (open.begins.empty()) {
    ++region.unmatched;
  } else {
    const std::uint64_t time = now - open.begins.back();
    open.begins.pop_back();
    region.least = region.count == 0 ? time : std::min(region.least, time);
    region.most = std::max(region.most, time);
    region.time += time;
    ++region.count;
  }
}

std::vector<Region> MarkProbe::regions(const std::map<std::uint32_t, std::string>& names) const {
  std::vector<Region> list;
  for (const auto& [number, open] : regions_) {
    list.push_back(open.region);
    list.back().number = number;
    list.back().unmatched += open.begins.size();
    if (const auto name = names.find(number); name != names.end()) list.back().name = name->second;
  }
  return list;
}

}  // namespace aipu::profile
