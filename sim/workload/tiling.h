// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/dtype.h"

namespace aipu::workload {

/// How the columns of a GEMM are dealt to cores and cut into tiles; the same rules as
/// firmware/kernels/ gemm.c follows, and the layout in which the host packs the weights.
struct GemmTiling {
  std::uint32_t k = 0, cols = 0;
  std::uint32_t width = 1;  ///< accumulator columns per column (2 for SwiGLU pairs)
  DType dtype = DType::kBf16;
  std::uint32_t cores = 0;
  std::uint32_t unit = 1;
  std::uint32_t tile_n = 0, tile_k = 0;
  std::uint64_t core_stride = 0;  ///< bytes of HBM between the weights of cores

  std::uint32_t first_column(std::uint32_t core) const;  ///< of a core; core == cores gives the end
  std::uint64_t bytes() const { return core_stride * cores; }  ///< of HBM, padding included
  /// Whether this many rows of activations fit beside the rings and are loaded once.
  bool resident(std::uint32_t rows) const;
};

/// Chooses tiles for up to `most_rows` x `k` times `k` x `cols` on up to `cores` cores: weight
/// tiles of about 32 KiB, accumulators that fit their half, columns dealt as evenly as 2 % or else
/// one by one.
GemmTiling tile_gemm(std::uint32_t most_rows, std::uint32_t k, std::uint32_t cols,
                     std::uint32_t width, DType dtype, std::uint32_t cores);

/// Rows for which the accumulator of a 16-column tile still fits.
std::uint32_t most_gemm_rows();

/// Calls visit(core, first column, columns, first k, k count, offset in HBM) for each weight tile.
template <typename Visit>
void for_each_tile(const GemmTiling& t, Visit&& visit) {
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    std::uint64_t offset = t.core_stride * core;
    const std::uint32_t end = t.first_column(core + 1);
    for (std::uint32_t n = t.first_column(core); n < end; n += t.tile_n) {
      const std::uint32_t columns = end - n < t.tile_n ? end - n : t.tile_n;
      for (std::uint32_t k = 0; k < t.k; k += t.tile_k) {
        const std::uint32_t depth = t.k - k < t.tile_k ? t.k - k : t.tile_k;
        visit(core, n, columns, k, depth, offset);
        offset += (std::uint64_t{columns} * t.width * depth * size_of(t.dtype) + 63U) / 64U * 64U;
      }
    }
  }
}

}  // namespace aipu::workload
