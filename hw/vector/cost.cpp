// SPDX-License-Identifier: Apache-2.0
#include "hw/vector/cost.h"

#include <algorithm>
#include <array>

namespace aipu::vector {
namespace {

/// Passes of the lanes and work per element of the tile (hw/docs/vector.md, "Timing"). `each_plane`
/// counts once per plane of src0, `once` on top; reductions start every row in a new cycle.
struct Cost {
  std::int32_t passes_once, passes_each_plane;
  std::int32_t flops_once, flops_each_plane;
  std::uint32_t special_per_element, special_per_row, special_per_row_and_plane;
  bool by_row;
};

constexpr std::array<Cost, kOpcodeCount> kCosts{{
    {},
    {1, 0, 1, 0, 0, 0, 0, false},    // add
    {1, 0, 1, 0, 0, 0, 0, false},    // mul
    {-1, 1, -1, 1, 0, 0, 0, false},  // sum_planes; a single plane is one pass
    {1, 0, 1, 0, 0, 0, 0, false},    // convert
    {3, 0, 4, 0, 0, 1, 0, true},     // rmsnorm: square and add; times rsqrt; times weight
    {2, 0, 3, 0, 0, 0, 0, false},    // rope: times cosine; rotated times sine, add
    {4, 0, 5, 0, 1, 1, 0, true},     // softmax_step: scale; maximum; subtract; add
    {1, 0, 1, 0, 0, 1, 0, false},    // softmax_end
    {1, 1, 1, 2, 0, 1, 1, false},    // merge_partials: multiply-add per plane; divide
    {2, 0, 3, 0, 1, 0, 0, false},    // swiglu: times sigmoid; times src1
    {1, 0, 1, 0, 0, 0, 0, true},     // argmax
    {0, 1, 0, 1, 0, 0, 0, false},    // argmax_merge
}};

}  // namespace

Effort effort(const Operation& op, std::uint32_t lanes) {
  const Cost& cost = kCosts[static_cast<std::size_t>(op.opcode)];
  const std::uint64_t tile = std::uint64_t{op.rows} * op.cols;
  const std::int64_t planes = op.planes;
  const std::int64_t added = op.add_src1 && op.opcode == Opcode::kSumPlanes ? 1 : 0;
  const auto passes = static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, cost.passes_once + cost.passes_each_plane * planes + added));
  const auto flops =
      static_cast<std::uint64_t>(cost.flops_once + cost.flops_each_plane * planes + added);
  const std::uint64_t per_pass =
      cost.by_row ? op.rows * ceil_div(op.cols, lanes) : ceil_div(tile, lanes);
  const std::uint64_t scaled = std::uint64_t{op.rows} * op.out_cols;  // one product per element

  Effort effort;
  effort.lane_cycles = passes * per_pass + ceil_div(scaled, lanes);
  effort.special =
      cost.special_per_element * tile +
      std::uint64_t{op.rows} *
          (cost.special_per_row + std::uint64_t{cost.special_per_row_and_plane} * op.planes);
  effort.elements = tile * op.planes;
  effort.flops = flops * tile + scaled + effort.special - cost.special_per_element * tile;
  return effort;
}

Cycles cycles(const Operation& op, const Config& config) {
  const Effort spent = effort(op, config.lanes);
  const std::uint64_t special = ceil_div(spent.special, config.special_per_cycle);
  const std::uint64_t transfer = ceil_div(op.tiles.traffic(), config.sram_per_cycle.count);
  return Cycles(std::max({spent.lane_cycles, special, transfer})) + config.startup;
}

}  // namespace aipu::vector
