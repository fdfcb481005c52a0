// SPDX-License-Identifier: Apache-2.0
#include "hw/tensor/multiply.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "hw/base/number_format.h"

namespace aipu::tensor {
namespace {

constexpr std::uint32_t kRows = 4;     // of C in registers at a time
constexpr std::uint32_t kColumns = 8;  // of C in registers, the width of a panel of B
constexpr std::uint32_t kFewRows = 2;  // up to here a panel is not worth packing
constexpr std::uint32_t kBlock = 256;  // of k: a panel stays in the first-level cache
// An INT8 block sums exactly in F32: 256 * 2^14 = 2^22.
static_assert(kBlock * 128U * 128U <= 1U << 24U);

using Accumulators = std::array<std::array<float, kColumns>, kRows>;

/// acc[r][j] = acc[r][j] + a[r][k] * b[k][j] for k = 0, 1, ... The rows are `pitch` floats apart.
template <std::uint32_t Rows>
void accumulate(const float* a, std::size_t pitch, const float* b, std::uint32_t depth,
                Accumulators& result) {
  float acc[Rows][kColumns];
  for (std::uint32_t r = 0; r < Rows; ++r) {
    for (std::uint32_t j = 0; j < kColumns; ++j)
      acc[r][j] = result[r][j];
  }
  for (std::uint32_t k = 0; k < depth; ++k, b += kColumns) {
    for (std::uint32_t r = 0; r < Rows; ++r) {
      const float factor = a[r * pitch + k];
      for (std::uint32_t j = 0; j < kColumns; ++j)
        acc[r][j] += factor * b[j];
    }
  }
  for (std::uint32_t r = 0; r < Rows; ++r) {
    for (std::uint32_t j = 0; j < kColumns; ++j)
      result[r][j] = acc[r][j];
  }
}

void accumulate_rows(std::uint32_t rows, const float* a, const float* b, std::uint32_t depth,
                     Accumulators& acc) {
  switch (rows) {
    case 1:
      accumulate<1>(a, kBlock, b, depth, acc);
      break;
    case 2:
      accumulate<2>(a, kBlock, b, depth, acc);
      break;
    case 3:
      accumulate<3>(a, kBlock, b, depth, acc);
      break;
    default:
      accumulate<kRows>(a, kBlock, b, depth, acc);
      break;
  }
}

/// One block of k of one command.
struct Block {
  std::uint32_t from;
  std::uint32_t depth;
  bool fresh;  ///< C starts at zero
};

void load_a(const Tile& t, const std::uint8_t* sram, const Block& block, float* to) {
  const std::size_t element = size_of(t.dtype_a);
  const std::uint8_t* from = sram + t.a + block.from * element;
  for (std::uint32_t i = 0; i < t.m; ++i) {
    load_row(t.dtype_a, from, block.depth, to);
    from += t.lda * element;
    to += kBlock;
  }
}

/// Columns [column, column + width) of B as depth rows of kColumns floats. Columns beyond `width`
/// are stale, and computed in vain.
void load_panel(const Tile& t, const std::uint8_t* sram, const Block& block, std::uint32_t column,
                std::uint32_t width, Scratch& scratch) {
  const std::size_t element = size_of(t.dtype_b);
  float* to = scratch.b.data();
  if (!t.transpose_b) {
    const std::uint8_t* from = sram + t.b + (std::size_t{block.from} * t.ldb + column) * element;
    for (std::uint32_t k = 0; k < block.depth; ++k, from += t.ldb * element) {
      load_row(t.dtype_b, from, width, to + k * kColumns);
    }
    return;
  }
  const std::uint8_t* from = sram + t.b + (std::size_t{column} * t.ldb + block.from) * element;
  float* stage = scratch.stage.data();
  for (std::uint32_t j = 0; j < width; ++j, from += t.ldb * element) {
    load_row(t.dtype_b, from, block.depth, stage);
    for (std::uint32_t k = 0; k < block.depth; ++k)
      to[k * kColumns + j] = stage[k];
  }
}

/// Adds exact integer sums of a block to INT32 elements of C, wrapping.
void add_integers(const float* sums, std::uint32_t width, bool fresh, std::uint8_t* c) {
  for (std::uint32_t j = 0; j < width; ++j) {
    std::uint32_t value = 0;
    if (!fresh) std::memcpy(&value, c + j * sizeof value, sizeof value);
    value += static_cast<std::uint32_t>(static_cast<std::int32_t>(sums[j]));
    std::memcpy(c + j * sizeof value, &value, sizeof value);
  }
}

/// `c_tile` is the first byte of C.
void multiply_panel(const Tile& t, std::uint8_t* c_tile, const Block& block, std::uint32_t column,
                    std::uint32_t width, const Scratch& scratch) {
  for (std::uint32_t i = 0; i < t.m; i += kRows) {
    const std::uint32_t rows = std::min(kRows, t.m - i);
    std::uint8_t* c = c_tile + (std::size_t{i} * t.ldc + column) * sizeof(float);
    const std::size_t c_pitch = t.ldc * sizeof(float);
    Accumulators acc{};
    if (!t.integer() && !block.fresh) {
      for (std::uint32_t r = 0; r < rows; ++r) {
        std::memcpy(acc[r].data(), c + r * c_pitch, width * sizeof(float));
      }
    }
    accumulate_rows(rows, scratch.a.data() + std::size_t{i} * kBlock, scratch.b.data(), block.depth,
                    acc);
    for (std::uint32_t r = 0; r < rows; ++r) {
      if (t.integer()) {
        add_integers(acc[r].data(), width, block.fresh, c + r * c_pitch);
      } else {
        std::memcpy(c + r * c_pitch, acc[r].data(), width * sizeof(float));
      }
    }
  }
}

/// Few rows of floats and B as stored: each row of B is converted once and added to whole rows of
/// C.
void multiply_rows(const Tile& t, const std::uint8_t* sram, const Block& block, Scratch& scratch) {
  const std::size_t element = size_of(t.dtype_b);
  const std::uint8_t* from = sram + t.b + std::size_t{block.from} * t.ldb * element;
  float* b = scratch.stage.data();
  for (std::uint32_t k = 0; k < block.depth; ++k, from += t.ldb * element) {
    load_row(t.dtype_b, from, t.n, b);
    for (std::uint32_t i = 0; i < t.m; ++i) {
      const float factor = scratch.a[std::size_t{i} * kBlock + k];
      float* c = scratch.c.data() + std::size_t{i} * t.n;
      for (std::uint32_t j = 0; j < t.n; ++j)
        c[j] += factor * b[j];
    }
  }
}

/// Moves the rows of C between its tile and the scratch.
void move_c(const Tile& t, std::uint8_t* c_tile, Scratch& scratch, bool out) {
  for (std::uint32_t i = 0; i < t.m; ++i) {
    std::uint8_t* c = c_tile + std::size_t{i} * t.ldc * sizeof(float);
    float* copy = scratch.c.data() + std::size_t{i} * t.n;
    if (out) {
      std::memcpy(c, copy, t.n * sizeof(float));
    } else {
      std::memcpy(copy, c, t.n * sizeof(float));
    }
  }
}

void multiply_few(const Tile& t, const std::uint8_t* sram, std::uint8_t* c, Scratch& scratch) {
  scratch.c.assign(std::size_t{t.m} * t.n, 0.0F);
  scratch.stage.resize(std::max<std::size_t>(scratch.stage.size(), t.n));
  if (t.accumulate) move_c(t, c, scratch, false);
  for (std::uint32_t k = 0; k < t.k; k += kBlock) {
    const Block block{k, std::min(kBlock, t.k - k), false};
    load_a(t, sram, block, scratch.a.data());
    multiply_rows(t, sram, block, scratch);
  }
  move_c(t, c, scratch, true);
}

/// Without scales; `c` is the first byte of C.
void multiply_plain(const Tile& tile, const std::uint8_t* sram, std::uint8_t* c, Scratch& scratch) {
  if (tile.m <= kFewRows && !tile.transpose_b && !tile.integer()) {
    multiply_few(tile, sram, c, scratch);
    return;
  }
  for (std::uint32_t k = 0; k < tile.k; k += kBlock) {
    const Block block{k, std::min(kBlock, tile.k - k), k == 0 && !tile.accumulate};
    load_a(tile, sram, block, scratch.a.data());
    for (std::uint32_t j = 0; j < tile.n; j += kColumns) {
      const std::uint32_t width = std::min(kColumns, tile.n - j);
      load_panel(tile, sram, block, j, width, scratch);
      multiply_panel(tile, c, block, j, width, scratch);
    }
  }
}

float scale_at(const std::uint8_t* scales, std::uint64_t index) {
  return load_number(DType::kF32, scales + index * sizeof(float));
}

/// A row of partial sums in F32, whatever they were computed in.
void load_partial(const Tile& t, const std::uint8_t* partial, std::uint32_t row, float* to) {
  const DType type = t.integer() ? DType::kInt32 : DType::kF32;
  load_row(type, partial + std::size_t{row} * t.n * sizeof(float), t.n, to);
}

/// C = C (0 in a fresh block) + partial * (scale of A * scale of B), for k block `kb`.
void add_scaled(const Tile& t, std::uint32_t kb, bool fresh, std::uint8_t* sram, Scratch& scratch) {
  scratch.c.resize(2 * std::size_t{t.n});
  float* partial = scratch.c.data();
  float* sum = partial + t.n;
  for (std::uint32_t i = 0; i < t.m; ++i) {
    std::uint8_t* c = sram + t.c + std::size_t{i} * t.ldc * sizeof(float);
    std::memcpy(sum, c, t.n * sizeof(float));
    if (fresh) std::fill_n(sum, t.n, 0.0F);
    load_partial(t, scratch.partial.data(), i, partial);
    const std::uint64_t at_a = std::uint64_t{i} * t.ld_scale_a + kb;
    const float scale_a = t.scaled_a ? scale_at(sram + t.scale_a, at_a) : 1.0F;
    for (std::uint32_t from = 0, nb = 0; from < t.n; from += t.n_block(), ++nb) {
      const std::uint64_t at_b = std::uint64_t{kb} * t.ld_scale_b + nb;
      const float scale_b = t.scaled_b ? scale_at(sram + t.scale_b, at_b) : 1.0F;
      const float scale = scale_a * scale_b;
      const std::uint32_t end = std::min(t.n, from + t.n_block());
      for (std::uint32_t j = from; j < end; ++j)
        sum[j] += partial[j] * scale;
    }
    std::memcpy(c, sum, t.n * sizeof(float));
  }
}

void multiply_scaled(const Tile& tile, std::uint8_t* sram, Scratch& scratch) {
  scratch.partial.resize(std::size_t{tile.m} * tile.n * sizeof(float));
  Tile part = tile;
  part.accumulate = false;
  part.ldc = tile.n;
  for (std::uint32_t k = 0, kb = 0; k < tile.k; k += tile.k_block(), ++kb) {
    const std::uint32_t b_pitch = tile.transpose_b ? 1 : tile.ldb;
    part.a = tile.a + k * size_of(tile.dtype_a);
    part.b = tile.b + k * b_pitch * size_of(tile.dtype_b);
    part.k = std::min(tile.k_block(), tile.k - k);
    multiply_plain(part, sram, scratch.partial.data(), scratch);
    add_scaled(tile, kb, k == 0 && !tile.accumulate, sram, scratch);
  }
}

}  // namespace

void multiply(const Tile& tile, std::uint8_t* sram, Scratch& scratch) {
  scratch.a.resize(std::max(scratch.a.size(), std::size_t{tile.m} * kBlock));
  scratch.b.resize(std::size_t{kBlock} * kColumns);
  scratch.stage.resize(std::max<std::size_t>(scratch.stage.size(), kBlock));
  if (tile.scaled()) {
    multiply_scaled(tile, sram, scratch);
  } else {
    multiply_plain(tile, sram, sram + tile.c, scratch);
  }
}

void multiply(const Tile& tile, std::uint8_t* sram) {
  Scratch scratch;
  multiply(tile, sram, scratch);
}

}  // namespace aipu::tensor
