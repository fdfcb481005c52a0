// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "sim/collective/bounds.h"
#include "sim/kernel/case.h"
#include "sim/kernel/moe_data.h"

namespace aipu::kernel {

/// What all cases of a mixture of experts share: memory, launches, what they issue. Every AIPU does
/// the same.
class Moe : public Case {
 public:
  /// ConfigError where the shape is not one that the kernels take.
  Moe(const Parameters& p, const config::Board& board);

  std::uint32_t aipus() const override { return shape_.ranks; }
  Expected expected() const override { return expected_; }

 protected:
  struct Places {
    Gaddr logits, bias, pairs, x, terms, inbox, arrived, packed, table, results, back, out;
  };

  void place(Builder& b);
  /// Rows of the tokens of a rank.
  Matrix rows_of(std::uint32_t rank) const;

  // The launches of the kernels, in this order; with their inputs where nothing else writes them.
  void add_gate(Builder& b, std::uint32_t rank, Gaddr pairs);
  void add_dispatch(Builder& b, std::uint32_t rank);
  void add_pack(Builder& b, std::uint32_t rank);
  void add_return(Builder& b, std::uint32_t rank);
  void add_weigh(Builder& b, std::uint32_t rank);

  std::uint32_t runs() const { return shape_.own() * shape_.ranks; }
  std::uint32_t cores(std::uint32_t things) const { return std::min(most_cores_, things); }
  void count(const char* queue, std::uint64_t commands) { expected_.commands[queue] += commands; }
  /// Least time of what the fabric carries with rows of so many bytes.
  double link(std::uint32_t row) const {
    return fabric_.alpha_s +
           static_cast<double>(row) * routing_.busiest() / fabric_.bytes_per_second;
  }
  double hbm(double bytes) const { return bytes / peak_; }
  double rows_in() const { return static_cast<double>(shape_.tokens) * shape_.chosen; }

  const MoeShape shape_;
  const std::uint32_t most_cores_;
  const Routing routing_;
  const collective::Fabric fabric_;
  const double peak_;
  Places at_;
  Expected expected_;

 private:
  std::uint64_t blocks_of(std::uint32_t things, std::uint64_t block) const;
};

/// The kind of the whole chain.
Kind moe_chain_kind(std::vector<Parameter> parameters);

}  // namespace aipu::kernel
