// SPDX-License-Identifier: Apache-2.0
#include "hw/tensor/tile.h"

#include <algorithm>
#include <array>

#include "regs/abi.h"
#include "regs/core.h"
#include "regs/tensor.h"

namespace aipu::tensor {
namespace {

namespace abi = regs::abi;
namespace map = regs::core;
namespace reg = regs::tensor;

constexpr std::size_t kC = 2;         // of the operands
constexpr std::size_t kMatrices = 3;  // A, B, C; then scales

constexpr std::uint32_t field(std::uint32_t word, std::uint32_t shift, std::uint32_t width) {
  return (word >> shift) & ((1U << width) - 1U);
}

constexpr bool is_float(std::uint32_t code) {
  return code <= abi::kDtypeFp8E5m2;
}

/// Both in a floating-point format, which may differ, or both INT8.
Breach check_formats(std::uint32_t a, std::uint32_t b) {
  if (is_float(a) && is_float(b)) return {};
  if (a == abi::kDtypeInt8 && b == abi::kDtypeInt8) return {};
  const bool a_is_wrong = !is_float(a) && a != abi::kDtypeInt8;
  return {abi::kRuleBadDtype, a_is_wrong ? a : b};
}

Breach check_sizes(const Tile& t) {
  struct Limit {
    std::uint32_t value, low, high;
  };
  const std::uint32_t b_rows = t.transpose_b ? t.n : t.k;
  const std::uint32_t b_cols = t.transpose_b ? t.k : t.n;
  const auto pitch = [](std::uint32_t rows, std::uint32_t columns) {
    return rows > 1 ? columns : 0U;  // a single row has no next one
  };
  const bool all_a = t.ld_scale_a == 0, all_b = t.ld_scale_b == 0;
  const std::array<Limit, 8> limits{
      {{t.m, 1, kMaxM},
       {t.n, 1, kMaxN},
       {t.k, 1, kMaxK},
       {t.lda, pitch(t.m, t.k), ~0U},
       {t.ldb, pitch(b_rows, b_cols), ~0U},
       {t.ldc, pitch(t.m, t.n), ~0U},
       {t.ld_scale_a, all_a ? 0 : pitch(t.m, t.k_blocks()), ~0U},
       {t.ld_scale_b, all_b ? 0 : pitch(t.k_blocks(), t.n_blocks()), ~0U}}};
  for (const Limit& limit : limits) {
    if (limit.value < limit.low || limit.value > limit.high) {
      return {abi::kRuleBadSize, limit.value};
    }
  }
  return {};
}

/// As the hart named it, wrapped below the window too.
std::uint32_t hart_address(const SramTile& tile) {
  return static_cast<std::uint32_t>(map::kSramBase + tile.offset);
}

Breach check_addresses(const Tile& tile) {
  const SramTiles tiles = operands(tile);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const std::uint32_t alignment = i < kMatrices ? kAlignment : kScaleAlignment;
    if (tiles[i].offset % alignment != 0) return {abi::kRuleMisaligned, hart_address(tiles[i])};
  }
  for (const SramTile& t : tiles) {
    if (t.end() > map::kSramSize) return {abi::kRuleBadAddress, hart_address(t)};
  }
  for (const SramTile& t : tiles) {
    if (!t.write && spans_meet(tiles[kC], t)) return {abi::kRuleOverlap, hart_address(tiles[kC])};
  }
  return {};
}

/// The words of an operand without scales are not read.
void read_scales(const CommandWords& words, Tile& t) {
  const std::uint32_t flags = words[reg::kWFlags];
  t.scaled_a = field(flags, reg::kFlagsScaledAShift, 1) != 0;
  t.scaled_b = field(flags, reg::kFlagsScaledBShift, 1) != 0;
  if (t.scaled()) t.scale_k = words[reg::kWScaleK];
  if (t.scaled_a) {
    t.scale_a = words[reg::kWScaleA] - map::kSramBase;
    t.ld_scale_a = words[reg::kWLdScaleA];
  }
  if (t.scaled_b) {
    t.scale_b = words[reg::kWScaleB] - map::kSramBase;
    t.ld_scale_b = words[reg::kWLdScaleB];
    t.scale_n = words[reg::kWScaleN];
  }
}

}  // namespace

