// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "hw/base/number_format.h"
#include "hw/vector/command.h"
#include "hw/vector/compute.h"
#include "regs/core.h"
#include "regs/vector.h"

namespace aipu::vector {

/// Values of a tile in double, row by row.
using Rows = std::vector<std::vector<double>>;

/// A command as firmware writes it: dense F32 tiles unless told otherwise.
struct Script {
  Opcode opcode = Opcode::kAdd;
  std::uint32_t rows = 1, cols = 1;
  std::uint32_t src0 = 0, src1 = 0x40000, src2 = 0x60000, dst = 0x80000, out = 0xC0000;
  std::uint32_t ld_src0 = 0, ld_src1 = 0,
                ld_dst = 0;  // 0: cols for src0 and dst, broadcast for src1
  DType dtype_src0 = DType::kF32, dtype_src1 = DType::kF32, dtype_dst = DType::kF32;
  bool first = false, add_src1 = false;
  float imm0 = 0;
  std::uint32_t param0 = 0, param1 = 1, plane_stride = 0, plane_stride2 = 0;
  std::uint32_t out_cols = 0, window = 0;

  std::uint32_t pitch0() const { return ld_src0 != 0 ? ld_src0 : cols; }
  std::uint32_t pitch_dst() const { return ld_dst != 0 ? ld_dst : cols; }

  CommandWords words() const {
    namespace reg = regs::vector;
    constexpr std::uint32_t kBase = regs::core::kSramBase;
    CommandWords w{};
    w[reg::kWSrc0] = kBase + src0;
    w[reg::kWSrc1] = kBase + src1;
    w[reg::kWSrc2] = kBase + src2;
    w[reg::kWDst] = kBase + dst;
    w[reg::kWRows] = rows;
    w[reg::kWCols] = cols;
    w[reg::kWLdSrc0] = pitch0();
    w[reg::kWLdSrc1] = ld_src1;
    w[reg::kWLdDst] = pitch_dst();
    w[reg::kWFlags] = static_cast<std::uint32_t>(dtype_src0) << reg::kFlagsDtypeSrc0Shift |
                      static_cast<std::uint32_t>(dtype_src1) << reg::kFlagsDtypeSrc1Shift |
                      static_cast<std::uint32_t>(dtype_dst) << reg::kFlagsDtypeDstShift |
                      std::uint32_t{first} << reg::kFlagsFirstShift |
                      std::uint32_t{add_src1} << reg::kFlagsAddSrc1Shift;
    w[reg::kWImm0] = float_bits(imm0);
    w[reg::kWParam0] = param0;
    w[reg::kWParam1] = param1;
    w[reg::kWPlaneStride] = plane_stride;
    w[reg::kWPlaneStride2] = plane_stride2;
    w[reg::kWOut] = kBase + out;
    w[reg::kWOutCols] = out_cols;
    w[reg::kWLdOut] = out_cols;
    w[reg::kWWindow] = window;
    return w;
  }
  Decoded decoded() const { return decode(static_cast<std::uint32_t>(opcode), words()); }
};

/// The bytes of an SRAM, seen as numbers.
class SramImage {
 public:
  explicit SramImage(unsigned seed) : random_(seed), bytes_(regs::core::kSramSize, 0x5A) {}

  /// Runs the command, which must be legal.
  void run(const Script& script) {
    const Decoded d = script.decoded();
    ASSERT_TRUE(d.ok()) << "rule " << d.breach.rule << " " << d.breach.address;
    EXPECT_FALSE(compute(d.operation, bytes_.data()));
  }

  double get(std::uint32_t offset, DType type = DType::kF32) const {
    return load_number(type, bytes_.data() + offset);
  }
  void set(std::uint32_t offset, float value, DType type = DType::kF32) {
    store_number(type, value, bytes_.data() + offset);
  }
  std::uint32_t word(std::uint32_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  void set_word(std::uint32_t offset, std::uint32_t value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }
  /// Random numbers, as the format keeps them.
  Rows fill(std::uint32_t offset, std::uint32_t rows, std::uint32_t cols, std::uint32_t pitch,
            DType type = DType::kF32, float sigma = 2.0F) {
    std::normal_distribution<float> normal(0, type == DType::kInt8 ? 40.0F : sigma);
    for (std::uint32_t r = 0; r < rows; ++r) {
      for (std::uint32_t c = 0; c < cols; ++c) {
        set(offset + (r * pitch + c) * size_of(type), normal(random_), type);
      }
    }
    return read(offset, rows, cols, pitch, type);
  }
  Rows read(std::uint32_t offset, std::uint32_t rows, std::uint32_t cols, std::uint32_t pitch,
            DType type = DType::kF32) const {
    Rows values(rows, std::vector<double>(cols));
    for (std::uint32_t r = 0; r < rows; ++r) {
      for (std::uint32_t c = 0; c < cols; ++c) {
        values[r][c] = get(offset + (r * pitch + c) * size_of(type), type);
      }
    }
    return values;
  }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::mt19937 random_;
  std::vector<std::uint8_t> bytes_;
};

/// Relative step of a format: half a unit in the last place.
inline double half_step(DType type) {
  switch (type) {
    case DType::kBf16:
      return 0x1p-8;
    case DType::kFp8E4m3:
      return 0x1p-4;
    case DType::kFp8E5m2:
      return 0x1p-3;
    case DType::kInt8:
    case DType::kInt32:
      return 0.0;  // see near(): half of one
    default:
      return 0x1p-24;
  }
}

/// Within `relative` (errors of F32 arithmetic, of the magnitude `scale`) and one rounding to
/// `type`.
inline void expect_near(double actual, double expected, double relative, double scale,
                        DType type = DType::kF32) {
  double bound = relative * scale + half_step(type) * (std::abs(expected) + relative * scale);
  double wanted = expected;
  if (type == DType::kFp8E4m3) {
    wanted = std::clamp(expected, -448.0, 448.0);
    bound += 0x1p-10;  // half a subnormal
  } else if (type == DType::kFp8E5m2) {
    bound += 0x1p-17;
  } else if (type == DType::kInt8) {
    wanted = std::clamp(expected, -128.0, 127.0);
    bound += 0.5;
  } else if (type == DType::kInt32) {
    bound += 0.5;
  }
  ASSERT_NEAR(actual, wanted, bound);
}

}  // namespace aipu::vector
