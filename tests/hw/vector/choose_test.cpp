// SPDX-License-Identifier: Apache-2.0
// Sorted lists, the choice of experts and the draw of a token, against plain references in double.
#include <numeric>
#include <utility>

#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

constexpr double kRounding = 0x1p-24;  // one F32 operation
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

using List = std::vector<std::pair<double, std::uint32_t>>;

List read_list(const SramImage& sram, std::uint32_t offset, std::uint32_t count) {
  List list;
  for (std::uint32_t j = 0; j < count; ++j)
    list.emplace_back(sram.get(offset + j * 8), sram.word(offset + j * 8 + 4));
  return list;
}

/// The `count` best of `values`, indices counted from `offset`: a stable sort by falling value.
List best_of(const std::vector<double>& values, std::uint32_t count, std::uint32_t offset = 0) {
  List all;
  for (std::uint32_t i = 0; i < values.size(); ++i)
    all.emplace_back(values[i], i + offset);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  all.resize(count);
  return all;
}

TEST(VectorTopKTest, ListsAreSortedAndTiesGoToTheSmallerIndex) {
  SramImage sram(41);
  for (const std::uint32_t kept : {1U, 2U, 17U, 90U}) {
    Script s;
    s.opcode = Opcode::kTopK;
    s.rows = 5;
    s.cols = 90;
    s.ld_src0 = 96;
    s.param0 = kept;
    s.param1 = 1000;
    s.dtype_src0 = DType::kFp8E4m3;  // many equal values
    const Rows x = sram.fill(s.src0, 5, 90, 96, DType::kFp8E4m3);
    sram.run(s);
    for (std::uint32_t r = 0; r < 5; ++r) {
      EXPECT_EQ(read_list(sram, s.dst + r * kept * 8, kept), best_of(x[r], kept, 1000));
    }
  }
}

TEST(VectorTopKTest, NanIsNeverChosenAndAShortListEndsWithNothing) {
  SramImage sram(1);
  Script s;
  s.opcode = Opcode::kTopK;
  s.cols = 4;
  s.param0 = 5;
  s.param1 = 0;
  const float values[] = {kNan, -kInfinity, 3.0F, kNan};
  for (std::uint32_t i = 0; i < 4; ++i)
    sram.set(s.src0 + i * 4, values[i]);
  sram.run(s);
  const List expected{{3.0, 2},
                      {-kInfinity, 1},
                      {-kInfinity, kNoIndex},
                      {-kInfinity, kNoIndex},
                      {-kInfinity, kNoIndex}};
  EXPECT_EQ(read_list(sram, s.dst, 5), expected);
}

TEST(VectorTopKTest, MergedPartsGiveTheListOfTheWhole) {
  SramImage sram(42);
  constexpr std::uint32_t kCols = 210, kParts = 7, kKept = 20;
  const Rows x = sram.fill(0, 2, kCols, kCols, DType::kFp8E5m2);
  constexpr std::uint32_t kLists = 0x10000, kStride = 2 * kKept * 8 + 16;
  for (std::uint32_t p = 0; p < kParts; ++p) {
    Script s;
    s.opcode = Opcode::kTopK;
    s.rows = 2;
    s.cols = p == 0 ? 2 : 34 + p;  // the first has fewer columns than results
    s.ld_src0 = kCols;
    const std::uint32_t first = p == 0 ? 0 : 2 + (p - 1) * 35;
    s.cols = p == 0 ? 2 : std::min(35U, kCols - first);
    // Rows of bytes begin anywhere, addresses of tiles do not: moves the part to its own place.
    for (std::uint32_t r = 0; r < 2; ++r) {
      for (std::uint32_t i = 0; i < s.cols; ++i) {
        sram.set(0x4000 + r * kCols + i, static_cast<float>(x[r][first + i]), DType::kFp8E5m2);
      }
    }
    s.src0 = 0x4000;
    s.param0 = kKept;
    s.param1 = first;
    s.dtype_src0 = DType::kFp8E5m2;
    s.dst = kLists + p * kStride;
    sram.run(s);
  }
  Script merge;
  merge.opcode = Opcode::kTopKMerge;
  merge.rows = 2;
  merge.src0 = kLists;
  merge.param0 = kKept;
  merge.param1 = kParts;
  merge.plane_stride = kStride;
  sram.run(merge);
  for (std::uint32_t r = 0; r < 2; ++r)
    EXPECT_EQ(read_list(sram, merge.dst + r * kKept * 8, kKept), best_of(x[r], kKept));
}

struct GateCase {
  const char* name;
  std::uint32_t experts, chosen, groups, kept;
  bool sigmoid, normalize, bias;
  float factor;
};

