// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "hw/base/number_format.h"
#include "hw/vector/command.h"
#include "regs/abi.h"
#include "regs/core.h"
#include "regs/vector.h"

namespace aipu::vector {
namespace {

namespace abi = regs::abi;
namespace map = regs::core;
namespace reg = regs::vector;

/// What the operands of an opcode are.
enum class Src0 : std::uint8_t { kMatrix, kPlanes, kPairPlanes };
enum class Src1 : std::uint8_t { kNone, kMatrix, kIfFlagged, kOneRow, kTable };
enum class State : std::uint8_t { kNone, kRead, kReadPlanes, kReadWrite };
enum class Dst : std::uint8_t { kMatrix, kPairs };

struct Shape {
  Src0 src0;
  Src1 src1;
  State state;
  Dst dst;
};

constexpr std::array<Shape, kOpcodeCount> kShapes{{
    {},
    {Src0::kMatrix, Src1::kMatrix, State::kNone, Dst::kMatrix},      // add
    {Src0::kMatrix, Src1::kMatrix, State::kNone, Dst::kMatrix},      // mul
    {Src0::kPlanes, Src1::kIfFlagged, State::kNone, Dst::kMatrix},   // sum_planes
    {Src0::kMatrix, Src1::kNone, State::kNone, Dst::kMatrix},        // convert
    {Src0::kMatrix, Src1::kOneRow, State::kNone, Dst::kMatrix},      // rmsnorm
    {Src0::kMatrix, Src1::kTable, State::kNone, Dst::kMatrix},       // rope
    {Src0::kMatrix, Src1::kNone, State::kReadWrite, Dst::kMatrix},   // softmax_step
    {Src0::kMatrix, Src1::kNone, State::kRead, Dst::kMatrix},        // softmax_end
    {Src0::kPlanes, Src1::kNone, State::kReadPlanes, Dst::kMatrix},  // merge_partials
    {Src0::kMatrix, Src1::kMatrix, State::kNone, Dst::kMatrix},      // swiglu
    {Src0::kMatrix, Src1::kNone, State::kNone, Dst::kPairs},         // argmax
    {Src0::kPairPlanes, Src1::kNone, State::kNone, Dst::kPairs},     // argmax_merge
}};

constexpr std::uint32_t field(std::uint32_t word, std::uint32_t shift, std::uint32_t width) {
  return (word >> shift) & ((1U << width) - 1U);
}

/// Reads the words that one opcode uses; stops at the first breach of formats or sizes.
class Reader {
 public:
  Reader(std::uint32_t opcode, const CommandWords& words)
      : words_(words), flags_(words[reg::kWFlags]), shape_(kShapes[opcode]) {
    op_.opcode = static_cast<Opcode>(opcode);
    op_.first = field(flags_, reg::kFlagsFirstShift, 1) != 0;
    op_.add_src1 = field(flags_, reg::kFlagsAddSrc1Shift, 1) != 0;
    op_.imm0 = bits_float(words[reg::kWImm0]);
    op_.param0 = words[reg::kWParam0];
    op_.param1 = words[reg::kWParam1];
  }

  Decoded read() {
    formats();
    if (!breach_) sizes();
    if (!breach_) {
      source0();
      source1();
      state();
      accumulator();
      destination();
    }
    return {op_, breach_};
  }

 private:
  bool has_src1() const {
    return shape_.src1 != Src1::kNone && (shape_.src1 != Src1::kIfFlagged || op_.add_src1);
  }
  bool has_planes() const { return shape_.src0 != Src0::kMatrix; }

  void refuse(std::uint32_t rule, std::uint64_t what) {
    if (!breach_) breach_ = {rule, what};
  }
  void expect(std::uint32_t value, std::uint32_t low, std::uint32_t high) {
    if (value < low || value > high) refuse(abi::kRuleBadSize, value);
  }
  /// A leading dimension; of a single row it is not used.
  std::uint32_t pitch(std::uint32_t word, std::uint32_t rows, std::uint32_t columns) {
    if (rows > 1) expect(words_[word], columns, ~0U);
    return words_[word];
  }

  DType format(std::uint32_t shift) {
    const std::uint32_t code = field(flags_, shift, reg::kFlagsDtypeSrc0Width);
    if (code >= kDTypeCount) refuse(abi::kRuleBadDtype, code);
    return static_cast<DType>(code);
  }
  void formats() {
    if (shape_.src0 != Src0::kPairPlanes) op_.dtype_src0 = format(reg::kFlagsDtypeSrc0Shift);
    if (has_src1() && shape_.src1 != Src1::kTable) {
      op_.dtype_src1 = format(reg::kFlagsDtypeSrc1Shift);
    }
    if (shape_.dst == Dst::kMatrix) op_.dtype_dst = format(reg::kFlagsDtypeDstShift);
  }

  void sizes() {
    op_.rows = words_[reg::kWRows];
    expect(op_.rows, 1, kMaxRows);
    op_.cols = shape_.src0 == Src0::kPairPlanes ? 1 : words_[reg::kWCols];
    expect(op_.cols, 1, kMaxCols);
    if (has_planes()) {
      op_.planes = op_.param0;
      expect(op_.planes, 1, kMaxPlanes);
    }
    if (op_.opcode == Opcode::kRope) {
      if (op_.cols % 2 != 0) refuse(abi::kRuleBadSize, op_.cols);
      expect(op_.param0, 1, ~0U);
    }
    if (op_.opcode == Opcode::kSoftmaxStep) expect(op_.param1, 1, ~0U);
  }

