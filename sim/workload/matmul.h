// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hw/base/dtype.h"
#include "hw/program/launch.h"

namespace aipu::workload {

/// A matrix product as firmware/kernels/matmul.c runs it: [rows x k] . [k x cols].
struct MatmulShape {
  std::uint32_t rows = 1, k = 1, cols = 1;
  DType dtype = DType::kBf16;  ///< of both operands
  DType out = DType::kF32;
  float out_scale = 1.0F;
  bool pairs = false;  ///< SwiGLU: cols counts (gate, up) pairs
  /// Scales. scale_k terms and scale_n columns share one; 0: all of them.
  bool scaled_a = false, scaled_b = false;
  bool one_row_of_scales = false;  ///< all rows of A share their scales
  std::uint32_t scale_k = 0, scale_n = 0;
};

/// How it is cut into blocks, parts and tiles. Members as in hw/program/args_dense.h.
struct MatmulTiling {
  MatmulShape shape;
  std::uint32_t block_m = 1, block_n = 1, block_k = 1, part_m = 1;
  std::uint32_t sets = 1, ring = 0;
  bool resident = false;

  std::uint32_t width() const { return shape.pairs ? 2 : 1; }
  std::uint32_t row_blocks(std::uint32_t rows) const;
  std::uint32_t column_blocks() const;
  std::uint32_t steps() const;
  /// Parts of all row blocks of `rows` rows, and products of all steps of them: by parts in the
  /// first and the last one, by blocks in those between.
  std::uint32_t parts_of(std::uint32_t rows) const;
  std::uint64_t products_of(std::uint32_t rows) const;
  /// Scales along `terms` of k, and along `columns` of a column block.
  std::uint32_t k_scales(std::uint32_t terms) const;
  std::uint32_t n_scales(std::uint32_t columns) const;
  /// Bytes of a packed tile: of its scales, of all.
  std::uint64_t scale_bytes(std::uint32_t columns, std::uint32_t terms) const;
  std::uint64_t tile_bytes(std::uint32_t columns, std::uint32_t terms) const;
  std::uint64_t column_stride() const;  ///< bytes of a full column block
  std::uint64_t packed_bytes() const;   ///< all tiles, without the gap after a narrower last block
  std::uint64_t group_bytes() const { return column_stride() * column_blocks(); }
  /// Whether an accumulator goes through the vector engine before it is stored.
  bool converted() const;

  /// Everything of the arguments but addresses, strides of rows and groups.
  hc_matmul_args_t args() const;
};

/// Chooses the tiles for up to `cores` cores: one stream of weights where rows are few, else the
/// blocks with the least estimated time. `groups`: so many products of up to the shape's rows, by a
/// table. ConfigError where no tiles fit.
MatmulTiling tile_matmul(const MatmulShape& shape, std::uint32_t cores, std::uint32_t groups = 0);

/// The blocks asked for instead of the best ones. ConfigError where they do not fit.
MatmulTiling cut_blocks(const MatmulShape& shape, std::uint32_t block_m, std::uint32_t block_n,
                        std::uint32_t block_k, std::uint32_t part_m);

/// What the launch issues on all its cores, and moves: exact.
struct MatmulCounts {
  std::uint64_t loads = 0, stores = 0, products = 0, vectors = 0;  ///< commands by queue
  std::uint64_t weights = 0;                                       ///< bytes of packed tiles read
  std::uint64_t activations = 0;  ///< bytes of A and its scales read
  std::uint64_t results = 0;      ///< bytes stored
  std::uint64_t table = 0;        ///< bytes of the table of groups read
  std::uint64_t flops = 0;        ///< of the tensor engines
};
/// One group of the shape's rows on `cores` cores.
MatmulCounts matmul_counts(const MatmulTiling& tiling, std::uint32_t cores);
/// Groups of so many rows each, by a table.
MatmulCounts grouped_counts(const MatmulTiling& tiling, const std::vector<std::uint32_t>& rows,
                            std::uint32_t cores);

/// One packed tile of a group: columns are those of the accumulator block, gate before up.
struct PackedTile {
  std::uint32_t column, columns;  ///< of the result (pairs count once)
  std::uint32_t k, terms;
  std::uint64_t offset;  ///< of its scales from the group's first byte
};
void for_each_packed_tile(const MatmulTiling& tiling,
                          const std::function<void(const PackedTile&)>& visit);

}  // namespace aipu::workload
