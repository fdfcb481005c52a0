// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/scoreboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tlm/cosim/verilated_switch.h"

namespace aipu::test {
namespace {

using cosim::Scoreboard;
using directcom::PathChoice;

/// Two packets of one class from node 0 to the last node.
struct Two {
  explicit Two(const directcom::Topology& t, PathChoice choice = PathChoice::kAdaptive)
      : topology(t), routes(topology), board(routes, choice) {
    for (auto* packet : {&first, &second}) {
      packet->destination = static_cast<std::uint16_t>(topology.nodes - 1);
      board.sent(*packet);
    }
  }
  directcom::Topology topology;
  directcom::Routes routes;
  Scoreboard board;
  Scoreboard::Packet first, second;
};

std::string said(const std::function<void()>& action) {
  try {
    action();
  } catch (const cosim::Mismatch& e) {
    return e.what();
  }
  return "nothing";
}

TEST(ScoreboardTest, TakesEachPacketOnce) {
  Two two(directcom::single_switch(4));
  two.board.delivered(two.first, 10);
  EXPECT_THAT(said([&] { two.board.finish(); }), testing::HasSubstr("never arrives"));
  EXPECT_THAT(said([&] { two.board.delivered(two.first, 11); }),
              testing::HasSubstr("arrives again"));
  two.board.delivered(two.second, 12);
  EXPECT_EQ(said([&] { two.board.finish(); }), "nothing");
  EXPECT_EQ(two.board.packets_delivered(), 2U);
}

TEST(ScoreboardTest, RefusesWhatWasNotSentLikeThat) {
  Two two(directcom::single_switch(4));
  Scoreboard::Packet longer = two.first;
  ++longer.flits;
  EXPECT_THAT(said([&] { two.board.delivered(longer, 10); }),
              testing::HasSubstr("is not what was sent"));
  longer.tag = 7;
  EXPECT_THAT(said([&] { two.board.delivered(longer, 10); }), testing::HasSubstr("never sent"));
}

TEST(ScoreboardTest, HoldsTheOrderWhereThereIsOnePath) {
  const auto reversed = [](Two two) {
    return said([&] {
      two.board.delivered(two.second, 10);
      two.board.delivered(two.first, 11);
    });
  };
  EXPECT_THAT(reversed(Two(directcom::single_switch(4))), testing::HasSubstr("behind a later one"));
  EXPECT_THAT(reversed(Two(directcom::leaf_spine(2, 2, 1))),
              testing::HasSubstr("behind a later one"));
  EXPECT_EQ(reversed(Two(directcom::leaf_spine(2, 2, 2))), "nothing");
  EXPECT_THAT(reversed(Two(directcom::leaf_spine(2, 2, 2), PathChoice::kStatic)),
              testing::HasSubstr("behind a later one"));
}

}  // namespace
}  // namespace aipu::test
