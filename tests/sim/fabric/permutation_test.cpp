// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/permutation.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

#include "hw/base/error.h"
#include "tests/support/tiny_model.h"

namespace aipu::fabric {
namespace {

bool is_permutation(Destinations all) {
  std::sort(all.begin(), all.end());
  Destinations expected(all.size());
  std::iota(expected.begin(), expected.end(), std::uint16_t{0});
  return all == expected;
}

class PermutationTest : public testing::Test {
 protected:
  std::string write(const std::string& text) const {
    test::write_file(folder_.file("p.csv"), text);
    return folder_.file("p.csv");
  }
  void expect_refused(const std::string& text, const std::string& seed, const std::string& part) {
    try {
      read_permutation(write(text), seed, 4);
      ADD_FAILURE() << text;
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }

 private:
  test::TempDir folder_;
};

TEST_F(PermutationTest, PatternsAreThoseOfTheAddressBits) {
  EXPECT_EQ(bit_complement(4), (Destinations{3, 2, 1, 0}));
  EXPECT_EQ(shuffle(8), (Destinations{0, 2, 4, 6, 1, 3, 5, 7}));
  EXPECT_EQ(transpose(16), (Destinations{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}));
  EXPECT_EQ(bit_complement(1), Destinations{0});
  EXPECT_EQ(shuffle(1), Destinations{0});
  EXPECT_EQ(transpose(1), Destinations{0});
}

TEST_F(PermutationTest, EveryPatternReachesEveryNode) {
  for (const std::uint32_t nodes : {1U, 2U, 4U, 16U, 64U, 1024U, 4096U}) {
    EXPECT_TRUE(is_permutation(bit_complement(nodes))) << nodes;
    EXPECT_TRUE(is_permutation(shuffle(nodes))) << nodes;
    if (nodes != 2) {
      EXPECT_TRUE(is_permutation(transpose(nodes))) << nodes;
    }
  }
  for (const std::uint32_t nodes : {1U, 2U, 3U, 48U, 4096U})
    EXPECT_TRUE(is_permutation(random_permutation(nodes, 5))) << nodes;
}

TEST_F(PermutationTest, PatternsNeedWholeAddressBits) {
  for (const std::uint32_t nodes : {0U, 3U, 12U, 100U}) {
    EXPECT_THROW(bit_complement(nodes), ConfigError);
    EXPECT_THROW(shuffle(nodes), ConfigError);
    EXPECT_THROW(transpose(nodes), ConfigError);
  }
  EXPECT_THROW(transpose(8), ConfigError);
}

TEST_F(PermutationTest, ASeedIsAPermutation) {
  EXPECT_EQ(random_permutation(64, 11), random_permutation(64, 11));
  EXPECT_NE(random_permutation(64, 11), random_permutation(64, 12));
}

TEST_F(PermutationTest, EveryPlaceIsEquallyLikely) {
  constexpr int kDraws = 24'000;
  std::vector<int> seen(24);
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    const Destinations all = random_permutation(4, seed);
    int rank = 0;  // of the permutation, in alphabetical order
    for (std::size_t i = 0; i < 4; ++i) {
      const auto at = all.begin() + static_cast<std::ptrdiff_t>(i);
      const auto below = std::count_if(at, all.end(), [&](std::uint16_t d) { return d < *at; });
      rank = rank * (4 - static_cast<int>(i)) + static_cast<int>(below);
    }
    ++seen[static_cast<std::size_t>(rank)];
  }
  double chi2 = 0;
  for (const int n : seen)
    chi2 += (n - 1000.0) * (n - 1000.0) / 1000.0;
  EXPECT_LT(chi2, 49.7);  // 23 degrees of freedom, one in a thousand
}

TEST_F(PermutationTest, AFileIsAListOrATable) {
  const Destinations expected{2, 0, 3, 1};
  EXPECT_EQ(read_permutation(write("2 0\n3 1\n"), "", 4), expected);
  EXPECT_EQ(read_permutation(write("# list\n2,0, 3,1  # end\n"), "", 4), expected);
  const std::string table = "nodes,seed,destinations\n2,1,1 0\n4,11,2 0 3 1\n4,x,0 1 2 3\n";
  EXPECT_EQ(read_permutation(write(table), "11", 4), expected);
  EXPECT_EQ(read_permutation(write(table), "", 2), (Destinations{1, 0}));
}

TEST_F(PermutationTest, OtherFilesAreRefused) {
  expect_refused("", "", "0 destinations for 4 nodes");
  expect_refused("0 1 2\n", "", "3 destinations for 4 nodes");
  expect_refused("0 1 2 3 0\n", "", "5 destinations for 4 nodes");
  expect_refused("0 1 2 2\n", "", "2 is the destination of two");
  expect_refused("0 1\n2 4\n", "", "p.csv:2: '4' is no destination; valid: 0..3");
  expect_refused("0 1 2 x\n", "", "'x' is no destination");
  expect_refused("0 1 2 3\n", "11", "a plain list has no permutation with seed '11'");
  const std::string table = "nodes,seed,destinations\n4,11,2 0 3 1\n4,12,0 1 2 3\n";
  expect_refused(table, "", "several permutations of 4 nodes; name one as FILE#SEED: 11, 12");
  expect_refused(table, "13", "no permutation of 4 nodes with seed '13'; seeds: 11, 12");
  expect_refused("nodes,seed,destinations\n2,1,0 1\n", "", "no permutation of 4 nodes");
  expect_refused("nodes,seed,destinations\n4,1\n", "", "p.csv:2: a row reads");
  expect_refused("nodes,seed,destinations\n4,1,0 1 2\n", "", "3 destinations for 4 nodes");
  EXPECT_THROW(read_permutation("none.csv", "", 4), IoError);
}

}  // namespace
}  // namespace aipu::fabric
