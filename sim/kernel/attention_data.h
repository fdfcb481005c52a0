// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/attention_shape.h"

namespace aipu::kernel {

/// Random operands of an attention, and what must come of them.
class AttentionData {
 public:
  AttentionData(const AttentionShape& shape, std::uint64_t seed);

  const std::vector<std::uint8_t>& q() const { return q_; }
  /// Images of a rank's caches; pages where `table` says.
  std::vector<std::uint8_t> keys(std::uint32_t rank, const std::vector<std::uint32_t>& table) const;
  std::vector<std::uint8_t> values(std::uint32_t rank,
                                   const std::vector<std::uint32_t>& table) const;
  std::vector<std::uint8_t> shared(std::uint32_t rank) const;

  /// Largest |result - reference| over what the formats allow. Reference: double precision, the
  /// whole row at once. Allowed, with u the unit roundoff of a format: the rounding of the weights,
  /// u(dtype) sum p |v|, of the result, u(dtype) |o|, of scores and sums in F32 (chains of width
  /// and of context terms), and where dtype has eight bits the smallest weight it can tell from 0.
  double error(const std::vector<std::uint8_t>& result) const;

 private:
  struct Operand {
    std::uint32_t width = 0;
    std::vector<std::uint8_t> bytes;  ///< [sequence][head][position] rows
  };
  std::vector<std::uint8_t> image(const Operand& o, const hc_cache_t& cache, std::uint64_t size,
                                  std::uint32_t rank,
                                  const std::vector<std::uint32_t>& table) const;
  Operand operand(std::uint32_t heads, std::uint32_t width, const char* path,
                  std::uint64_t seed) const;
  void load_key(std::uint32_t sequence, std::uint32_t head, std::uint32_t position,
                float* to) const;
  void load_value(std::uint32_t sequence, std::uint32_t head, std::uint32_t position,
                  float* to) const;
  double row_error(std::uint32_t sequence, std::uint32_t row, std::uint32_t head,
                   const std::uint8_t* result) const;

  const AttentionShape s_;
  const std::uint32_t length_;  ///< positions that have data
  std::vector<std::uint8_t> q_;
  Operand k_, v_, shared_;
};

/// Unit roundoff of a format, and the distance of the numbers next to zero.
double unit_roundoff(DType type);
double smallest_step(DType type);

/// `count` numbers of unit variance in a format's bytes.
std::vector<std::uint8_t> random_numbers(DType type, std::uint64_t count, std::uint64_t seed,
                                         const char* path);

}  // namespace aipu::kernel
