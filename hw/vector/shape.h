// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/vector/command.h"

namespace aipu::vector {

// What decode() knows of each opcode.

enum class Src0 : std::uint8_t {
  kMatrix,
  kPlanes,
  kPairPlanes,  ///< one pair a row and plane
  kListPlanes,  ///< param0 pairs a row and plane
  kList,        ///< `cols` pairs a row
  kPicked,      ///< param0 rows, read by index
};
enum class Src1 : std::uint8_t {
  kNone,
  kMatrix,
  kIfFlagged,  ///< a matrix with add_src1
  kOneRow,
  kRowIfFlagged,  ///< one row with add_src1
  kRowAndBias,    ///< one row, and a second with add_src1
  kTable,         ///< of rope
  kScales,        ///< F32, by blocks of rows and columns
  kIndices,       ///< u32 a row
  kIndexPairs,    ///< param1 pairs a row
  kPairs,         ///< one pair a row
};
enum class State : std::uint8_t { kNone, kRead, kReadPlanes, kReadWrite };
enum class Out : std::uint8_t { kNone, kAccumulator, kScales };
enum class Dst : std::uint8_t { kMatrix, kPairs, kLists };
/// The word that counts the planes of src0.
enum class Planes : std::uint8_t { kOne, kParam0, kParam1 };

struct Shape {
  Src0 src0;
  Src1 src1;
  State state;
  Out out;
  Dst dst;
  Planes planes;
  /// Sizes beyond rows, columns and planes; null where there are none.
  Breach (*sizes)(const Operation&);
};

const Shape& shape_of(Opcode opcode);

/// Alignment, window and overlap of all operands. The destination may replace an operand that is
/// read row by row; with `picked` it may not replace the first, whose rows are read in any order.
Breach check_addresses(const SramTiles& tiles, bool picked);

}  // namespace aipu::vector
