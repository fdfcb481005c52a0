// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/moe_data.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "hw/base/rng.h"
#include "regs/vector.h"

namespace aipu::kernel {
namespace {

constexpr std::uint32_t kGroups = 8;  // DeepSeek-V3: 4 of 8 groups
constexpr double kF32Unit = 0x1p-24;

double unit_of(DType type) {
  return type == DType::kF32 ? 0 : 0x1p-8;  // BF16; F32 is what is rounded already
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// The `count` largest of [0, n) by key, best first; ties to the smaller.
template <typename Key>
std::vector<std::uint32_t> best(std::vector<std::uint32_t> of, std::uint32_t count,
                                const Key& key) {
  std::stable_sort(of.begin(), of.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return key(a) > key(b); });
  of.resize(std::min<std::size_t>(of.size(), count));
  return of;
}

std::vector<std::uint32_t> numbers(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> list(count);
  std::iota(list.begin(), list.end(), first);
  return list;
}

/// Experts of the groups that are kept.
std::vector<std::uint32_t> candidates(const std::vector<double>& choice, std::uint32_t groups) {
  const auto experts = static_cast<std::uint32_t>(choice.size());
  if (groups == 0) return numbers(0, experts);
  const std::uint32_t size = experts / groups;
  const auto rank = [&](std::uint32_t group) {
    const auto two = best(numbers(group * size, size), 2, [&](auto e) { return choice[e]; });
    return std::accumulate(two.begin(), two.end(), 0.0,
                           [&](double sum, std::uint32_t e) { return sum + choice[e]; });
  };
  std::vector<std::uint32_t> out;
  std::vector<std::uint32_t> kept = best(numbers(0, groups), groups / 2, rank);
  std::sort(kept.begin(), kept.end());
  for (const std::uint32_t group : kept) {
    const auto of = numbers(group * size, size);
    out.insert(out.end(), of.begin(), of.end());
  }
  return out;
}

}  // namespace

std::uint32_t MoeShape::groups() const {
  const bool divide = experts % kGroups == 0 && experts / kGroups >= 2 && chosen <= experts / 2;
  return sigmoid && divide ? kGroups : 0;
}

std::uint32_t MoeShape::gate_kind() const {
  return groups() << regs::vector::kParam1GateGroupsShift |
         groups() / 2 << regs::vector::kParam1GateKeptShift |
         (sigmoid ? 1U : 0U) << regs::vector::kParam1GateSigmoidShift |
         1U << regs::vector::kParam1GateNormalizeShift;
}

Routing::Routing(const MoeShape& shape)
    : shape_(shape),
      logits_(shape.ranks),
      choices_(shape.ranks),
      counts_(std::size_t{shape.experts} * shape.ranks) {
  draw_logits();
  for (std::uint32_t rank = 0; rank < shape.ranks; ++rank) {
    for (std::uint32_t token = 0; token < shape.tokens; ++token)
      choose(rank, token);
  }
}

void Routing::draw_logits() {
  Rng rng(1, "moe");
  const auto even = [&] { return 2 * rng.unit() - 1; };
  std::vector<double> liked(shape_.experts);
  for (std::uint32_t e = 0; e < shape_.experts; ++e) {
    liked[e] = shape_.skew * even() + (shape_.one_expert && e == 0 ? 6 : 0);
    bias_.push_back(static_cast<float>(0.05 * even()));
  }
  for (auto& of_rank : logits_) {
    for (std::uint32_t i = 0; i < shape_.tokens * shape_.experts; ++i)
      of_rank.push_back(static_cast<float>(2 * even() + liked[i % shape_.experts]));
  }
}

void Routing::choose(std::uint32_t rank, std::uint32_t token) {
  const float* logits = logits_[rank].data() + std::size_t{token} * shape_.experts;
  const double most = *std::max_element(logits, logits + shape_.experts);
  std::vector<double> score(shape_.experts);
  double all = 0;
  for (std::uint32_t e = 0; e < shape_.experts; ++e) {
    score[e] = shape_.sigmoid ? 1 / (1 + std::exp(-double{logits[e]})) : std::exp(logits[e] - most);
    all += score[e];
  }
  std::vector<double> choice = score;
  for (std::uint32_t e = 0; e < shape_.experts; ++e) {
    if (!shape_.sigmoid) score[e] /= all;
    choice[e] = shape_.sigmoid ? score[e] + double{bias_[e]} : score[e];
  }
  const auto chosen = best(candidates(choice, shape_.groups()), shape_.chosen,
                           [&](std::uint32_t e) { return choice[e]; });
  double sum = 0;
  for (const std::uint32_t e : chosen)
    sum += score[e];
  for (const std::uint32_t e : chosen) {
    std::uint32_t& count = counts_[std::size_t{e} * shape_.ranks + rank];
    choices_[rank].push_back({score[e] / sum * double{shape_.gate_scale()}, e, count++});
  }
}

std::uint32_t Routing::rows_of(std::uint32_t expert) const {
  std::uint32_t rows = 0;
  for (std::uint32_t source = 0; source < shape_.ranks; ++source)
    rows += count(expert, source);
  return rows;
}

std::uint32_t Routing::rows_between(std::uint32_t from, std::uint32_t to) const {
  std::uint32_t rows = 0;
  for (std::uint32_t e = 0; e < shape_.own(); ++e)
    rows += count(to * shape_.own() + e, from);
  return rows;
}

std::uint32_t Routing::busiest() const {
  std::uint32_t most = 0;
  for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
    std::uint32_t out = 0, in = 0;
    for (std::uint32_t other = 0; other < shape_.ranks; ++other) {
      if (other == rank) continue;
      out += rows_between(rank, other);
      in += rows_between(other, rank);
    }
    most = std::max({most, out, in});
  }
  return most;
}

