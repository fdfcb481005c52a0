// SPDX-License-Identifier: Apache-2.0
#include "hw/vector/cost.h"

#include <algorithm>
#include <array>

namespace aipu::vector {
namespace {

/// A tile as the lanes pass it.
struct Pass {
  std::uint64_t tile;    ///< elements of a plane
  std::uint64_t cycles;  ///< of one pass
};

/// Adds to an effort what its opcode needs beyond the table.
using Extra = void (*)(const Operation&, const Config&, const Pass&, Effort&);

/// Passes of the lanes and work per element of the tile (hw/docs/vector.md, "Timing"). `each_plane`
/// counts once per plane of src0, `once` on top; `flagged` where add_src1 is set; reductions start
/// every row in a new cycle.
struct Cost {
  std::int32_t passes_once, passes_each_plane;
  std::int32_t flops_once, flops_each_plane;
  std::uint32_t special_per_element, special_per_row, special_per_row_and_plane;
  bool by_row;
  std::int32_t flagged = 0;  ///< passes and flops
  Extra extra = nullptr;
};

std::uint32_t log2_ceil(std::uint32_t value) {
  std::uint32_t log = 0;
  while ((std::uint64_t{1} << log) < value)
    ++log;
  return log;
}
std::uint32_t log2_floor(std::uint32_t value) {
  const std::uint32_t log = log2_ceil(value);
  return (std::uint64_t{1} << log) > value ? log - 1 : log;
}

void gelu_extra(const Operation& op, const Config&, const Pass& pass, Effort& effort) {
  if (op.param0 != kGeluTanh) return;
  effort.lane_cycles += pass.cycles;  // the cube of x
  effort.flops += 2 * pass.tile;
}

/// One reciprocal a scale.
void quantize_extra(const Operation& op, const Config&, const Pass&, Effort& effort) {
  const std::uint64_t scales = std::uint64_t{op.rows} * op.scale_groups();
  effort.special += scales;
  effort.flops += scales;
}

void top_k_extra(const Operation& op, const Config& config, const Pass&, Effort& effort) {
  effort.lane_cycles += sort_cycles(op.rows, op.cols, op.param0, config);
}

void top_k_merge_extra(const Operation& op, const Config& config, const Pass&, Effort& effort) {
  effort.lane_cycles += merge_cycles(op.rows, op.planes, op.param0, config);
}

void gate_extra(const Operation& op, const Config& config, const Pass& pass, Effort& effort) {
  const GateMode mode = op.gate();
  std::uint64_t passes = 0;
  if (!mode.sigmoid) {
    passes += 4;  // maximum; subtract; add; divide
    effort.special += op.rows;
    effort.flops += op.rows;
  }
  if (mode.groups > 1) {
    passes += mode.sigmoid ? 2 : 1;  // best and second of each group
    effort.lane_cycles += sort_cycles(op.rows, mode.groups, mode.kept, config);
  }
  std::uint64_t result_passes = 1;  // times imm0
  if (mode.normalize) {
    result_passes += 2;  // add; divide
    effort.special += op.rows;
    effort.flops += op.rows;
  }
  const std::uint64_t results = std::uint64_t{op.rows} * op.param0;
  effort.lane_cycles += passes * pass.cycles +
                        result_passes * op.rows * ceil_div(op.param0, config.lanes) +
                        sort_cycles(op.rows, op.cols, op.param0, config);
  effort.flops += passes * pass.tile + result_passes * results;
}

/// The sums of the prefixes: log2(n) passes.
void sample_extra(const Operation& op, const Config&, const Pass& pass, Effort& effort) {
  effort.lane_cycles += log2_ceil(op.cols) * pass.cycles;
}

constexpr std::array<Cost, kOpcodeCount> kCosts{{
    {},
    {1, 0, 1, 0, 0, 0, 0, false},       // add
    {1, 0, 1, 0, 0, 0, 0, false},       // mul
    {-1, 1, -1, 1, 0, 0, 0, false, 1},  // sum_planes; a single plane is one pass
    {1, 0, 1, 0, 0, 0, 0, false},       // convert
    {3, 0, 4, 0, 0, 1, 0, true},        // rmsnorm: square and add; times rsqrt; times weight
    {2, 0, 3, 0, 0, 0, 0, false},       // rope: times cosine; rotated times sine, add
    {4, 0, 5, 0, 1, 1, 0, true},        // softmax_step: scale; maximum; subtract; add
    {1, 0, 1, 0, 0, 1, 0, false},       // softmax_end
    {1, 1, 1, 2, 0, 1, 1, false},       // merge_partials: multiply-add per plane; divide
    {2, 0, 3, 0, 1, 0, 0, false},       // swiglu: times sigmoid; times src1
    {1, 0, 1, 0, 0, 0, 0, true},        // argmax
    {0, 1, 0, 1, 0, 0, 0, false},       // argmax_merge
    {5, 0, 6, 0, 0, 1, 0, true,
     1},  // layernorm: add; subtract; square and add; times rsqrt; times weight
    {3, 0, 4, 0, 1, 0, 0, false, 0, gelu_extra},  // gelu: argument; half of x; product
    {5, 0, 6, 0, 1, 1, 0, true},                  // softmax: scale; maximum; subtract; add; divide
    {2, 0, 2, 0, 0, 0, 0, true, 0, quantize_extra},     // quantize: maximum; divide
    {1, 0, 1, 0, 0, 0, 0, false},                       // dequantize
    {0, 0, 1, 0, 0, 0, 0, true, 0, top_k_extra},        // top_k: sort
    {0, 0, 0, 1, 0, 0, 0, true, 0, top_k_merge_extra},  // top_k_merge: merge
    {0, 0, 2, 0, 1, 0, 0, true, 1, gate_extra},         // gate: scores; sort
    {1, 0, 0, 0, 0, 0, 0, false},                       // gather
    {0, 1, 0, 2, 0, 0, 0, false},                       // weighted_sum: multiply-add per term
    {4, 0, 5, 0, 1, 1, 0, true, 0, sample_extra},  // sample: subtract; scale; sums; two comparisons
}};

/// Blocks of 2^log_block numbers pass the lanes 2^log_width wide, as many rows side by side as fit;
/// lists of 2^log_list pairs take part of a pass, or several.
struct Sorter {
  std::uint32_t log_width, log_block, log_list;

