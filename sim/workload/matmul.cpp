// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/matmul.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <limits>

#include "hw/base/error.h"
#include "hw/base/units.h"
#include "hw/program/sram_map.h"

namespace aipu::workload {
namespace {

constexpr std::uint32_t kScaleSize = sizeof(float);
constexpr std::uint32_t kAccumulatorSize = sizeof(float);
constexpr std::uint32_t kTileAlignment = 64;
constexpr std::uint32_t kDepthUnit = 32;  // keeps rows of A tiles aligned to 32 bytes
// A core that streams cuts its weights in so many tiles, of sizes within these limits.
constexpr std::uint64_t kStreamTiles = 32;
constexpr std::uint64_t kLeastTile = 32U << 10U, kMostTile = 128U << 10U;
constexpr std::uint32_t kStreamSets = 4;
constexpr std::uint32_t kLeastSlots = 2;
constexpr std::uint32_t kStreamRows = 128;  // beyond them the array, not HBM, is the limit
constexpr std::uint32_t kMostStreamColumns = 128;
constexpr std::uint32_t kColumnUnit = 8;
constexpr std::uint32_t kPart = 128;      // rows of a part
constexpr std::uint32_t kBlockRow = 256;  // bytes of a row of A in a tile of a block
constexpr std::uint32_t kRoom = (1U << 20U) - HC_SRAM_STREAM;  // ring and accumulators

// The estimate by which blocks are chosen; only their order counts.
constexpr double kProductsPerCycle = 8192;  // of 8-bit operands
constexpr double kStartup = 33;             // cycles of a tensor command beside its passes
constexpr double kLoadPerCycle = 48;        // bytes that a core gets while all of them load
constexpr double kImbalance = 1.02;

std::uint32_t div_up(std::uint32_t n, std::uint32_t unit) {
  return static_cast<std::uint32_t>(ceil_div(n, unit));
}

std::uint64_t align(std::uint64_t bytes) {
  return align_up(bytes, kTileAlignment);
}

/// An accumulator of a block, and the results of pairs behind it.
std::uint32_t set_bytes(const MatmulTiling& t) {
  const std::uint64_t elements = std::uint64_t{t.block_m} * t.block_n;
  return static_cast<std::uint32_t>(align(elements * t.width() * kAccumulatorSize) +
                                    (t.shape.pairs ? align(elements * size_of(t.shape.out)) : 0));
}

/// Bytes of A with its scales, all rows.
std::uint64_t resident_bytes(const MatmulShape& s, const MatmulTiling& t) {
  const std::uint64_t rows = std::uint64_t{s.rows} * s.k * size_of(s.dtype);
  if (!s.scaled_a) return rows;
  return align_up(rows, kTileAlignment) +
         std::uint64_t{s.one_row_of_scales ? 1 : s.rows} * t.k_scales(s.k) * kScaleSize;
}

/// A slot of the ring: what a step of a full block loads.
std::uint64_t slot_bytes(const MatmulTiling& t) {
  const MatmulShape& s = t.shape;
  const std::uint64_t weights = t.tile_bytes(t.block_n * t.width(), t.block_k);
  if (t.resident) return weights;
  const std::uint32_t scaled = !s.scaled_a ? 0 : s.one_row_of_scales ? 1 : t.block_m;
  return align(std::uint64_t{t.block_m} * t.block_k * size_of(s.dtype)) +
         align(std::uint64_t{scaled} * t.k_scales(t.block_k) * kScaleSize) + weights;
}

/// The largest multiple of both units that keeps a weight tile within `bytes`; at least one.
std::uint32_t depth_for(const MatmulTiling& t, std::uint64_t bytes) {
  const std::uint32_t unit = std::max(kDepthUnit, t.shape.scale_k);
  const std::uint64_t row = std::uint64_t{t.block_n} * t.width() * size_of(t.shape.dtype);
  const auto depth = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes / row, 1U << 16U));
  return std::min(t.shape.k, std::max(unit, depth / unit * unit));
}

/// A tile's columns begin a new scale or share one; gate and up never share one of several.
bool fits_scales(const MatmulShape& s, std::uint32_t columns) {
  if (!s.scaled_b || s.scale_n == 0 || columns % s.scale_n == 0) return true;
  return !s.pairs && s.scale_n % columns == 0;
}