/// The gate in double: choices, groups, weights.
List gate_of(const GateCase& g, const std::vector<double>& logits,
             const std::vector<double>& bias) {
  std::vector<double> scores(g.experts);
  const double highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::uint32_t i = 0; i < g.experts; ++i) {
    scores[i] = g.sigmoid ? 1 / (1 + std::exp(-logits[i])) : std::exp(logits[i] - highest);
    sum += scores[i];
  }
  for (double& score : scores)
    score /= g.sigmoid ? 1 : sum;
  std::vector<double> choice = scores;
  for (std::uint32_t i = 0; g.bias && i < g.experts; ++i)
    choice[i] += bias[i];
  if (g.groups > 1) {
    const std::uint32_t size = g.experts / g.groups;
    std::vector<double> ranks;
    for (std::uint32_t group = 0; group < g.groups; ++group) {
      const auto from = choice.begin() + group * size;
      std::vector<double> sorted(from, from + size);
      std::sort(sorted.rbegin(), sorted.rend());
      ranks.push_back(sorted[0] + (g.sigmoid && size > 1 ? sorted[1] : 0));
    }
    const List order = best_of(ranks, g.groups);
    for (std::uint32_t j = g.kept; j < g.groups; ++j)
      std::fill_n(choice.begin() + order[j].second * size, size, -1e30);
  }
  List list = best_of(choice, g.chosen);
  double total = 0;
  for (auto& pair : list)
    total += pair.first = scores[pair.second];
  for (auto& pair : list)
    pair.first = pair.first / (g.normalize ? total : 1) * g.factor;
  return list;
}

class VectorGateTest : public testing::TestWithParam<GateCase> {};

