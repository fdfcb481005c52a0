// SPDX-License-Identifier: Apache-2.0
#include "hw/noc/topology.h"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

namespace aipu::noc {
namespace {

const Topology kMesh{Config{}};

TEST(TopologyTest, PathsGoAlongXFirstAndAreAsLongAsTheDistance) {
  for (std::uint32_t from = 0; from < 32; ++from) {
    for (std::uint32_t to = 0; to < 32; ++to) {
      std::vector<std::uint32_t> links;
      kMesh.walk(from, to, Order::kXFirst, [&](std::uint32_t link) { links.push_back(link); });
      ASSERT_EQ(links.size(), kMesh.distance(from, to));
      bool vertical = false;
      for (const std::uint32_t link : links) {
        const bool now = link % kDirections >= 2;
        ASSERT_TRUE(now || !vertical) << from << " to " << to;
        vertical = now;
        ASSERT_LT(link, kMesh.links());
      }
    }
  }
}

TEST(TopologyTest, YFirstIsTheWayBackOfXFirst) {
  for (std::uint32_t from = 0; from < 32; ++from) {
    for (std::uint32_t to = 0; to < 32; ++to) {
      const auto tiles = [](std::uint32_t a, std::uint32_t b, Order order) {
        std::set<std::uint32_t> passed{b};
        kMesh.walk(a, b, order, [&](std::uint32_t link) { passed.insert(link / kDirections); });
        return passed;
      };
      ASSERT_EQ(tiles(from, to, Order::kXFirst), tiles(to, from, Order::kYFirst));
    }
  }
}

TEST(TopologyTest, OneStepEachWayUsesItsOwnLink) {
  const auto first = [](std::uint32_t from, std::uint32_t to) {
    std::uint32_t result = ~0U;
    kMesh.walk(from, to, Order::kXFirst, [&](std::uint32_t link) { result = link; });
    return result;
  };
  EXPECT_EQ(first(9, 10), Topology::link(9, Direction::kEast));
  EXPECT_EQ(first(9, 8), Topology::link(9, Direction::kWest));
  EXPECT_EQ(first(9, 17), Topology::link(9, Direction::kSouth));
  EXPECT_EQ(first(9, 1), Topology::link(9, Direction::kNorth));
}

TEST(TopologyTest, ChannelsSpreadEvenlyOverTopAndBottomEdge) {
  std::map<std::uint32_t, std::set<std::uint32_t>> stacks_of_tile;
  std::map<std::uint32_t, int> channels_of_tile;
  for (std::uint32_t channel = 0; channel < 64; ++channel) {
    const std::uint32_t tile = kMesh.tile_of_channel(channel, 64);
    stacks_of_tile[tile].insert(channel / 16);
    ++channels_of_tile[tile];
    EXPECT_TRUE(kMesh.row(tile) == 0 || kMesh.row(tile) == 3);
  }
  EXPECT_EQ(channels_of_tile.size(), 16U);
  for (const auto& [tile, count] : channels_of_tile)
    EXPECT_EQ(count, 4) << tile;
  for (const auto& [tile, stacks] : stacks_of_tile)
    EXPECT_EQ(stacks.size(), 1U) << tile;
}

TEST(NocConfigTest, DefaultsAreValid) {
  EXPECT_NO_THROW(schema().check(Config{}));
}

}  // namespace
}  // namespace aipu::noc