void check(const MatmulShape& s) {
  if (s.rows == 0 || s.k == 0 || s.cols == 0)
    throw ConfigError("matmul", "rows, k and cols must be at least 1");
  if (s.scale_k % kDepthUnit != 0)
    throw ConfigError("matmul",
                      fmt::format("scale_k {} is no multiple of {}", s.scale_k, kDepthUnit));
  if (s.pairs && s.scaled_b && s.scale_n != 0 && s.cols % s.scale_n != 0)
    throw ConfigError(
        "matmul",
        fmt::format("{} pairs do not begin and end with scales of {} columns", s.cols, s.scale_n));
}

/// Columns dealt as evenly as they can be, in blocks as wide as that allows.
std::uint32_t stream_columns(const MatmulTiling& t, std::uint32_t cores) {
  const MatmulShape& s = t.shape;
  const std::uint32_t room = HC_SRAM_ACC_BYTES;
  double least = std::numeric_limits<double>::max();
  std::uint32_t best = 0;
  for (std::uint32_t columns = kMostStreamColumns; columns != 0; columns -= kColumnUnit) {
    MatmulTiling tried = t;
    tried.block_n = columns;
    if (!fits_scales(s, columns) || set_bytes(tried) > room) continue;
    const double busiest = static_cast<double>(ceil_div(div_up(s.cols, columns), cores)) * columns;
    if (busiest * kImbalance >= least) continue;
    least = busiest;
    best = columns;
  }
  return best;
}

/// Few rows: weights stream, accumulators of one block while those of the last one are stored.
bool tile_stream(MatmulTiling& t, std::uint32_t cores, std::uint32_t groups) {
  const MatmulShape& s = t.shape;
  if (s.rows > kStreamRows) return false;
  t.block_m = t.part_m = s.rows;
  t.block_n = std::min(stream_columns(t, cores), s.cols);
  if (t.block_n == 0) return false;
  t.sets = std::min(kStreamSets, 2 * HC_SRAM_ACC_BYTES / set_bytes(t));
  const std::uint64_t each = ceil_div(
      std::uint64_t{s.k} * s.cols * t.width() * size_of(s.dtype) * std::max(groups, 1U), cores);
  t.block_k = depth_for(t, std::clamp<std::uint64_t>(each / kStreamTiles, kLeastTile, kMostTile));
  t.resident = groups == 0 && resident_bytes(s, t) <= HC_SRAM_INPUT_BYTES;
  return kLeastSlots * slot_bytes(t) <= HC_SRAM_STREAM_BYTES;
}

double block_cost(const MatmulTiling& t, std::uint32_t cores) {
  const MatmulShape& s = t.shape;
  const double columns = t.block_n * t.width();
  const double passes = t.block_m * columns * t.block_k * size_of(s.dtype) / kProductsPerCycle;
  const double traffic = static_cast<double>(slot_bytes(t)) / kLoadPerCycle;
  const double step = std::max(passes + kStartup, traffic);
  const std::uint64_t blocks = std::uint64_t{t.row_blocks(s.rows)} * t.column_blocks();
  const double result = t.part_m * columns * kAccumulatorSize / kLoadPerCycle;
  return static_cast<double>(ceil_div(blocks, cores)) * (step * t.steps() + result);
}

bool fit_block(MatmulTiling& t, std::uint32_t depth) {
  if (!fits_scales(t.shape, t.block_n)) return false;
  const std::uint32_t parts = div_up(t.block_m, t.part_m);
  t.sets = parts == 1 ? 2 : 1;
  const std::uint64_t accumulators = std::uint64_t{t.sets} * set_bytes(t);
  if (t.sets * parts > HC_MATMUL_MOST_PARTS || accumulators >= kRoom) return false;
  t.ring = static_cast<std::uint32_t>(kRoom - accumulators) / kTileAlignment * kTileAlignment;
  const std::uint32_t unit = std::max(kDepthUnit, t.shape.scale_k);
  t.block_k = std::min(t.shape.k, std::max(unit, depth / unit * unit));
  return kLeastSlots * slot_bytes(t) <= t.ring;
}