std::vector<hc_moe_pair_t> Routing::pairs(std::uint32_t rank) const {
  std::vector<hc_moe_pair_t> out;
  for (const Choice& c : choices_[rank])
    out.push_back({bits_of(static_cast<float>(c.weight)), c.expert});
  return out;
}

std::vector<hc_moe_pair_t> Routing::terms(std::uint32_t rank) const {
  std::vector<hc_moe_pair_t> out = pairs(rank);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].index = out[i].index * shape_.tokens + choices_[rank][i].number;
  return out;
}

std::vector<std::uint32_t> Routing::arrived(std::uint32_t rank) const {
  const auto first = counts_.begin() + std::ptrdiff_t{rank} * shape_.own() * shape_.ranks;
  return {first, first + std::ptrdiff_t{shape_.own()} * shape_.ranks};
}

std::vector<hc_arrival_t> Routing::table(std::uint32_t rank) const {
  std::vector<hc_arrival_t> out;
  std::uint32_t first = 0;
  for (std::uint32_t e = 0; e < shape_.own(); ++e) {
    out.push_back({rows_of(rank * shape_.own() + e), first});
    first += out.back().count;
  }
  return out;
}

double Routing::gate_error(std::uint32_t rank, const std::vector<std::uint8_t>& pairs) const {
  double worst = 0;
  for (std::size_t i = 0; i < choices_[rank].size(); ++i) {
    hc_moe_pair_t got{};
    std::memcpy(&got, pairs.data() + i * sizeof got, sizeof got);
    const Choice& wanted = choices_[rank][i];
    if (got.index != wanted.expert) return std::numeric_limits<double>::infinity();
    const double weight =
        number_of(DType::kF32, reinterpret_cast<const std::uint8_t*>(&got.weight));
    const double allowed = gate_roundings() * kF32Unit * wanted.weight;
    worst = std::max(worst, std::fabs(weight - wanted.weight) / allowed);
  }
  return worst;
}

Allowed weighted(const std::vector<Allowed>& terms, const std::vector<double>& weights,
                 double weight_roundings) {
  Allowed sum;
  double sizes = 0;
  for (std::size_t j = 0; j < terms.size(); ++j) {
    sum.is += weights[j] * terms[j].is;
    sum.off += std::fabs(weights[j]) * terms[j].off;
    sizes += std::fabs(weights[j]) * (std::fabs(terms[j].is) + terms[j].off);
  }
  const double roundings = static_cast<double>(terms.size()) + 1 + weight_roundings;
  sum.off += roundings * kF32Unit * sizes;
  return sum;
}

double error_of(const std::vector<Allowed>& wanted, const std::uint8_t* got) {
  double worst = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double off =
        std::fabs(number_of(DType::kF32, got + i * sizeof(float)) - wanted[i].is) / wanted[i].off;
    worst = std::isnan(off) ? std::numeric_limits<double>::infinity() : std::max(worst, off);
  }
  return worst;
}

std::vector<Allowed> product_of(const Matrix& rows, std::uint32_t row, const Matrix& weights,
                                DType out) {
  std::vector<Allowed> result(weights.cols);
  std::vector<double> sizes(weights.cols);
  for (std::uint32_t k = 0; k < weights.rows; ++k) {
    const double x = rows.at(row, k);
    for (std::uint32_t c = 0; c < weights.cols; ++c) {
      const double term = x * weights.at(k, c);
      result[c].is += term;
      sizes[c] += std::fabs(term);
    }
  }
  for (std::uint32_t c = 0; c < weights.cols; ++c) {
    const double sum = (weights.rows + 4.0) * kF32Unit * sizes[c];
    result[c].off = sum + unit_of(out) * (std::fabs(result[c].is) + sum);
  }
  return result;
}

}  // namespace aipu::kernel
