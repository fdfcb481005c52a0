// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/dtype.h"
#include "hw/base/sram_tile.h"

namespace aipu::vector {

constexpr std::uint32_t kMaxRows = 4096;
constexpr std::uint32_t kMaxCols = 65536;
constexpr std::uint32_t kMaxPlanes = 1024;
constexpr std::uint32_t kMaxResults = 1024;      ///< pairs of a list, of every sorted list
constexpr std::uint32_t kMaxPickedFrom = 65536;  ///< rows that an index may name
constexpr std::uint32_t kAlignment = 4;          ///< bytes, of every address and plane stride
constexpr std::uint32_t kPairBytes = 8;  ///< {m, l} of a softmax, {maximum, index} of an argmax
constexpr std::uint32_t kNoIndex = ~0U;  ///< of a pair that stands for nothing

/// The codes are the ABI (hw/regs/vector.yaml).
enum class Opcode : std::uint8_t {
  kAdd = 1,
  kMul = 2,
  kSumPlanes = 3,
  kConvert = 4,
  kRmsnorm = 5,
  kRope = 6,
  kSoftmaxStep = 7,
  kSoftmaxEnd = 8,
  kMergePartials = 9,
  kSwiglu = 10,
  kArgmax = 11,
  kArgmaxMerge = 12,
  kLayernorm = 13,
  kGelu = 14,
  kSoftmax = 15,
  kQuantize = 16,
  kDequantize = 17,
  kTopK = 18,
  kTopKMerge = 19,
  kGate = 20,
  kGather = 21,
  kWeightedSum = 22,
  kSample = 23,
};
constexpr std::uint32_t kOpcodeCount = 24;

/// Kinds of `gelu`, its param0.
constexpr std::uint32_t kGeluErf = 0;
constexpr std::uint32_t kGeluTanh = 1;

/// How `gate` chooses experts, from its param1.
struct GateMode {
  std::uint32_t groups = 1;  ///< of neighbouring experts; 1: no grouping
  std::uint32_t kept = 1;    ///< groups from which experts are chosen
  bool sigmoid = false;      ///< scores: sigmoid of each logit, or else softmax of all
  bool normalize = false;    ///< weights are divided by their sum
};

/// A command, decoded: offsets from the start of the SRAM, leading dimensions in elements, as
/// hw/regs/vector.yaml describes them. Words that the opcode does not read are zero.
struct Operation {
  Opcode opcode = Opcode::kAdd;
  std::uint32_t rows = 0, cols = 0;  ///< of src0; the length of its lists where it has those
  std::uint32_t src0 = 0, src1 = 0, src2 = 0, dst = 0, out = 0;
  std::uint32_t ld_src0 = 0, ld_src1 = 0, ld_dst = 0, ld_out = 0;
  DType dtype_src0 = DType::kF32, dtype_src1 = DType::kF32, dtype_dst = DType::kF32;
  bool first = false;
  bool add_src1 = false;
  float imm0 = 0;
  std::uint32_t param0 = 0, param1 = 0;
  std::uint32_t planes = 1;  ///< of src0; for weighted_sum the rows added up to one
  std::uint32_t plane_stride = 0, plane_stride2 = 0;
  std::uint32_t out_cols = 0;
  std::uint32_t window = 0;
  SramTiles tiles;  ///< every operand; the destination is the last

  /// Columns [begin, end) of a softmax block that a row may see.
  struct Columns {
    std::uint32_t begin, end;
  };
  Columns visible(std::uint32_t row) const;

  GateMode gate() const;

  /// Columns and rows that share a scale (quantize, dequantize); 0 in the command means all.
  std::uint32_t scale_cols() const { return param0 == 0 || param0 > cols ? cols : param0; }
  std::uint32_t scale_rows() const { return param1 == 0 || param1 > rows ? rows : param1; }
  /// Scales of a row.
  std::uint32_t scale_groups() const { return (cols - 1) / scale_cols() + 1; }
};

struct Decoded {
  Operation operation;
  Breach breach;
  bool ok() const { return !breach; }
};

/// Decodes and checks a command; of several breaches it names the first in the order opcode,
/// formats, sizes, alignment, window, overlap (hw/docs/vector.md, "Rules").
Decoded decode(std::uint32_t opcode, const CommandWords& words);

}  // namespace aipu::vector
