// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/base/dtype.h"
#include "hw/program/launch.h"
#include "sim/kernel/dense_data.h"

namespace aipu::kernel {

/// A mixture of experts on `ranks` AIPUs; expert e lives on rank e / own().
struct MoeShape {
  std::uint32_t ranks = 2, tokens = 1;  ///< tokens of a rank
  std::uint32_t hidden = 1, experts = 2, chosen = 1;
  DType rows = DType::kFp8E4m3, results = DType::kBf16;  ///< formats on the way out and back
  bool sigmoid = true;      ///< scores with biases, groups where they divide; else a softmax
  double skew = 0;          ///< how much more some experts are liked: 0 even
  bool one_expert = false;  ///< expert 0 is liked best by all tokens

  std::uint32_t own() const { return experts / ranks; }
  std::uint32_t row() const { return hidden * size_of(rows); }
  std::uint32_t result() const { return hidden * size_of(results); }
  /// Groups of which half are kept; 0: none.
  std::uint32_t groups() const;
  /// param1 of the opcode gate, and the factor of the weights.
  std::uint32_t gate_kind() const;
  float gate_scale() const { return sigmoid ? 2.5F : 1.0F; }
};

/// Choices of all tokens by router logits that are drawn, in double; and all tables that follow.
/// Tokens are numbered within their rank.
class Routing {
 public:
  struct Choice {
    double weight;
    std::uint32_t expert;
    std::uint32_t number;  ///< of the row among those of its rank for this expert
  };

  explicit Routing(const MoeShape& shape);

  const MoeShape& shape() const { return shape_; }
  const std::vector<float>& logits(std::uint32_t rank) const { return logits_[rank]; }
  const std::vector<float>& bias() const { return bias_; }
  const Choice& at(std::uint32_t rank, std::uint32_t token, std::uint32_t choice) const {
    return choices_[rank][std::size_t{token} * shape_.chosen + choice];
  }
  std::uint32_t count(std::uint32_t expert, std::uint32_t source) const {
    return counts_[std::size_t{expert} * shape_.ranks + source];
  }
  std::uint32_t rows_of(std::uint32_t expert) const;
  /// Rows that rank `from` sends to rank `to`.
  std::uint32_t rows_between(std::uint32_t from, std::uint32_t to) const;
  /// Most rows that a rank sends to others or gets from them.
  std::uint32_t busiest() const;

  // Tables as hw/program/args_moe.h has them.
  std::vector<hc_moe_pair_t> pairs(std::uint32_t rank) const;
  std::vector<hc_moe_pair_t> terms(std::uint32_t rank) const;
  std::vector<std::uint32_t> arrived(std::uint32_t rank) const;
  std::vector<hc_arrival_t> table(std::uint32_t rank) const;

  /// Largest error of what the gate wrote: another expert is infinitely wrong; a weight may be off
  /// by gate_roundings() roundings of F32.
  double gate_roundings() const { return shape_.experts + 16.0; }
  double gate_error(std::uint32_t rank, const std::vector<std::uint8_t>& pairs) const;

 private:
  void draw_logits();
  void choose(std::uint32_t rank, std::uint32_t token);

  const MoeShape shape_;
  std::vector<float> bias_;
  std::vector<std::vector<float>> logits_;
  std::vector<std::vector<Choice>> choices_;
  std::vector<std::uint32_t> counts_;  // [expert][source]
};

/// A number and how far a result may be off it.
struct Allowed {
  double is = 0, off = 0;
};
/// Weighted sum of the terms, each within its own bound, weights within so many roundings. Adds
/// chosen + 1 roundings of F32 on the sum of sizes.
Allowed weighted(const std::vector<Allowed>& terms, const std::vector<double>& weights,
                 double weight_roundings);
/// Largest |got - is| / off of F32 numbers.
double error_of(const std::vector<Allowed>& wanted, const std::uint8_t* got);

/// A row times a matrix, rounded to `out`: (k + 4) roundings of F32 on the sum of sizes, then one
/// of the format.
std::vector<Allowed> product_of(const Matrix& rows, std::uint32_t row, const Matrix& weights,
                                DType out);

}  // namespace aipu::kernel