  static SramTile matrix(std::uint32_t offset, std::uint32_t rows, std::uint64_t columns,
                         std::uint64_t pitch, std::uint64_t element) {
    SramTile tile;
    tile.offset = offset;
    tile.rows = rows;
    tile.row_bytes = columns * element;
    tile.stride = pitch * element;
    tile.read = true;
    return tile;
  }
  /// Rows of two 32-bit words, without gaps.
  SramTile pairs(std::uint32_t offset) const { return matrix(offset, op_.rows, 1, 1, kPairBytes); }
  std::uint32_t offset(std::uint32_t word) const {
    // An address below the window wraps to an offset far beyond its end.
    return words_[word] - map::kSramBase;
  }

  void source0() {
    op_.src0 = offset(reg::kWSrc0);
    SramTile tile = pairs(op_.src0);
    if (shape_.src0 != Src0::kPairPlanes) {
      op_.ld_src0 = pitch(reg::kWLdSrc0, op_.rows, op_.cols);
      tile = matrix(op_.src0, op_.rows, op_.cols, op_.ld_src0, size_of(op_.dtype_src0));
    }
    if (has_planes()) tile.plane_stride = op_.plane_stride = words_[reg::kWPlaneStride];
    tile.planes = op_.planes;
    op_.tiles.add(tile);
  }

  void source1() {
    if (!has_src1()) return;
    op_.src1 = offset(reg::kWSrc1);
    op_.ld_src1 = shape_.src1 == Src1::kOneRow ? 0 : words_[reg::kWLdSrc1];
    std::uint32_t rows = op_.ld_src1 == 0 ? 1 : op_.rows;
    if (shape_.src1 == Src1::kTable && rows > 1) rows = (rows - 1) / op_.param0 + 1;
    if (rows > 1) pitch(reg::kWLdSrc1, rows, op_.cols);
    op_.tiles.add(matrix(op_.src1, rows, op_.cols, op_.ld_src1, size_of(op_.dtype_src1)));
  }

  void state() {
    if (shape_.state == State::kNone) return;
    op_.src2 = offset(reg::kWSrc2);
    SramTile tile = pairs(op_.src2);
    if (shape_.state == State::kReadPlanes) {
      op_.plane_stride2 = words_[reg::kWPlaneStride2];
      tile.planes = op_.planes;
      tile.plane_stride = op_.plane_stride2;
    }
    tile.write = shape_.state == State::kReadWrite;
    tile.read = !(tile.write && op_.first);
    op_.tiles.add(tile);
  }

  /// The output that a later step of a softmax scales down; a first step leaves it alone.
  void accumulator() {
    if (op_.opcode != Opcode::kSoftmaxStep || op_.first || words_[reg::kWOutCols] == 0) return;
    op_.out_cols = words_[reg::kWOutCols];
    expect(op_.out_cols, 1, kMaxCols);
    op_.out = offset(reg::kWOut);
    op_.ld_out = pitch(reg::kWLdOut, op_.rows, op_.out_cols);
    SramTile tile = matrix(op_.out, op_.rows, op_.out_cols, op_.ld_out, sizeof(float));
    tile.write = true;
    op_.tiles.add(tile);
  }

  void destination() {
    op_.dst = offset(reg::kWDst);
    SramTile tile = pairs(op_.dst);
    if (shape_.dst == Dst::kMatrix) {
      op_.ld_dst = pitch(reg::kWLdDst, op_.rows, op_.cols);
      tile = matrix(op_.dst, op_.rows, op_.cols, op_.ld_dst, size_of(op_.dtype_dst));
    }
    tile.read = false;
    tile.write = true;
    op_.tiles.add(tile);
  }

  const CommandWords& words_;
  const std::uint32_t flags_;
  const Shape shape_;
  Operation op_;
  Breach breach_;
};

/// Whether `dst` may replace plane 0 of `source` row by row: each row is read before it is written,
/// and no row of the result reaches into a later row of the source.
bool in_place(const SramTile& dst, const SramTile& source) {
  if (dst.offset != source.offset || dst.rows != source.rows) return false;
  if (dst.row_bytes > source.row_bytes || (dst.rows > 1 && dst.stride > source.stride))
    return false;
  for (std::uint32_t i = 1; i < source.planes; ++i) {
    if (spans_meet(dst, source.plane(i))) return false;
  }
  return true;
}

std::uint32_t hart_address(const SramTile& tile) {
  return static_cast<std::uint32_t>(map::kSramBase + tile.offset);
}

Breach check_addresses(const SramTiles& tiles) {
  for (const SramTile& t : tiles) {
    const std::uint64_t stride = t.planes > 1 ? t.plane_stride : 0;
    if ((t.offset | stride) % kAlignment != 0) return {abi::kRuleMisaligned, hart_address(t)};
  }
  for (const SramTile& t : tiles) {
    if (t.end() > map::kSramSize) return {abi::kRuleBadAddress, hart_address(t)};
  }
  const SramTile* dst = tiles.end() - 1;
  for (const SramTile& result : tiles) {
    if (!result.write) continue;
    for (const SramTile& other : tiles) {
      if (&other == &result || !spans_meet(result, other)) continue;
      const bool replaces = &result == dst && !other.write && in_place(result, other);
      if (!replaces) return {abi::kRuleOverlap, hart_address(result)};
    }
  }
  return {};
}

}  // namespace

std::uint32_t Operation::visible(std::uint32_t row) const {
  const std::int64_t seen = std::int64_t{static_cast<std::int32_t>(param0)} + row / param1;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seen, 0, cols));
}

Decoded decode(std::uint32_t opcode, const CommandWords& words) {
  if (opcode == 0 || opcode >= kOpcodeCount) return {{}, {abi::kRuleUnknownCommand, opcode}};
  Decoded decoded = Reader(opcode, words).read();
  if (decoded.ok()) decoded.breach = check_addresses(decoded.operation.tiles);
  return decoded;
}

}  // namespace aipu::vector
