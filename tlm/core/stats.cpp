// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/stats.h"

namespace aipu {

const char* to_string(Unit unit) {
  switch (unit) {
    case Unit::kCount:
      return "count";
    case Unit::kBytes:
      return "B";
    case Unit::kCycles:
      return "cycles";
    case Unit::kPicoseconds:
      return "ps";
    case Unit::kFlops:
      return "FLOP";
  }
  return "?";
}

Counter::Counter(StatGroup& group, const char* name, Unit unit, const char* description)
    : name_(name), unit_(unit), description_(description) {
  group.counters_.push_back(this);
}

}  // namespace aipu
