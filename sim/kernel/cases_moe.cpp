// SPDX-License-Identifier: Apache-2.0
// Mixture of experts on several AIPUs: who goes where, rows out, rows back and their sums.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>

#include "sim/kernel/moe_case.h"

namespace aipu::kernel {
namespace {

bool same(const std::vector<std::uint8_t>& got, const void* wanted) {
  return std::memcmp(got.data(), wanted, got.size()) == 0;
}
constexpr double kWrong = std::numeric_limits<double>::infinity();

class Gate : public Moe {
 public:
  using Moe::Moe;
  void build(Builder& b) override {
    place(b);
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank)
      add_gate(b, rank, at_.pairs);
  }
  std::map<std::string, double> bounds() const override {
    return {{"hbm", hbm(static_cast<double>(shape_.tokens) * shape_.experts * sizeof(float) +
                        rows_in() * sizeof(hc_moe_pair_t))}};
  }
  double error(const Reader& read) const override {
    double worst = 0;
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      const std::vector<hc_moe_pair_t> wanted = routing_.pairs(rank);
      worst = std::max(
          worst,
          routing_.gate_error(rank, read(rank, at_.pairs, wanted.size() * sizeof(hc_moe_pair_t))));
    }
    return worst;
  }
};

/// Rows out, by pairs that are written in advance.
class Dispatch : public Moe {
 public:
  using Moe::Moe;
  void build(Builder& b) override {
    place(b);
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      b.write(rank, at_.pairs, routing_.pairs(rank));
      if (b.functional()) b.write(rank, at_.x, rows_of(rank).codes);
      add_dispatch(b, rank);
    }
  }
  std::map<std::string, double> bounds() const override {
    return {{"link", link(shape_.row())}, {"hbm", hbm(2 * rows_in() * shape_.row())}};
  }
  double error(const Reader& read) const override {
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      const auto terms = routing_.terms(rank);
      if (!same(read(rank, at_.terms, terms.size() * sizeof terms[0]), terms.data())) return kWrong;
      const auto arrived = routing_.arrived(rank);
      if (!same(read(rank, at_.arrived, arrived.size() * sizeof arrived[0]), arrived.data()))
        return kWrong;
      if (!rows_arrived(read, rank)) return kWrong;
    }
    return 0;
  }

 private:
  /// Every row that `rank` sends lies where its number says.
  bool rows_arrived(const Reader& read, std::uint32_t rank) const {
    const Matrix x = rows_of(rank);
    const std::size_t row = shape_.row();
    for (std::uint32_t token = 0; token < shape_.tokens; ++token) {
      for (std::uint32_t j = 0; j < shape_.chosen; ++j) {
        const Routing::Choice& c = routing_.at(rank, token, j);
        const std::uint64_t run = std::uint64_t{c.expert % shape_.own()} * shape_.ranks + rank;
        const Gaddr from{at_.inbox.raw + (run * shape_.tokens + c.number) * row};
        if (!same(read(c.expert / shape_.own(), from, row), x.codes.data() + token * row))
          return false;
      }
    }
    return true;
  }
};

/// Rows back and their sums, by tables that are written in advance.
class Combine : public Moe {
 public:
  using Moe::Moe;
  void build(Builder& b) override {
    place(b);
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      b.write(rank, at_.arrived, routing_.arrived(rank));
      b.write(rank, at_.terms, routing_.terms(rank));
      if (b.functional()) b.write(rank, at_.results, results_of(rank).codes);
      add_return(b, rank);
      add_weigh(b, rank);
    }
  }
  std::map<std::string, double> bounds() const override {
    return {{"link", link(shape_.result())}, {"hbm", hbm(2 * rows_in() * shape_.result())}};
  }
  double error(const Reader& read) const override {
    std::vector<Matrix> results;
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank)
      results.push_back(results_of(rank));
    double worst = 0;
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      const auto got =
          read(rank, at_.out, std::uint64_t{shape_.tokens} * shape_.hidden * sizeof(float));
      for (std::uint32_t token = 0; token < shape_.tokens; ++token)
        worst = std::max(worst, error_of(wanted(results, rank, token),
                                         got.data() + std::size_t{token} * shape_.hidden * 4));
    }
    return worst;
  }

 private:
  std::uint32_t rows_at(std::uint32_t rank) const {
    const hc_arrival_t last = routing_.table(rank).back();
    return last.first + last.count;
  }
  Matrix results_of(std::uint32_t rank) const {
    return random_matrix(std::max(rows_at(rank), 1U), shape_.hidden, shape_.results,
                         fmt::format("moe.y{}", rank));
  }
  std::vector<Allowed> wanted(const std::vector<Matrix>& results, std::uint32_t rank,
                              std::uint32_t token) const {
    std::vector<double> weights;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;  // AIPU, row of its results
    for (std::uint32_t j = 0; j < shape_.chosen; ++j) {
      const Routing::Choice& c = routing_.at(rank, token, j);
      const std::uint32_t owner = c.expert / shape_.own();
      std::uint32_t row = routing_.table(owner)[c.expert % shape_.own()].first + c.number;
      for (std::uint32_t source = 0; source < rank; ++source)
        row += routing_.count(c.expert, source);
      rows.emplace_back(owner, row);
      weights.push_back(c.weight);
    }
    std::vector<Allowed> out;
    for (std::uint32_t h = 0; h < shape_.hidden; ++h) {
      std::vector<Allowed> terms;
      for (const auto& [owner, row] : rows)
        terms.push_back({results[owner].at(row, h), 0});
      out.push_back(weighted(terms, weights, 1));  // weights come as F32
    }
    return out;
  }
};

std::vector<Parameter> parameters(const char* aipus, const char* hidden = "7168",
                                  const char* experts = "256") {
  return {{"aipus", aipus, "that hold experts and tokens"},
          {"tokens", "128", "of each AIPU"},
          {"hidden", hidden, "numbers of a row"},
          {"experts", experts, "of all AIPUs"},
          {"chosen", "8", "experts of a token"},
          {"rows", "fp8", "format on the way out: f32, bf16, fp8, int8"},
          {"results", "bf16", "format on the way back: f32, bf16"},
          {"gate", "sigmoid", "sigmoid (biases, 4 of 8 groups where they divide), softmax"},
          {"skew", "50", "how much more some experts are liked, in %: 0 even"},
          {"liked", "none", "one: expert 0 by all tokens"},
          {"cores", "32", "that take part"}};
}

template <typename T>
std::unique_ptr<Case> make(const Parameters& p, const config::Board& board) {
  return std::make_unique<T>(p, board);
}

}  // namespace

std::vector<Kind> moe_kinds() {
  return {{"moe-gate", "experts of every token by router logits", parameters("1"), 0, make<Gate>},
          {"moe-dispatch", "rows of tokens to the AIPUs of their experts", parameters("8"), 0.9,
           make<Dispatch>},
          {"moe-combine", "results back to their tokens, and the weighted sums", parameters("8"),
           0.9, make<Combine>},
          // Small enough for a minute of host time: every expert has hidden x hidden weights.
          moe_chain_kind(parameters("8", "2048", "64"))};
}

}  // namespace aipu::kernel
