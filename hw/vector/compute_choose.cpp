// SPDX-License-Identifier: Apache-2.0
// Sorted lists of the largest numbers, and what is chosen with them: experts and tokens.
#include <algorithm>
#include <cmath>
#include <limits>

#include "hw/vector/rows.h"

namespace aipu::vector {
namespace {

void store_list(const Operation& op, std::uint8_t* sram, std::uint32_t row, const Scratch& s) {
  for (std::uint32_t j = 0; j < op.param0; ++j)
    store_pair(sram, op.dst, std::uint64_t{row} * op.param0 + j, s.pairs[j]);
}

void scores_of(const GateMode& mode, std::uint32_t experts, float* x) {
  if (!mode.sigmoid) {
    softmax_row(x, experts);
    return;
  }
  for (std::uint32_t i = 0; i < experts; ++i)
    x[i] = 1.0F / (1.0F + std::exp(-x[i]));
}

/// What a group of experts is ranked by: the sum of its two best (sigmoid; the only one, where the
/// others are NaN or -inf), or its best (softmax).
float group_score(const GateMode& mode, const float* choice, std::uint32_t experts) {
  float best = kNothing;
  float second = kNothing;
  for (std::uint32_t i = 0; i < experts; ++i) {
    if (choice[i] > best) {
      second = best;
      best = choice[i];
    } else if (choice[i] > second) {
      second = choice[i];
    }
  }
  return mode.sigmoid && second != kNothing ? best + second : best;
}

/// Makes NaN of the choices outside the groups that are kept, so that none of them is chosen.
void drop_groups(const GateMode& mode, std::uint32_t experts, float* choice,
                 std::vector<Pair>& pairs) {
  if (mode.groups == 1) return;
  const std::uint32_t size = experts / mode.groups;
  pairs.clear();
  for (std::uint32_t g = 0; g < mode.groups; ++g)
    pairs.push_back({group_score(mode, choice + g * size, size), g});
  keep_best(pairs, mode.groups);
  for (std::uint32_t j = mode.kept; j < mode.groups; ++j) {
    std::fill_n(choice + pairs[j].index * size, size, std::numeric_limits<float>::quiet_NaN());
  }
}

void choose(const float* x, std::uint32_t count, std::uint32_t offset, std::uint32_t kept,
            std::vector<Pair>& pairs) {
  pairs.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!std::isnan(x[i])) pairs.push_back({x[i], i + offset});
  }
  keep_best(pairs, kept);
}

/// Puts the weights of the chosen experts in place of what they were chosen by.
void weigh(const Operation& op, const float* scores, std::vector<Pair>& chosen) {
  float sum = 0.0F;
  for (Pair& pair : chosen) {
    pair.value = pair.index == kNoIndex ? 0.0F : scores[pair.index];
    sum += pair.value;
  }
  const bool divide = op.gate().normalize && sum != 0.0F;
  for (Pair& pair : chosen)
    pair.value = (divide ? pair.value / sum : pair.value) * op.imm0;
}

/// The pair that a draw picks from a list of logits; `weights` has room for one a pair.
Pair draw(const Operation& op, const std::vector<Pair>& list, float uniform, float top_p,
          float* cumulated) {
  const auto count = static_cast<std::uint32_t>(list.size());
  const auto weight = [&op, &list](std::uint32_t i) {
    const float w = i == 0 ? 1.0F : std::exp((list[i].value - list[0].value) * op.imm0);
    return std::isnan(w) ? 0.0F : w;
  };
  float sum = 0.0F;
  for (std::uint32_t i = 0; i < count; ++i)
    cumulated[i] = sum += weight(i);
  const auto reaching = [cumulated](std::uint32_t end, float threshold) {
    std::uint32_t i = 0;
    while (i + 1 < end && !(cumulated[i] >= threshold))
      ++i;
    return i;
  };
  const std::uint32_t last = reaching(count, top_p * sum);
  const float nucleus = cumulated[last];
  const std::uint32_t i = reaching(last + 1, (uniform - 1.0F) * nucleus);
  return {weight(i) / nucleus, list[i].index};
}

}  // namespace

void keep_best(std::vector<Pair>& pairs, std::uint32_t count) {
  if (pairs.size() < count) pairs.resize(count, kNoPair);
  std::partial_sort(pairs.begin(), pairs.begin() + count, pairs.end(), before);
  pairs.resize(count);
}

void top_k(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    choose(s.x.data(), op.cols, op.param1, op.param0, s.pairs);
    store_list(op, sram, r, s);
  }
}

void top_k_merge(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    s.pairs.clear();
    for (std::uint32_t p = 0; p < op.planes; ++p) {
      const std::uint64_t plane = op.src0 + std::uint64_t{p} * op.plane_stride;
      for (std::uint32_t j = 0; j < op.param0; ++j) {
        const Pair pair = load_pair(sram, plane, std::uint64_t{r} * op.param0 + j);
        if (!std::isnan(pair.value)) s.pairs.push_back(pair);
      }
    }
    keep_best(s.pairs, op.param0);
    store_list(op, sram, r, s);
  }
}

void gate(const Operation& op, std::uint8_t* sram, Scratch& s) {
  const GateMode mode = op.gate();
  float* scores = s.x.data();
  float* choice = s.sum.data();
  if (op.add_src1) load_src1(op, sram, 0, s.y.data());
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, scores);
    scores_of(mode, op.cols, scores);
    for (std::uint32_t i = 0; i < op.cols; ++i)
      choice[i] = op.add_src1 ? scores[i] + s.y[i] : scores[i];
    drop_groups(mode, op.cols, choice, s.pairs);
    choose(choice, op.cols, 0, op.param0, s.pairs);
    weigh(op, scores, s.pairs);
    store_list(op, sram, r, s);
  }
}

void sample(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    s.pairs.resize(op.cols);
    for (std::uint32_t i = 0; i < op.cols; ++i)
      s.pairs[i] = load_pair(sram, op.src0, std::uint64_t{r} * op.cols + i);
    float numbers[2];  // u and top_p
    std::memcpy(numbers, sram + op.src1 + std::uint64_t{r} * kPairBytes, sizeof numbers);
    store_pair(sram, op.dst, r, draw(op, s.pairs, numbers[0], numbers[1], s.x.data()));
  }
}

}  // namespace aipu::vector