Decoded decode(std::uint32_t opcode, const CommandWords& words) {
  if (opcode != reg::kOpMac) return {{}, {abi::kRuleUnknownCommand, opcode}};
  const std::uint32_t flags = words[reg::kWFlags];
  const std::uint32_t dtype_a = field(flags, reg::kFlagsDtypeAShift, reg::kFlagsDtypeAWidth);
  const std::uint32_t dtype_b = field(flags, reg::kFlagsDtypeBShift, reg::kFlagsDtypeBWidth);
  if (const Breach breach = check_formats(dtype_a, dtype_b)) return {{}, breach};

  Tile t;
  // An address below the window wraps to an offset far beyond its end.
  t.a = words[reg::kWA] - map::kSramBase;
  t.b = words[reg::kWB] - map::kSramBase;
  t.c = words[reg::kWC] - map::kSramBase;
  t.m = words[reg::kWM];
  t.n = words[reg::kWN];
  t.k = words[reg::kWK];
  t.lda = words[reg::kWLda];
  t.ldb = words[reg::kWLdb];
  t.ldc = words[reg::kWLdc];
  t.dtype_a = static_cast<DType>(dtype_a);
  t.dtype_b = static_cast<DType>(dtype_b);
  t.accumulate = field(flags, reg::kFlagsAccumulateShift, 1) != 0;
  t.transpose_b = field(flags, reg::kFlagsTransposeBShift, 1) != 0;
  read_scales(words, t);
  if (const Breach breach = check_sizes(t)) return {t, breach};
  return {t, check_addresses(t)};
}

SramTiles operands(const Tile& t) {
  const auto matrix = [](std::uint32_t offset, std::uint32_t rows, std::uint64_t columns,
                         std::uint64_t pitch, std::uint32_t element) {
    SramTile tile;
    tile.offset = offset;
    tile.row_bytes = columns * element;
    tile.stride = pitch * element;
    tile.rows = rows;
    tile.read = true;
    return tile;
  };
  const std::uint32_t b_rows = t.transpose_b ? t.n : t.k;
  const std::uint32_t b_cols = t.transpose_b ? t.k : t.n;
  SramTiles tiles;
  tiles.add(matrix(t.a, t.m, t.k, t.lda, size_of(t.dtype_a)));
  tiles.add(matrix(t.b, b_rows, b_cols, t.ldb, size_of(t.dtype_b)));
  SramTile c = matrix(t.c, t.m, t.n, t.ldc, sizeof(float));
  c.read = t.accumulate;
  c.write = true;
  tiles.add(c);
  if (t.scaled_a) {
    const std::uint32_t rows = t.ld_scale_a == 0 ? 1 : t.m;
    tiles.add(matrix(t.scale_a, rows, t.k_blocks(), t.ld_scale_a, sizeof(float)));
  }
  if (t.scaled_b) {
    const std::uint32_t rows = t.ld_scale_b == 0 ? 1 : t.k_blocks();
    tiles.add(matrix(t.scale_b, rows, t.n_blocks(), t.ld_scale_b, sizeof(float)));
  }
  return tiles;
}

std::uint32_t depth(const Tile& tile, const Config& config) {
  switch (std::max(size_of(tile.dtype_a), size_of(tile.dtype_b))) {
    case 1:
      return config.depth_8bit;
    case 2:
      return config.depth_16bit;
    default:
      return config.depth_32bit;
  }
}

Cycles passes(const Tile& t, const Config& config) {
  const std::uint64_t deep = depth(t, config);
  std::uint64_t steps = ceil_div(t.k, deep);
  if (t.scaled()) {
    const std::uint32_t block = t.k_block();
    steps = t.k / block * ceil_div(block, deep) + ceil_div(t.k % block, deep);
  }
  return Cycles(ceil_div(t.m, config.array_m) * ceil_div(t.n, config.array_n) * steps);
}

Cycles scaling(const Tile& t, const Config& config) {
  if (!t.scaled()) return Cycles(0);
  return Cycles(ceil_div(std::uint64_t{t.m} * t.n * t.k_blocks(), config.scales_per_cycle));
}

Cycles cycles(const Tile& tile, const Config& config) {
  const Cycles transfer(ceil_div(operands(tile).traffic(), config.sram_per_cycle.count));
  return std::max({passes(tile, config), scaling(tile, config), transfer}) + config.pipeline;
}

std::uint64_t flops(const Tile& t) {
  return 2ULL * t.m * t.n * t.k;
}

std::uint64_t macs_issued(const Tile& tile, const Config& config) {
  return passes(tile, config).count * config.array_m * config.array_n * depth(tile, config);
}

}  // namespace aipu::tensor
