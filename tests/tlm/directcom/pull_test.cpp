// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

Fabric::Options phantom(std::uint32_t aipus, std::uint32_t cores = 1) {
  Fabric::Options options;
  options.aipus = aipus;
  options.cores = cores;
  options.size = 64_MiB;
  options.real = 0_B;
  return options;
}

Request put_to(std::uint32_t aipu, std::uint32_t bytes) {
  Request r;
  r.destination = Gaddr::hbm(0x100000, aipu);
  r.bytes = bytes;
  return r;
}

std::vector<std::uint32_t> rules(const Node& node) {
  std::vector<std::uint32_t> found;
  for (const Fault& f : node.sink.faults)
    found.push_back(f.rule);
  return found;
}

void expect_nothing_left(Fabric& fabric) {
  for (const auto& node : fabric.nodes)
    EXPECT_EQ(node->interface.waiting_for(), "");
}

TEST(PullTest, OnlyWhatIsLongerThanEagerIsAnnounced) {
  Fabric::Options options = phantom(2);
  Fabric fabric(options);
  fabric.start();
  const auto eager = static_cast<std::uint32_t>(options.config.eager.count);
  const auto chunk = static_cast<std::uint32_t>(options.config.pull_chunk.count);
  fabric.push(0, put_to(1, eager));
  fabric.run();
  EXPECT_EQ(fabric[1].interface.stats().pulled.value(), 0U);
  EXPECT_EQ(fabric[0].interface.stats().packets_sent.value(), eager / 512 + 1) << "and the commit";

  fabric.push(0, put_to(1, eager + 3 * chunk + 1));
  fabric.run();
  EXPECT_EQ(fabric[1].interface.stats().pulled.value(), 1U);
  EXPECT_EQ(fabric[1].interface.stats().grants.value(), 4U) << "the last of one byte";
  EXPECT_EQ(fabric[0].counters[0]->value(1), 2U);
  expect_nothing_left(fabric);
}

TEST(PullTest, TheAnswerToAGetIsPulledToo) {
  Fabric fabric(phantom(2));
  fabric.start();
  Request r;
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0, 1);
  r.destination = Gaddr::hbm(0x100000);
  r.bytes = 1U << 20U;
  fabric.push(0, r);
  fabric.run();
  EXPECT_EQ(fabric[0].interface.stats().pulled.value(), 1U);
  EXPECT_EQ(fabric[0].counters[0]->value(1), 1U);
  expect_nothing_left(fabric);
}

/// Bytes of data that left the senders and have not reached AIPU 0.
std::uint64_t under_way(Fabric& fabric) {
  std::uint64_t bytes = 0;
  for (const auto& node : fabric.nodes)
    bytes += node->interface.stats().sent[2].value();
  return bytes - fabric[0].interface.stats().received[2].value();
}

TEST(PullTest, AnIncastHasNoMoreUnderWayThanTheWindow) {
  Fabric::Options options = phantom(16);
  options.config.eager = 16_KiB;
  options.config.pull_window = 128_KiB;
  Fabric fabric(options);
  fabric.start();
  for (std::uint32_t a = 1; a < 16; ++a)
    fabric.push(a, put_to(0, 1U << 20U));
  std::uint64_t most = 0;
  while (now_ps() < 30'000'000) {
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
    most = std::max(most, under_way(fabric));
  }
  EXPECT_LE(most, 15 * options.config.eager.count);
  EXPECT_GT(most, 8 * options.config.eager.count) << "they all began at once";
  most = 0;
  while (fabric[0].sink.signals.empty()) {
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
    most = std::max(most, under_way(fabric));
  }
  EXPECT_LE(most, options.config.pull_window.count);
  EXPECT_GT(most, options.config.pull_window.count / 4) << "and the port stayed busy";
  fabric.run();
  expect_nothing_left(fabric);
}

/// How long 16 AIPUs take to exchange `bytes` with each other.
std::uint64_t exchange(Fabric& fabric, std::uint32_t bytes) {
  const std::uint64_t start = now_ps();
  for (std::uint32_t a = 0; a < 16; ++a) {
    for (std::uint32_t i = 1; i < 16; ++i)
      fabric.push(a, put_to((a + i) % 16, bytes));
  }
  return fabric.run() - start;
}

TEST(PullTest, AllToAllLosesNothing) {
  Fabric::Options options = phantom(16);
  Machine pulled("pulled", options);
  options.config.eager = 64_GiB;
  Machine free("free", options);
  pulled.fabric.start();
  for (const std::uint32_t kibibytes : {128U, 256U, 1024U}) {
    const auto a = static_cast<double>(exchange(pulled.fabric, kibibytes << 10U));
    const auto b = static_cast<double>(exchange(free.fabric, kibibytes << 10U));
    std::printf("%u KiB: %.4f of the time without grants\n", kibibytes, a / b);
    EXPECT_LT(a, 1.01 * b);
  }
  EXPECT_EQ(free.fabric[0].interface.stats().pulled.value(), 0U);
  expect_nothing_left(pulled.fabric);
}