bool tile_blocks(MatmulTiling& t, std::uint32_t cores) {
  const std::array<std::uint32_t, 6> sizes{512, 256, 128, 64, 32, 16};
  double least = std::numeric_limits<double>::max();
  MatmulTiling best;
  // Of equal ones the widest: rows of weights are longer than rows of activations.
  for (const std::uint32_t block_n : sizes) {
    for (const std::uint32_t block_m : sizes) {
      MatmulTiling tried = t;
      tried.block_m = block_m;
      tried.part_m = std::min(block_m, kPart);
      tried.block_n = block_n;
      for (const std::uint32_t bytes : {kBlockRow, 2 * kBlockRow}) {
        if (!fit_block(tried, bytes / size_of(t.shape.dtype))) continue;
        const double cost = block_cost(tried, cores);
        if (cost >= least) continue;
        least = cost;
        best = tried;
      }
    }
  }
  if (best.ring == 0) return false;
  t = best;
  return true;
}

}  // namespace

std::uint32_t MatmulTiling::row_blocks(std::uint32_t rows) const {
  return div_up(rows, block_m);
}
std::uint32_t MatmulTiling::column_blocks() const {
  return div_up(shape.cols, block_n);
}
std::uint32_t MatmulTiling::steps() const {
  return div_up(shape.k, block_k);
}
std::uint32_t MatmulTiling::parts_of(std::uint32_t rows) const {
  return rows / block_m * div_up(block_m, part_m) + div_up(rows % block_m, part_m);
}
std::uint64_t MatmulTiling::products_of(std::uint32_t rows) const {
  const std::uint64_t by_parts = std::min(steps(), 2U), whole = steps() - by_parts;
  return by_parts * parts_of(rows) + whole * row_blocks(rows);
}
std::uint32_t MatmulTiling::k_scales(std::uint32_t terms) const {
  return shape.scale_k == 0 ? 1 : div_up(terms, shape.scale_k);
}
std::uint32_t MatmulTiling::n_scales(std::uint32_t columns) const {
  return shape.scale_n == 0 ? 1 : div_up(columns, shape.scale_n);
}
std::uint64_t MatmulTiling::scale_bytes(std::uint32_t columns, std::uint32_t terms) const {
  if (!shape.scaled_b) return 0;
  return align_up(std::uint64_t{k_scales(terms)} * n_scales(columns) * kScaleSize, kTileAlignment);
}
std::uint64_t MatmulTiling::tile_bytes(std::uint32_t columns, std::uint32_t terms) const {
  return scale_bytes(columns, terms) +
         align_up(std::uint64_t{columns} * terms * size_of(shape.dtype), kTileAlignment);
}
std::uint64_t MatmulTiling::column_stride() const {
  const std::uint32_t columns = block_n * width();
  const std::uint32_t rest = shape.k % block_k;
  return shape.k / block_k * tile_bytes(columns, block_k) +
         (rest == 0 ? 0 : tile_bytes(columns, rest));
}
std::uint64_t MatmulTiling::packed_bytes() const {
  std::uint64_t bytes = 0;
  for_each_packed_tile(*this, [&](const PackedTile& tile) {
    bytes += tile_bytes(tile.columns * width(), tile.terms);
  });
  return bytes;
}
bool MatmulTiling::converted() const {
  const bool scaled = shape.scaled_a || shape.scaled_b;
  const DType sums = shape.dtype == DType::kInt8 && !scaled ? DType::kInt32 : DType::kF32;
  return shape.pairs || shape.out != sums || shape.out_scale != 1.0F;
}

hc_matmul_args_t MatmulTiling::args() const {
  hc_matmul_args_t a{};
  a.rows = shape.rows;
  a.k = shape.k;
  a.cols = shape.cols;
  a.block_m = block_m;
  a.block_n = block_n;
  a.block_k = block_k;
  a.part_m = part_m;
  a.column_stride = static_cast<std::uint32_t>(column_stride());
  a.dtype = static_cast<std::uint32_t>(shape.dtype);
  a.out_dtype = static_cast<std::uint32_t>(shape.out);
  a.scale_k = shape.scale_k;
  a.scale_n = shape.scale_n;
  a.scaled_b = shape.scaled_b ? HC_MATMUL_SCALED : HC_MATMUL_NO_SCALES;
  std::memcpy(&a.out_scale, &shape.out_scale, sizeof a.out_scale);
  a.pairs = shape.pairs ? 1 : 0;
  a.resident = resident ? 1 : 0;
  a.sets = sets;
  a.ring = ring;
  return a;
}

