// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "hw/base/number_format.h"
#include "hw/vector/command.h"
#include "hw/vector/shape.h"
#include "regs/abi.h"
#include "regs/core.h"
#include "regs/vector.h"

namespace aipu::vector {
namespace {

namespace abi = regs::abi;
namespace map = regs::core;
namespace reg = regs::vector;

constexpr std::uint32_t field(std::uint32_t word, std::uint32_t shift, std::uint32_t width) {
  return (word >> shift) & ((1U << width) - 1U);
}

/// Reads the words that one opcode uses; stops at the first breach of formats or sizes.
class Reader {
 public:
  Reader(std::uint32_t opcode, const CommandWords& words)
      : words_(words), flags_(words[reg::kWFlags]), shape_(shape_of(static_cast<Opcode>(opcode))) {
    op_.opcode = static_cast<Opcode>(opcode);
    op_.first = field(flags_, reg::kFlagsFirstShift, 1) != 0;
    op_.add_src1 = field(flags_, reg::kFlagsAddSrc1Shift, 1) != 0;
    op_.imm0 = bits_float(words[reg::kWImm0]);
    op_.param0 = words[reg::kWParam0];
    op_.param1 = words[reg::kWParam1];
    op_.window = words[reg::kWWindow];
  }

  Decoded read() {
    formats();
    if (!breach_) sizes();
    if (!breach_) {
      source0();
      source1();
      state();
      if (shape_.out == Out::kAccumulator) accumulator();
      if (shape_.out == Out::kScales) scales();
      destination();
    }
    return {op_, breach_};
  }

 private:
  bool has_src1() const {
    const bool optional = shape_.src1 == Src1::kIfFlagged || shape_.src1 == Src1::kRowIfFlagged;
    return shape_.src1 != Src1::kNone && (!optional || op_.add_src1);
  }
  /// Whether src1 has a format of its own choice.
  bool src1_has_format() const { return has_src1() && shape_.src1 <= Src1::kRowAndBias; }
  bool src0_has_format() const {
    return shape_.src0 == Src0::kMatrix || shape_.src0 == Src0::kPlanes ||
           shape_.src0 == Src0::kPicked;
  }
  bool has_planes() const { return shape_.planes != Planes::kOne && shape_.src0 != Src0::kPicked; }

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
    if (src0_has_format()) op_.dtype_src0 = format(reg::kFlagsDtypeSrc0Shift);
    if (src1_has_format()) op_.dtype_src1 = format(reg::kFlagsDtypeSrc1Shift);
    if (shape_.dst == Dst::kMatrix) op_.dtype_dst = format(reg::kFlagsDtypeDstShift);
  }

  std::uint32_t columns() const {
    switch (shape_.src0) {
      case Src0::kPairPlanes:
        return 1;
      case Src0::kListPlanes:
        return op_.param0;
      default:
        return words_[reg::kWCols];
    }
  }