TEST(PullTest, ALateMessageGetsItsShareAtOnce) {
  Fabric fabric(phantom(4));
  fabric.start();
  fabric.push(1, put_to(0, 8U << 20U));
  sc_core::sc_start(sc_core::sc_time(50, sc_core::SC_US));
  fabric.push(2, put_to(0, 8U << 20U));
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_US));
  const auto sent = [&](std::uint32_t a) {
    return static_cast<double>(fabric[a].interface.stats().sent[2].value());
  };
  const double before[] = {sent(1), sent(2)};
  sc_core::sc_start(sc_core::sc_time(50, sc_core::SC_US));
  EXPECT_NEAR((sent(1) - before[0]) / (sent(2) - before[1]), 1.0, 0.05);
  fabric.run();
  expect_nothing_left(fabric);
}

/// Rows of 1 KiB at 32 KiB from each other: the last ones are beyond a memory of 4 MiB.
Request beyond_the_end(std::uint32_t from_or_to) {
  Request r = put_to(from_or_to, 1024);
  r.rows = 130;
  r.source_stride = r.destination_stride = 1024;
  return r;
}

TEST(PullTest, AnErrorAtEitherEndOfALongMessageIsReportedAndLeavesNothing) {
  Fabric::Options options;
  options.size = options.real = 4_MiB;
  options.cores = 4;
  options.config.eager = 8_KiB;
  options.config.pull_window = 16_KiB;
  Fabric fabric(options);
  fabric.start();
  Request r = beyond_the_end(1);
  r.source_stride = 32 * 1024;  // row 128 is beyond the own memory
  fabric.push(0, r, 0);
  r = beyond_the_end(1);
  r.destination = Gaddr::hbm(0, 1);
  r.destination_stride = 32 * 1024;
  fabric.push(0, r, 1);
  r = beyond_the_end(0);
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0, 1);
  r.destination = Gaddr::hbm(0);
  r.source_stride = 32 * 1024;
  fabric.push(0, r, 2);
  r.source_stride = 1024;
  r.destination_stride = 32 * 1024;
  fabric.push(0, r, 3);
  fabric.run();
  EXPECT_EQ(rules(fabric[0]), (std::vector<std::uint32_t>(4, abi::kRuleBadAddress)));
  EXPECT_TRUE(fabric[0].sink.signals.empty());
  EXPECT_TRUE(fabric[1].sink.signals.empty());
  expect_nothing_left(fabric);
}

/// More failures of one kind than there are contexts, and then a message that is well.
void check_contexts_come_back(const Request& bad) {
  Fabric::Options options;
  options.size = options.real = 4_MiB;
  options.cores = 9;
  options.config.messages = 2;
  options.config.gets = 1;
  options.config.replies = 1;
  options.config.eager = 4_KiB;
  Fabric fabric(options);
  fabric.start();
  for (std::uint32_t core = 0; core < 8; ++core)
    fabric.push(0, bad, core);
  fabric.run();
  EXPECT_EQ(rules(fabric[0]), (std::vector<std::uint32_t>(8, abi::kRuleBadAddress)));
  expect_nothing_left(fabric);
  Request good = put_to(1, 100'000);
  std::iota(fabric[0].memory.storage().at(0), fabric[0].memory.storage().at(100'000),
            std::uint8_t{3});
  fabric.push(0, good, 8);
  fabric.run();
  EXPECT_EQ(fabric[0].counters[8]->value(1), 1U);
  EXPECT_TRUE(std::equal(fabric[0].memory.storage().at(0), fabric[0].memory.storage().at(100'000),
                         fabric[1].memory.storage().at(0x100000)));
}

TEST(PullTest, AFailedPutGivesItsContextBack) {
  Request r = beyond_the_end(1);
  r.source_stride = 32 * 1024;
  check_contexts_come_back(r);
}

TEST(PullTest, SoDoesAPutThatFailsAtTheFarEnd) {
  check_contexts_come_back(put_to(1, 4U << 20U));
}

TEST(PullTest, SoDoesAGetThatFailsAtTheFarEnd) {
  Request r = beyond_the_end(0);
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0, 1);
  r.source_stride = 32 * 1024;
  check_contexts_come_back(r);
}

TEST(PullTest, SoDoesAMessageToItself) {
  Request r = beyond_the_end(0);
  r.source_stride = 32 * 1024;
  check_contexts_come_back(r);
}

TEST(PullTest, SoDoesAPacedPutThatFailsWhileItRests) {
  Request r = beyond_the_end(1);
  r.source_stride = 32 * 1024;
  r.pace = 3;
  check_contexts_come_back(r);
}

TEST(PullTest, ASlowSenderDoesNotHoldTheWindow) {
  Fabric fabric(phantom(8));
  fabric.start();
  for (std::uint32_t a = 2; a < 8; ++a) {
    Request slow = put_to(0, 1U << 20U);
    slow.pace = 4;
    fabric.push(a, slow);
  }
  sc_core::sc_start(sc_core::sc_time(50, sc_core::SC_US));
  const std::uint64_t start = now_ps();
  fabric.push(1, put_to(0, 4U << 20U));
  while (fabric[0].sink.signals.empty())
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
  const double rate = (4U << 20U) / (static_cast<double>(now_ps() - start) * 1e-12);
  EXPECT_GT(rate, 0.85 * 50e9 * 512 / 528) << "six of 4/256 leave 0.91";
  fabric.run();
  expect_nothing_left(fabric);
}

}  // namespace
}  // namespace aipu::directcom::test
