// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/flow_run.h"

#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "tests/sim/fabric/machine.h"
#include "tests/support/tiny_model.h"

namespace aipu::fabric {
namespace {

constexpr Packing kPacking{33, 16, 1.28};

FlowResult run(const Machine& machine, const std::vector<Flow>& flows) {
  return run_flows(machine.routes, machine.config, kPacking, flows, [](std::uint64_t) {});
}

TEST(FlowRunTest, BytesBecomeFlitsWithAHeaderForEveryPacket) {
  EXPECT_EQ(kPacking.payload(), 512U);
  EXPECT_EQ(kPacking.total_flits(1), 2U);
  EXPECT_EQ(kPacking.total_flits(16), 2U);
  EXPECT_EQ(kPacking.total_flits(17), 3U);
  EXPECT_EQ(kPacking.total_flits(512), 33U);
  EXPECT_EQ(kPacking.total_flits(513), 35U);
  EXPECT_EQ(kPacking.total_flits(10'240), 660U);
}

TEST(FlowRunTest, AFlowAloneTakesWhatTheFormulaSays) {
  const Machine one(directcom::single_switch(16), 4, {98});
  const Machine tiers(directcom::leaf_spine(4, 4, 4), 4, {98, 196});
  for (const std::uint64_t bytes : {1U, 16U, 512U, 513U, 100'000U, 2'000'000U}) {
    const std::vector<Flow> flows{{0, 15, bytes, 0, 1}};
    const std::uint64_t tail = kPacking.total_flits(bytes) - 1;
    EXPECT_EQ(run(one, flows).flows[0].taken, 98 + 4 + 98 + tail) << bytes;
    EXPECT_EQ(run(one, flows).flows[0].ideal, 98 + 4 + 98 + tail) << bytes;
    EXPECT_EQ(run(tiers, flows).flows[0].taken, 98 + 4 + 196 + 4 + 196 + 4 + 98 + tail) << bytes;
  }
}

TEST(FlowRunTest, AFlowBeginsAtTheNextCycleAndSilenceCostsNothing) {
  const Machine machine(directcom::single_switch(4));
  const FlowResult result =
      run(machine, {{0, 1, 16, 1.3, 1}, {0, 1, 16, 1.28e12, 1}, {2, 3, 16, 0, 1}});
  EXPECT_EQ(result.flows[0].start, 2U);
  EXPECT_EQ(result.flows[1].start, 1'000'000'000'000U);
  EXPECT_EQ(result.flows[2].start, 0U);
  for (const FlowTimes& flow : result.flows)
    EXPECT_EQ(flow.taken, 1U + 4 + 1 + 1);
  EXPECT_EQ(result.end, 1'000'000'000'007U);
}

TEST(FlowRunTest, LongLinksAfterASilenceAreNoHang) {
  const Machine machine(directcom::single_switch(4), 4, {50'000});
  const FlowResult result = run(machine, {{0, 1, 16, 1.28e12, 1}});
  EXPECT_EQ(result.flows[0].taken, 2U * 50'000 + 4 + 1);
}

TEST(FlowRunTest, FlowsOfANodeShareItsLane) {
  // Packets in turn: both end together, after as long as their bytes together take.
  const Machine machine(directcom::single_switch(4));
  const std::vector<Flow> flows{{0, 1, 51'200, 0, 1}, {0, 2, 51'200, 0, 1}};
  const FlowResult result = run(machine, flows);
  EXPECT_EQ(result.flows[0].taken, 1U + 4 + 1 + (200 - 1) * 33 - 1);
  EXPECT_EQ(result.flows[1].taken, 1U + 4 + 1 + 200 * 33 - 1);
}

TEST(FlowRunTest, FlowsToANodeShareItsLink) {
  const Machine machine(directcom::single_switch(4));
  const FlowResult result = run(machine, {{0, 3, 51'200, 0, 1}, {1, 3, 51'200, 0, 1}});
  EXPECT_EQ(result.end, 1U + 4 + 1 + 200 * 33 - 1);
  EXPECT_GT(result.flows[0].taken, 1.9 * static_cast<double>(result.flows[0].ideal));
}

TEST(FlowRunTest, AFlowUsesAllLanes) {
  directcom::Hc1000 board;
  board.aipus = 4;
  const Machine machine(directcom::hc1000(board), 4, {98});
  const FlowResult result = run(machine, {{0, 1, 400 * 512, 0, 1}});
  const FlowTimes& flow = result.flows[0];
  EXPECT_EQ(flow.ideal, 200U + 100 * 33 - 1);
  EXPECT_GE(flow.taken, flow.ideal);
  EXPECT_LT(static_cast<double>(flow.taken), 1.02 * static_cast<double>(flow.ideal));
}

TEST(FlowRunTest, NoFlowIsFasterThanIdeal) {
  const Machine machine(directcom::leaf_spine(4, 4, 4), 4, {10});
  std::vector<Flow> flows;
  for (std::uint32_t i = 0; i < 64; ++i)
    flows.push_back(
        {i % 16, i * 7 % 16, 1000 + 997 * i, 100.0 * i, static_cast<std::uint8_t>(i % 4)});
  const FlowResult result = run(machine, flows);
  std::uint64_t flits = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    EXPECT_GE(result.flows[i].taken, result.flows[i].ideal) << i;
    flits += kPacking.total_flits(flows[i].bytes);
  }
  EXPECT_EQ(result.flits, flits);
}

class FlowFileTest : public testing::Test {
 protected:
  std::vector<Flow> read(const std::string& text) const {
    test::write_file(folder_.file("f.csv"), text);
    return read_flows(folder_.file("f.csv"), 16);
  }
  void expect_refused(const std::string& text, const std::string& part) const {
    try {
      read(text);
      ADD_FAILURE() << text;
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }

 private:
  test::TempDir folder_;
};

TEST_F(FlowFileTest, HeaderCommentsAndClassMayBeThere) {
  const auto flows = read(
      "# flows\nsource,destination,bytes,start_ns,class\n0, 5, 100, 1.5, 3 # one\n\n1,2,7,0\r\n");
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].destination, 5U);
  EXPECT_EQ(flows[0].start_ns, 1.5);
  EXPECT_EQ(flows[0].traffic_class, 3);
  EXPECT_EQ(flows[1].bytes, 7U);
  EXPECT_EQ(flows[1].traffic_class, 1);
  EXPECT_EQ(read("3,4,5,6\n").size(), 1U);
}

TEST_F(FlowFileTest, OtherLinesAreRefused) {
  expect_refused("", "no flow in it");
  expect_refused("source,destination,bytes,start_ns\n", "no flow in it");
  expect_refused("0,1,2\n", "f.csv:1: 3 columns; a line reads source,destination,");
  expect_refused("0,1,2,3,1,5\n", "6 columns");
  expect_refused("16,1,2,3\n", "source '16': not a whole number of 0..15");
  expect_refused("0,-1,2,3\n", "destination '-1'");
  expect_refused("#\n0,1,0,3\n", "f.csv:2: bytes '0'");
  expect_refused("0,1,2,-3\n", "start_ns '-3'");
  expect_refused("0,1,2,nan\n", "start_ns 'nan'");
  expect_refused("0,1,2,1e300\n", "start_ns '1e300'");
  expect_refused("0,1,2,3,4\n", "class '4': not a whole number of 0..3");
  expect_refused("0,1,,3\n", "bytes ''");
  EXPECT_THROW(read_flows("none.csv", 16), IoError);
}

}  // namespace
}  // namespace aipu::fabric