MatmulTiling tile_matmul(const MatmulShape& shape, std::uint32_t cores, std::uint32_t groups) {
  check(shape);
  MatmulTiling stream, blocks;
  stream.shape = blocks.shape = shape;
  if (tile_stream(stream, cores, groups)) return stream;
  if (tile_blocks(blocks, cores)) return blocks;
  throw ConfigError("matmul", fmt::format("no tiles of {} x {} x {} fit the SRAM of a core",
                                          shape.rows, shape.k, shape.cols));
}

MatmulTiling cut_blocks(const MatmulShape& shape, std::uint32_t block_m, std::uint32_t block_n,
                        std::uint32_t block_k, std::uint32_t part_m) {
  check(shape);
  MatmulTiling t;
  t.shape = shape;
  t.block_m = block_m;
  t.block_n = block_n;
  t.part_m = part_m;
  if (block_m % part_m == 0 && fit_block(t, block_k)) return t;
  throw ConfigError("matmul", fmt::format("blocks of {} x {} x {} in parts of {} rows do not fit",
                                          block_m, block_n, block_k, part_m));
}

MatmulCounts grouped_counts(const MatmulTiling& t, const std::vector<std::uint32_t>& rows,
                            std::uint32_t cores) {
  const MatmulShape& s = t.shape;
  const std::uint64_t columns = t.column_blocks(), packed = t.packed_bytes();
  MatmulCounts c;
  for (const std::uint32_t r : rows) {
    const std::uint64_t parts = t.parts_of(r), tiles = t.row_blocks(r) * columns * t.steps();
    c.loads += tiles * (s.scaled_a ? 3 : 2);
    c.products += columns * t.products_of(r);
    c.vectors += t.converted() ? columns * parts : 0;
    c.stores += columns * parts;
    c.weights += t.row_blocks(r) * packed;
    const std::uint64_t scaled = s.one_row_of_scales ? t.row_blocks(r) : r;
    // k is cut at multiples of scale_k; without them, every step reads the scale of a row again.
    const std::uint64_t scales = s.scale_k == 0 ? t.steps() : t.k_scales(s.k);
    c.activations += columns * (std::uint64_t{r} * s.k * size_of(s.dtype) +
                                (s.scaled_a ? scaled * scales * kScaleSize : 0));
    c.results += std::uint64_t{r} * s.cols * size_of(s.out);
    c.flops += 2ULL * r * s.k * s.cols * t.width();
  }
  c.stores += 2ULL * cores;  // the table, and the fence that reports the core
  c.table = std::uint64_t{rows.size()} * sizeof(hc_arrival_t) * cores;
  return c;
}

MatmulCounts matmul_counts(const MatmulTiling& t, std::uint32_t cores) {
  const MatmulShape& s = t.shape;
  MatmulCounts c = grouped_counts(t, {s.rows}, cores);
  c.stores -= cores;
  c.table = 0;
  if (!t.resident) return c;
  const std::uint64_t busy = std::min(cores, t.row_blocks(s.rows) * t.column_blocks());
  c.loads = t.row_blocks(s.rows) * t.column_blocks() * t.steps();
  c.stores += busy * (s.scaled_a ? 2 : 1);
  const std::uint64_t scaled = s.one_row_of_scales ? 1 : s.rows;
  c.activations = busy * (std::uint64_t{s.rows} * s.k * size_of(s.dtype) +
                          (s.scaled_a ? scaled * t.k_scales(s.k) * kScaleSize : 0));
  return c;
}

void for_each_packed_tile(const MatmulTiling& t,
                          const std::function<void(const PackedTile&)>& visit) {
  const MatmulShape& s = t.shape;
  for (std::uint32_t column = 0; column < s.cols; column += t.block_n) {
    const std::uint32_t columns = std::min(t.block_n, s.cols - column);
    std::uint64_t offset = t.column_stride() * (column / t.block_n);
    for (std::uint32_t k = 0; k < s.k; k += t.block_k) {
      const std::uint32_t terms = std::min(t.block_k, s.k - k);
      visit({column, columns, k, terms, offset});
      offset += t.tile_bytes(columns * t.width(), terms);
    }
  }
}

}  // namespace aipu::workload
