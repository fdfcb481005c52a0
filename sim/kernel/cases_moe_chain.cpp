// SPDX-License-Identifier: Apache-2.0
// A layer of a mixture of experts on several AIPUs, from router logits to sums: gate, dispatch,
// pack, a product an expert, return, weigh.
#include <algorithm>
#include <fmt/format.h>

#include "sim/kernel/moe_case.h"

namespace aipu::kernel {
namespace {

workload::MatmulShape product_shape(const MoeShape& s, const Routing& routing) {
  workload::MatmulShape p;
  for (std::uint32_t expert = 0; expert < s.experts; ++expert)
    p.rows = std::max(p.rows, routing.rows_of(expert));
  p.k = p.cols = s.hidden;
  p.dtype = s.rows;
  p.out = s.results;
  return p;
}

class Chain : public Moe {
 public:
  Chain(const Parameters& p, const config::Board& board)
      : Moe(p, board),
        tiling_(workload::tile_matmul(product_shape(shape_, routing_),
                                      p.count("cores", 1, board.aipu.cores))) {}

  void build(Builder& b) override {
    place(b);
    weights_ = b.hbm(tiling_.group_bytes() * shape_.own());
    // Where no bytes move the gate has nothing to choose by: its choices are there in advance, and
    // what it writes goes elsewhere.
    gated_ = b.functional()
                 ? at_.pairs
                 : b.hbm(std::uint64_t{shape_.tokens} * shape_.chosen * sizeof(hc_moe_pair_t));
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      if (b.functional()) {
        b.write(rank, at_.x, rows_of(rank).codes);
        write_weights(b, rank);
      } else {
        b.write(rank, at_.pairs, routing_.pairs(rank));
      }
      add_gate(b, rank, gated_);
      add_dispatch(b, rank);
      add_pack(b, rank);
      add_products(b, rank);
      add_return(b, rank);
      add_weigh(b, rank);
    }
  }

  /// What follows from each other: rows out and back; weights that can be read meanwhile.
  std::map<std::string, double> bounds() const override {
    std::uint32_t most = 0;
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      std::uint32_t busy = 0;
      for (std::uint32_t e = 0; e < shape_.own(); ++e)
        busy += routing_.rows_of(rank * shape_.own() + e) != 0 ? 1 : 0;
      most = std::max(most, busy);
    }
    return {{"link", link(shape_.row()) + link(shape_.result())},
            {"hbm", hbm(static_cast<double>(tiling_.packed_bytes()) * most)}};
  }

  double error(const Reader& read) const override {
    double worst = 0;
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      const std::uint64_t pairs = std::uint64_t{shape_.tokens} * shape_.chosen;
      worst = std::max(
          worst, routing_.gate_error(rank, read(rank, at_.pairs, pairs * sizeof(hc_moe_pair_t))));
      const auto got =
          read(rank, at_.out, std::uint64_t{shape_.tokens} * shape_.hidden * sizeof(float));
      const Matrix x = rows_of(rank);
      for (std::uint32_t token = 0; token < shape_.tokens; ++token) {
        const std::size_t at = std::size_t{token} * shape_.hidden * sizeof(float);
        worst = std::max(worst, error_of(wanted(x, rank, token), got.data() + at));
      }
    }
    return worst;
  }

 private:
  Product product_of_expert(std::uint32_t expert) const {
    Product p;
    p.shape = tiling_.shape;
    p.w = weights_of(expert);
    return p;
  }
  Matrix weights_of(std::uint32_t expert) const {
    return random_matrix(shape_.hidden, shape_.hidden, shape_.rows, fmt::format("moe.w{}", expert));
  }
  void write_weights(Builder& b, std::uint32_t rank) {
    for (std::uint32_t e = 0; e < shape_.own(); ++e) {
      const Gaddr to{weights_.raw + e * tiling_.group_bytes()};
      b.write(rank, to, packed(product_of_expert(rank * shape_.own() + e), tiling_));
      matrices_.push_back(weights_of(rank * shape_.own() + e));
    }
  }

  void add_products(Builder& b, std::uint32_t rank) {
    hc_launch_t e{};
    e.kernel = HC_KERNEL_MATMUL;
    e.core_count = e.phase_signals = most_cores_;
    hc_matmul_args_t& a = e.args.matmul;
    a = tiling_.args();
    a.a = at_.packed.raw;
    a.w = weights_.raw;
    a.out = at_.results.raw;
    a.a_stride = shape_.row();
    a.out_stride = shape_.result();
    a.table = at_.table.raw;
    a.groups = shape_.own();
    a.group_stride = static_cast<std::uint32_t>(tiling_.group_bytes());
    a.resident = 0;
    b.launch(rank, e);
    std::vector<std::uint32_t> rows;
    for (const hc_arrival_t& group : routing_.table(rank))
      rows.push_back(group.count);
    const workload::MatmulCounts c = workload::grouped_counts(tiling_, rows, most_cores_);
    count("load", c.loads);
    count("store", c.stores);
    count("tensor", c.products);
    count("vector", c.vectors);
    expected_.flops = expected_.flops.value_or(0) + c.flops;
  }

  std::vector<Allowed> wanted(const Matrix& x, std::uint32_t rank, std::uint32_t token) const {
    std::vector<std::vector<Allowed>> terms;
    std::vector<double> weights;
    for (std::uint32_t j = 0; j < shape_.chosen; ++j) {
      const Routing::Choice& c = routing_.at(rank, token, j);
      terms.push_back(product_of(x, token, matrices_[c.expert], shape_.results));
      weights.push_back(c.weight);
    }
    std::vector<Allowed> out;
    for (std::uint32_t h = 0; h < shape_.hidden; ++h) {
      std::vector<Allowed> column;
      for (const auto& term : terms)
        column.push_back(term[h]);
      out.push_back(weighted(column, weights, routing_.gate_roundings()));
    }
    return out;
  }

  const workload::MatmulTiling tiling_;
  Gaddr weights_, gated_;
  std::vector<Matrix> matrices_;  // by expert, in functional runs
};

}  // namespace

Kind moe_chain_kind(std::vector<Parameter> parameters) {
  return {"moe", "gate, dispatch, pack, a product an expert, return, weigh", std::move(parameters),
          0, [](const Parameters& p, const config::Board& board) {
            return std::make_unique<Chain>(p, board);
          }};
}

}  // namespace aipu::kernel