  void sizes() {
    op_.rows = words_[reg::kWRows];
    expect(op_.rows, 1, kMaxRows);
    op_.cols = columns();
    expect(op_.cols, 1, kMaxCols);
    if (shape_.planes != Planes::kOne) {
      op_.planes = shape_.planes == Planes::kParam0 ? op_.param0 : op_.param1;
      expect(op_.planes, 1, kMaxPlanes);
    }
    if (breach_ || shape_.sizes == nullptr) return;
    breach_ = shape_.sizes(op_);
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
  /// Rows of `count` pairs of 32-bit words, without gaps.
  SramTile pairs(std::uint32_t offset, std::uint32_t count = 1) const {
    return matrix(offset, op_.rows, count, count, kPairBytes);
  }
  std::uint32_t offset(std::uint32_t word) const {
    // An address below the window wraps to an offset far beyond its end.
    return words_[word] - map::kSramBase;
  }

  void source0() {
    op_.src0 = offset(reg::kWSrc0);
    SramTile tile = pairs(op_.src0, op_.cols);
    if (src0_has_format()) {
      const bool picks = shape_.src0 == Src0::kPicked;
      const std::uint32_t rows = picks ? op_.param0 : op_.rows;
      op_.ld_src0 = pitch(reg::kWLdSrc0, rows, op_.cols);
      tile = matrix(op_.src0, rows, op_.cols, op_.ld_src0, size_of(op_.dtype_src0));
      if (picks) tile.picked = tile.row_bytes * op_.rows * op_.planes;
    }
    if (has_planes()) {
      tile.plane_stride = op_.plane_stride = words_[reg::kWPlaneStride];
      tile.planes = op_.planes;
    }
    op_.tiles.add(tile);
  }

  void source1() {
    if (!has_src1()) return;
    op_.src1 = offset(reg::kWSrc1);
    switch (shape_.src1) {
      case Src1::kIndices:
        op_.tiles.add(matrix(op_.src1, op_.rows, 1, 1, sizeof(std::uint32_t)));
        break;
      case Src1::kIndexPairs:
        op_.tiles.add(pairs(op_.src1, op_.planes));
        break;
      case Src1::kPairs:
        op_.tiles.add(pairs(op_.src1));
        break;
      default:
        source1_matrix();
    }
  }

  /// Rows of src1 where ld_src1 is not 0.
  std::uint32_t source1_rows() const {
    switch (shape_.src1) {
      case Src1::kTable:
        return (op_.rows - 1) / op_.param0 + 1;
      case Src1::kScales:
        return (op_.rows - 1) / op_.scale_rows() + 1;
      case Src1::kRowAndBias:
        return op_.add_src1 ? 2 : 1;
      default:
        return op_.rows;
    }
  }

  void source1_matrix() {
    const bool single = shape_.src1 == Src1::kOneRow || shape_.src1 == Src1::kRowIfFlagged ||
                        (shape_.src1 == Src1::kRowAndBias && !op_.add_src1);
    op_.ld_src1 = single ? 0 : words_[reg::kWLdSrc1];
    const bool broadcast = op_.ld_src1 == 0 && shape_.src1 != Src1::kRowAndBias;
    const std::uint32_t rows = single || broadcast ? 1 : source1_rows();
    const std::uint32_t columns = shape_.src1 == Src1::kScales ? op_.scale_groups() : op_.cols;
    pitch(reg::kWLdSrc1, rows, columns);
    op_.tiles.add(matrix(op_.src1, rows, columns, op_.ld_src1, size_of(op_.dtype_src1)));
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
    if (op_.first || words_[reg::kWOutCols] == 0) return;
    op_.out_cols = words_[reg::kWOutCols];
    expect(op_.out_cols, 1, kMaxCols);
    SramTile tile = out(op_.out_cols);
    tile.write = true;
    op_.tiles.add(tile);
  }
  void scales() {
    SramTile tile = out(op_.scale_groups());
    tile.read = false;
    tile.write = true;
    op_.tiles.add(tile);
  }
  SramTile out(std::uint32_t columns) {
    op_.out = offset(reg::kWOut);
    op_.ld_out = pitch(reg::kWLdOut, op_.rows, columns);
    return matrix(op_.out, op_.rows, columns, op_.ld_out, sizeof(float));
  }

  void destination() {
    op_.dst = offset(reg::kWDst);
    SramTile tile = pairs(op_.dst, shape_.dst == Dst::kLists ? op_.param0 : 1);
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

}  // namespace

Operation::Columns Operation::visible(std::uint32_t row) const {
  const auto inside = [this](std::int64_t column) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(column, 0, cols));
  };
  const std::int64_t end = std::int64_t{static_cast<std::int32_t>(param0)} + row / param1;
  return {window == 0 ? 0 : inside(end - window), inside(end)};
}

Decoded decode(std::uint32_t opcode, const CommandWords& words) {
  if (opcode == 0 || opcode >= kOpcodeCount) return {{}, {abi::kRuleUnknownCommand, opcode}};
  Decoded decoded = Reader(opcode, words).read();
  if (!decoded.ok()) return decoded;
  const bool picked = shape_of(decoded.operation.opcode).src0 == Src0::kPicked;
  decoded.breach = check_addresses(decoded.operation.tiles, picked);
  return decoded;
}

}  // namespace aipu::vector
