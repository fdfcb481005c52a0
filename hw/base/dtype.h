// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

/// Number formats of the engines; the codes are the ABI (hw/regs/abi.yaml, enum `dtype`).
enum class DType : std::uint8_t {
  kF32 = 0,
  kBf16 = 1,
  kFp8E4m3 = 2,  ///< OCP FP8, no infinities, max 448
  kFp8E5m2 = 3,
  kInt8 = 4,
  kInt32 = 5,
};
constexpr std::uint32_t kDTypeCount = 6;

constexpr std::uint32_t size_of(DType t) {
  return t == DType::kF32 || t == DType::kInt32 ? 4U : t == DType::kBf16 ? 2U : 1U;
}

}  // namespace aipu
