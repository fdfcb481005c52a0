// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/dtype.h"
#include "hw/base/sram_tile.h"

namespace aipu::vector {

constexpr std::uint32_t kMaxRows = 4096;
constexpr std::uint32_t kMaxCols = 65536;
constexpr std::uint32_t kMaxPlanes = 1024;
constexpr std::uint32_t kAlignment = 4;  ///< bytes, of every address and plane stride
constexpr std::uint32_t kPairBytes = 8;  ///< {m, l} of a softmax, {maximum, index} of an argmax

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
};
constexpr std::uint32_t kOpcodeCount = 13;

/// A command, decoded: offsets from the start of the SRAM, leading dimensions in elements, as
/// hw/regs/vector.yaml describes them. Words that the opcode does not read are zero.
struct Operation {
  Opcode opcode = Opcode::kAdd;
  std::uint32_t rows = 0, cols = 0;
  std::uint32_t src0 = 0, src1 = 0, src2 = 0, dst = 0, out = 0;
  std::uint32_t ld_src0 = 0, ld_src1 = 0, ld_dst = 0, ld_out = 0;
  DType dtype_src0 = DType::kF32, dtype_src1 = DType::kF32, dtype_dst = DType::kF32;
  bool first = false;
  bool add_src1 = false;
  float imm0 = 0;
  std::uint32_t param0 = 0, param1 = 0;
  std::uint32_t planes = 1;
  std::uint32_t plane_stride = 0, plane_stride2 = 0;
  std::uint32_t out_cols = 0;
  SramTiles tiles;  ///< every operand; the destination is the last

  /// Columns of a softmax block that a row may see.
  std::uint32_t visible(std::uint32_t row) const;
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