  Sorter(std::uint32_t count, std::uint32_t kept, const Config& config)
      : log_width(log2_floor(config.lanes)),
        log_block(std::min(log_width, log2_ceil(count))),
        log_list(std::max(log_block, log2_ceil(kept))) {}

  std::uint64_t sort_stages() const { return std::uint64_t{log_block} * (log_block + 1) / 2; }
  /// A half-cleaner, then a bitonic merge, each over the whole list.
  std::uint64_t merge_stages() const {
    const std::uint32_t words = log_list > log_width ? log_list - log_width : 0;
    return (std::uint64_t{log_list} + 1) << words;
  }
  std::uint64_t cycles(std::uint32_t rows, std::uint64_t stages, const Config& config) const {
    const std::uint32_t side_by_side = log_width - std::min(log_width, log_list);
    return ceil_div(rows, std::uint64_t{1} << side_by_side) *
           ceil_div(stages, config.sort_stages_per_cycle);
  }
};

}  // namespace

std::uint64_t sort_cycles(std::uint32_t rows, std::uint32_t count, std::uint32_t kept,
                          const Config& config) {
  const Sorter sorter(count, std::min(kept, count), config);
  const std::uint64_t blocks = ceil_div(count, std::uint64_t{1} << sorter.log_block);
  return sorter.cycles(rows, blocks * sorter.sort_stages() + (blocks - 1) * sorter.merge_stages(),
                       config);
}

std::uint64_t merge_cycles(std::uint32_t rows, std::uint32_t lists, std::uint32_t kept,
                           const Config& config) {
  const Sorter sorter(kept, kept, config);
  return sorter.cycles(rows, (lists - 1) * sorter.merge_stages(), config);
}

Effort effort(const Operation& op, const Config& config) {
  const Cost& cost = kCosts[static_cast<std::size_t>(op.opcode)];
  const std::uint64_t tile = std::uint64_t{op.rows} * op.cols;
  const std::int64_t planes = op.planes;
  const std::int64_t added = op.add_src1 ? cost.flagged : 0;
  const auto passes = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, cost.passes_once + cost.passes_each_plane * planes + added));
  const auto flops =
      static_cast<std::uint64_t>(cost.flops_once + cost.flops_each_plane * planes + added);
  const std::uint64_t per_pass =
      cost.by_row ? op.rows * ceil_div(op.cols, config.lanes) : ceil_div(tile, config.lanes);
  const std::uint64_t scaled = std::uint64_t{op.rows} * op.out_cols;  // one product per element

  Effort effort;
  effort.lane_cycles = passes * per_pass + ceil_div(scaled, config.lanes);
  effort.special =
      cost.special_per_element * tile +
      std::uint64_t{op.rows} *
          (cost.special_per_row + std::uint64_t{cost.special_per_row_and_plane} * op.planes);
  effort.elements = tile * op.planes;
  effort.flops = flops * tile + scaled + effort.special - cost.special_per_element * tile;
  if (cost.extra != nullptr) cost.extra(op, config, {tile, per_pass}, effort);
  effort.lane_cycles = std::max(effort.lane_cycles, per_pass);
  return effort;
}

Cycles cycles(const Operation& op, const Config& config) {
  const Effort spent = effort(op, config);
  const std::uint64_t special = ceil_div(spent.special, config.special_per_cycle);
  const std::uint64_t transfer = ceil_div(op.tiles.traffic(), config.sram_per_cycle.count);
  return Cycles(std::max({spent.lane_cycles, special, transfer})) + config.startup;
}

}  // namespace aipu::vector
