// SPDX-License-Identifier: Apache-2.0
#include "hw/vector/shape.h"
#include "regs/abi.h"
#include "regs/core.h"

namespace aipu::vector {
namespace {

namespace abi = regs::abi;
namespace map = regs::core;

/// Whether `dst` may replace plane 0 of `source` row by row: each row is read before it is written,
/// and no row of the result reaches into a later row of the source.
bool in_place(const SramTile& dst, const SramTile& source) {
  if (dst.offset != source.offset || dst.rows != source.rows) return false;
  if (dst.row_bytes > source.row_bytes || (dst.rows > 1 && dst.stride > source.stride))
    return false;
  for (std::uint32_t i = 1; i < source.planes; ++i) {
    if (spans_meet(dst, source.plane(i))) return false;
  }
  return true;
}

std::uint32_t hart_address(const SramTile& tile) {
  return static_cast<std::uint32_t>(map::kSramBase + tile.offset);
}

}  // namespace

Breach check_addresses(const SramTiles& tiles, bool picked) {
  for (const SramTile& t : tiles) {
    const std::uint64_t stride = t.planes > 1 ? t.plane_stride : 0;
    if ((t.offset | stride) % kAlignment != 0) return {abi::kRuleMisaligned, hart_address(t)};
  }
  for (const SramTile& t : tiles) {
    if (t.end() > map::kSramSize) return {abi::kRuleBadAddress, hart_address(t)};
  }
  const SramTile* dst = tiles.end() - 1;
  for (const SramTile& result : tiles) {
    if (!result.write) continue;
    for (const SramTile& other : tiles) {
      if (&other == &result || !spans_meet(result, other)) continue;
      const bool row_by_row = !(picked && &other == tiles.begin());
      const bool replaces = &result == dst && !other.write && row_by_row && in_place(result, other);
      if (!replaces) return {abi::kRuleOverlap, hart_address(result)};
    }
  }
  return {};
}

}  // namespace aipu::vector
