// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/tiling.h"

#include <algorithm>

#include "hw/base/units.h"
#include "hw/program/sram_map.h"

namespace aipu::workload {
namespace {

constexpr std::uint32_t kWeightTile = 32U << 10U;  // bytes of a weight tile: 32 DMA bursts
constexpr std::uint32_t kInputTile = 64U << 10U;   // most bytes of a streamed activation tile
constexpr std::uint32_t kDepthUnit = 32;           // tile_k steps keep A tiles aligned to 32 bytes
constexpr std::uint32_t kMostWidth = 128;          // accumulator columns of a tile
constexpr double kImbalance = 1.02;                // of the busiest core against the mean

std::uint32_t round_down(std::uint32_t n, std::uint32_t unit) {
  return n / unit * unit;
}

/// The largest unit of columns that leaves the cores balanced.
std::uint32_t deal_unit(std::uint32_t cols, std::uint32_t cores) {
  for (std::uint32_t unit = 64; unit > 1; unit /= 2) {
    const std::uint64_t busiest = ceil_div(ceil_div(cols, unit), cores) * unit;
    if (static_cast<double>(busiest) * cores <= kImbalance * cols) return unit;
  }
  return 1;
}

}  // namespace

std::uint32_t GemmTiling::first_column(std::uint32_t core) const {
  const auto units = static_cast<std::uint32_t>(ceil_div(cols, unit));
  return std::min(units * core / cores * unit, cols);
}

bool GemmTiling::resident(std::uint32_t rows) const {
  return std::uint64_t{rows} * k * size_of(dtype) <= HC_SRAM_INPUT_BYTES;
}

std::uint32_t most_gemm_rows() {
  return HC_SRAM_ACC_BYTES / (4U * 16U);
}

GemmTiling tile_gemm(std::uint32_t most_rows, std::uint32_t k, std::uint32_t cols,
                     std::uint32_t width, DType dtype, std::uint32_t cores) {
  GemmTiling t;
  t.k = k;
  t.cols = cols;
  t.width = width;
  t.dtype = dtype;
  t.unit = deal_unit(cols, cores);
  t.cores = std::min<std::uint32_t>(cores, static_cast<std::uint32_t>(ceil_div(cols, t.unit)));
  const auto per_core =
      static_cast<std::uint32_t>(ceil_div(ceil_div(cols, t.unit), t.cores) * t.unit);
  // The result of a pair lies behind the two columns it is made of: room for one F32 column more.
  const std::uint32_t room = width == 1 ? 1 : width + 1;
  const std::uint32_t most =
      std::min(kMostWidth / width, (HC_SRAM_ACC_BYTES - 64U) / (4U * most_rows * room));
  t.tile_n = std::max(1U, std::min(per_core, most));
  std::uint32_t depth = kWeightTile / (t.tile_n * width * size_of(dtype));
  if (!t.resident(most_rows)) depth = std::min(depth, kInputTile / (most_rows * size_of(dtype)));
  t.tile_k = std::min(k, std::max(kDepthUnit, round_down(depth, kDepthUnit)));
  // Every core gets the room of the largest one.
  std::uint64_t largest = 0;
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    std::uint64_t bytes = 0;
    const std::uint32_t end = t.first_column(core + 1);
    for (std::uint32_t n = t.first_column(core); n < end; n += t.tile_n) {
      for (std::uint32_t k0 = 0; k0 < k; k0 += t.tile_k) {
        bytes += align_up(std::uint64_t{std::min(t.tile_n, end - n)} * width *
                              std::min(t.tile_k, k - k0) * size_of(dtype),
                          64);
      }
    }
    largest = std::max(largest, bytes);
  }
  t.core_stride = align_up(largest, 1024);
  return t;
}

}  // namespace aipu::workload
