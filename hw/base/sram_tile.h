// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace aipu {

/// The 32 words of a command as firmware wrote them (hw/regs/abi.yaml).
using CommandWords = std::array<std::uint32_t, 32>;

/// Why a command is illegal: the rule (regs::abi::kRule*, 0: none) and what broke it.
struct Breach {
  std::uint32_t rule = 0;
  std::uint64_t address = 0;  ///< an address, a size or a format code
  explicit operator bool() const { return rule != 0; }
};

/// The bytes of the core's SRAM behind one operand: planes of rows of equal length.
struct SramTile {
  std::uint64_t offset = 0;     ///< of the first byte, from the start of the SRAM
  std::uint64_t row_bytes = 0;  ///< bytes of a row that the command touches
  std::uint64_t stride = 0;     ///< bytes between rows
  std::uint32_t rows = 1;
  std::uint32_t planes = 1;
  std::uint64_t plane_stride = 0;  ///< bytes between planes
  std::uint64_t picked = 0;  ///< bytes touched where rows are picked by index; 0: each byte once
  bool read = false;
  bool write = false;

  /// Bytes that the command touches.
  std::uint64_t bytes() const { return picked != 0 ? picked : row_bytes * rows * planes; }
  /// What passes the SRAM's port: read and written bytes both count.
  std::uint64_t traffic() const { return bytes() * (std::uint64_t{read} + std::uint64_t{write}); }
  /// From the first to one past the last byte of a plane, gaps between rows included.
  std::uint64_t plane_span() const { return (rows - 1) * stride + row_bytes; }
  std::uint64_t span() const { return (planes - 1) * plane_stride + plane_span(); }
  std::uint64_t end() const { return offset + span(); }
  /// No gaps inside a plane.
  bool rows_dense() const { return rows == 1 || stride == row_bytes; }
  bool dense() const { return rows_dense() && (planes == 1 || plane_stride == plane_span()); }
  SramTile plane(std::uint32_t index) const {
    SramTile one = *this;
    one.offset += index * plane_stride;
    one.planes = 1;
    return one;
  }
};

/// Whether any plane of `a` spans bytes that a plane of `b` spans; gaps between rows count as used.
inline bool spans_meet(const SramTile& a, const SramTile& b) {
  if (a.offset >= b.end() || b.offset >= a.end()) return false;
  for (std::uint32_t i = 0; i < a.planes; ++i) {
    const std::uint64_t begin_a = a.offset + i * a.plane_stride;
    for (std::uint32_t j = 0; j < b.planes; ++j) {
      const std::uint64_t begin_b = b.offset + j * b.plane_stride;
      if (begin_a < begin_b + b.plane_span() && begin_b < begin_a + a.plane_span()) return true;
    }
  }
  return false;
}

/// The operands of one command, in the order of its words.
class SramTiles {
 public:
  void add(const SramTile& tile) { tiles_[count_++] = tile; }
  void clear() { count_ = 0; }
  const SramTile* begin() const { return tiles_.data(); }
  const SramTile* end() const { return tiles_.data() + count_; }
  std::size_t size() const { return count_; }
  const SramTile& operator[](std::size_t i) const { return tiles_[i]; }

  std::uint64_t traffic() const {
    std::uint64_t sum = 0;
    for (const SramTile& tile : *this)
      sum += tile.traffic();
    return sum;
  }

 private:
  std::array<SramTile, 6> tiles_{};
  std::size_t count_ = 0;
};

}  // namespace aipu