INSTANTIATE_TEST_SUITE_P(
    Kinds, VectorGateTest,
    testing::Values(GateCase{"DeepSeekV3", 256, 8, 8, 4, true, true, true, 2.5F},
                    GateCase{"DeepSeekV2", 160, 6, 8, 3, false, false, false, 16.0F},
                    GateCase{"Mixtral", 8, 2, 0, 0, false, true, false, 1.0F},
                    GateCase{"SigmoidWithoutGroups", 60, 4, 1, 0, true, false, false, 1.0F},
                    GateCase{"GroupsOfOne", 16, 4, 16, 7, true, true, true, 1.0F},
                    GateCase{"AllGroupsKept", 24, 24, 3, 3, false, true, true, 1.0F},
                    GateCase{"OneExpert", 1, 1, 0, 0, true, true, false, 3.0F}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(VectorGateTest, ChoosesAndWeighsAsTheReferenceDoes) {
  const GateCase& g = GetParam();
  SramImage sram(43);
  Script s;
  s.opcode = Opcode::kGate;
  s.rows = 40;
  s.cols = g.experts;
  s.param0 = g.chosen;
  s.param1 =
      g.groups | g.kept << 8U | std::uint32_t{g.sigmoid} << 16U | std::uint32_t{g.normalize} << 17U;
  s.add_src1 = g.bias;
  s.imm0 = g.factor;
  const Rows x = sram.fill(s.src0, s.rows, g.experts, g.experts);
  const Rows bias = sram.fill(s.src1, 1, g.experts, g.experts, DType::kF32, 0.1F);
  sram.run(s);
  for (std::uint32_t r = 0; r < s.rows; ++r) {
    const List expected = gate_of(g, x[r], bias[0]);
    const List actual = read_list(sram, s.dst + r * g.chosen * 8, g.chosen);
    for (std::uint32_t j = 0; j < g.chosen; ++j) {
      ASSERT_EQ(actual[j].second, expected[j].second) << r << "," << j;
      ASSERT_NEAR(actual[j].first, expected[j].first, 80 * kRounding * expected[j].first);
    }
  }
}

TEST(VectorGateTest, EqualExpertsAreChosenFromTheSmallestOn) {
  SramImage sram(1);
  Script s;
  s.opcode = Opcode::kGate;
  s.cols = 8;
  s.param0 = 3;
  s.param1 = 4 | 2U << 8U | 1U << 16U | 1U << 17U;
  s.imm0 = 1.0F;
  for (std::uint32_t i = 0; i < 8; ++i)
    sram.set(s.src0 + i * 4, 0.25F);
  sram.run(s);
  const double third = static_cast<double>(1.0F / 3.0F);
  for (std::uint32_t j = 0; j < 3; ++j) {
    EXPECT_EQ(sram.word(s.dst + j * 8 + 4), j);
    EXPECT_NEAR(sram.get(s.dst + j * 8), third, 2 * kRounding);
  }
}

TEST(VectorGateTest, ARowOfNanChoosesNothing) {
  SramImage sram(1);
  for (const std::uint32_t kind : {0U, 1U << 16U}) {
    Script s;
    s.opcode = Opcode::kGate;
    s.cols = 4;
    s.param0 = 2;
    s.param1 = kind | 2 | 1U << 8U | 1U << 17U;
    s.imm0 = 1.0F;
    for (std::uint32_t i = 0; i < 4; ++i)
      sram.set(s.src0 + i * 4, kNan);
    sram.run(s);
    if (kind != 0) {
      EXPECT_EQ(read_list(sram, s.dst, 2), (List{{0.0, kNoIndex}, {0.0, kNoIndex}}));
    } else {  // a softmax of nothing is zero everywhere
      EXPECT_EQ(read_list(sram, s.dst, 2), (List{{0.0, 0}, {0.0, 1}}));
    }
  }
}

/// A list of logits, sorted, and one draw from it.
struct Draw {
  std::vector<float> logits;
  float inverse_temperature = 1.0F;
  float top_p = 1.0F;

  List at(float uniform) const {
    SramImage sram(1);
    Script s;
    s.opcode = Opcode::kSample;
    s.cols = static_cast<std::uint32_t>(logits.size());
    s.imm0 = inverse_temperature;
    for (std::uint32_t i = 0; i < s.cols; ++i) {
      sram.set(s.src0 + i * 8, logits[i]);
      sram.set_word(s.src0 + i * 8 + 4, 100 + i);
    }
    sram.set(s.src1, uniform);
    sram.set(s.src1 + 4, top_p);
    sram.run(s);
    return read_list(sram, s.dst, 1);
  }
};

TEST(VectorSampleTest, EachTokenOwnsItsShareOfTheInterval) {
  const Draw draw{{2.0F, 1.0F, 1.0F, -1.0F, -3.0F}, 0.5F, 1.0F};
  std::vector<double> weights;
  for (const float logit : draw.logits)
    weights.push_back(std::exp((logit - 2.0) * 0.5));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double begin = 0;
  for (std::uint32_t i = 0; i < 5; ++i) {
    const double share = weights[i] / total;
    for (const double inside : {0.001, 0.5, 0.999}) {
      const List one = draw.at(static_cast<float>(1 + begin + inside * share));
      EXPECT_EQ(one[0].second, 100 + i) << inside;
      EXPECT_NEAR(one[0].first, share, 16 * kRounding);
    }
    begin += share;
  }
}

TEST(VectorSampleTest, TheNucleusIsTheShortestPrefixThatReachesTopP) {
  // Shares 1/2, 1/4, 1/8, 1/8: the logits are logarithms of powers of two.
  const float step = std::log(2.0F);
  Draw draw{{0.0F, -step, -2 * step, -2 * step}, 1.0F, 0.5F};
  EXPECT_EQ(draw.at(1.9999F), (List{{1.0, 100}}));
  draw.top_p = 0.51F;
  EXPECT_EQ(draw.at(1.9999F)[0].second, 101U);
  EXPECT_NEAR(draw.at(1.9999F)[0].first, 1.0 / 3, 8 * kRounding);
  draw.top_p = 0.7F;
  EXPECT_EQ(draw.at(1.9999F)[0].second, 101U);
  draw.top_p = 0.8F;
  EXPECT_EQ(draw.at(1.9999F)[0].second, 102U);
  draw.top_p = 1.0F;
  EXPECT_EQ(draw.at(1.9999F)[0].second, 103U);
  draw.top_p = 0.0F;
  EXPECT_EQ(draw.at(1.9999F)[0].second, 100U);
  draw.top_p = kNan;  // no prefix reaches it: the whole list
  EXPECT_EQ(draw.at(1.9999F)[0].second, 103U);
}

TEST(VectorSampleTest, TheEndsOfTheIntervalAreTheFirstAndTheLast) {
  const Draw draw{{1.0F, 0.0F, -kInfinity, -kInfinity}, 1.0F, 1.0F};
  EXPECT_EQ(draw.at(1.0F)[0].second, 100U);
  EXPECT_EQ(draw.at(bits_float(0x3FFF'FFFFU))[0].second, 101U);  // what is impossible stays so
}

TEST(VectorSampleTest, NonsenseStillGivesAPairOfTheList) {
  for (const float strange : {kNan, kInfinity, -kInfinity, 0.0F, 1e30F}) {
    for (const float u : {kNan, 0.0F, 1.5F, 3.0F, kInfinity}) {
      for (const float logit : {kNan, kInfinity, -kInfinity, 1.0F}) {
        const Draw draw{{logit, strange, -1.0F}, strange, 0.9F};
        const std::uint32_t index = draw.at(u)[0].second;
        EXPECT_GE(index, 100U);
        EXPECT_LT(index, 103U);
      }
    }
  }
}

TEST(VectorSampleTest, DrawsFollowTheDistribution) {
  const Draw draw{{1.5F, 1.0F, 0.0F, -1.0F}, 1.0F, 0.95F};
  std::vector<double> weights{1, std::exp(-0.5), std::exp(-1.5), std::exp(-2.5)};
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  ASSERT_GE(weights[0] + weights[1] + weights[2], 0.95 * all);  // the last is cut off
  const double total = weights[0] + weights[1] + weights[2];
  std::vector<int> drawn(4);
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const float u = 1.0F + (static_cast<float>(i) + 0.5F) / kDraws;
    ++drawn[draw.at(u)[0].second - 100];
  }
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(drawn[i], kDraws * weights[i] / total, 1.0);  // evenly spaced: one at each end
  EXPECT_EQ(drawn[3], 0);
}

}  // namespace
}  // namespace aipu::vector
