// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

/// Random puts and gets between all AIPUs, each into its own place; every byte must arrive.
void check_random_traffic(const Fabric::Options& options, std::uint32_t rounds) {
  Fabric fabric(options);
  const std::uint32_t n = options.aipus;
  std::mt19937 random(7);
  for (std::uint32_t a = 0; a < n; ++a) {
    for (std::uint64_t i = 0; i < (1_MiB).count; ++i) {
      *fabric[a].memory.storage().at(i) = static_cast<std::uint8_t>(random());
    }
  }
  struct Sent {
    std::uint32_t from, to;
    Request request;
  };
  std::vector<Sent> sent;
  std::vector<std::uint64_t> free_at(n, (2_MiB).count);  // next unused byte of each AIPU
  fabric.start();
  for (std::uint32_t i = 0; i < rounds * n; ++i) {
    Sent s{static_cast<std::uint32_t>(i % n), static_cast<std::uint32_t>(random() % n), {}};
    Request& r = s.request;
    const bool get = random() % 3 == 0;
    r.opcode = get ? dc::kOpGet : dc::kOpPut;
    r.bytes = 1 + static_cast<std::uint32_t>(random() % (i % 4 == 0 ? 5000 : 90));
    r.rows = 1 + static_cast<std::uint32_t>(random() % 9);
    r.source_stride = r.bytes + static_cast<std::uint32_t>(random() % 100);
    r.destination_stride = r.bytes + static_cast<std::uint32_t>(random() % 100);
    r.traffic_class = static_cast<std::uint32_t>(random() % 4);
    const std::uint32_t reader = get ? s.from : s.to;
    const std::uint32_t holder = get ? s.to : s.from;
    r.source = Gaddr::hbm(random() % (900 * 1024), holder);
    r.destination = Gaddr::hbm(free_at[reader], reader);
    free_at[reader] += std::uint64_t{r.rows} * r.destination_stride + 64;
    ASSERT_LT(free_at[reader], options.size.count);
    while (fabric[s.from].queues[0]->free_slots() == 0) {
      sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
    }
    fabric.push(s.from, r);
    sent.push_back(s);
  }
  fabric.run();
  std::vector<std::uint32_t> remote(n, 0);
  std::vector<std::uint32_t> own(n, 0);
  for (const Sent& s : sent) {
    const Request& r = s.request;
    const std::uint32_t reader = r.opcode == dc::kOpGet ? s.from : s.to;
    const std::uint32_t holder = r.opcode == dc::kOpGet ? s.to : s.from;
    ++remote[reader];
    ++own[s.from];
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const std::uint8_t* from =
          fabric[holder].memory.storage().at(r.source.offset() + row * r.source_stride);
      const std::uint8_t* to =
          fabric[reader].memory.storage().at(r.destination.offset() + row * r.destination_stride);
      ASSERT_TRUE(std::equal(from, from + r.bytes, to)) << s.from << " -> " << s.to;
    }
  }
  for (std::uint32_t a = 0; a < n; ++a) {
    EXPECT_EQ(fabric[a].sink.signals.size(), remote[a]) << "every remote add exactly once";
    EXPECT_EQ(fabric[a].counters[0]->value(1), own[a]) << "every command done exactly once";
    EXPECT_TRUE(fabric[a].sink.faults.empty());
    EXPECT_TRUE(fabric[a].interface.waiting_for().empty()) << fabric[a].interface.waiting_for();
  }
}

TEST(MessageTest, RandomPutsAndGetsArriveByteForByte) {
  check_random_traffic({}, 60);
}

TEST(MessageTest, TheyDoThroughAMemoryOfFourPhases) {
  Fabric::Options options;
  options.timing = {30_ns, 5_ns, true};
  check_random_traffic(options, 40);
}

TEST(MessageTest, TheyDoWithEveryBufferAtItsSmallest) {
  check_random_traffic(with_smallest_buffers({}), 30);
}

TEST(MessageTest, TheyDoWithEveryPathChoice) {
  Fabric::Options options;
  options.aipus = 5;
  options.config.plane_choice = PathChoice::kAdaptive;
  check_random_traffic(options, 20);
}

TEST(MessageTest, TheRemoteAddComesAfterTheLastByteAndBeforeTheOwn) {
  Fabric fabric({});
  fabric.start();
  Request r;
  r.bytes = 64 * 1024;
  r.destination = Gaddr::hbm(0x200000, 3);
  r.remote_add = 9U | 5U << 8U | abi::kScopeAllCores << 16U;
  fabric.push(0, r);
  while (fabric[3].sink.signals.empty()) {
    EXPECT_EQ(fabric[0].counters[0]->value(1), 0U);
    ASSERT_LT(now_ps(), 100'000'000U);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  }
  EXPECT_EQ(fabric[3].memory.written(), 64U * 1024U);
  EXPECT_EQ(fabric[3].sink.signals[0].counter, 9U);
  EXPECT_EQ(fabric[3].sink.signals[0].amount, 5U);
  EXPECT_EQ(fabric[3].sink.signals[0].scope, std::uint32_t{abi::kScopeAllCores});
  EXPECT_EQ(fabric[0].counters[0]->value(1), 0U) << "the acknowledgement is still on its way";
  fabric.run();
  EXPECT_EQ(fabric[0].counters[0]->value(1), 1U);
  EXPECT_EQ(fabric[3].sink.signals.size(), 1U);
}

TEST(MessageTest, AGetAddsAtTheAipuWhereItsBytesLand) {
  Fabric fabric({});
  fabric.start();
  Request r;
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0x1000, 2);
  r.destination = Gaddr::core(0, 0x3000);
  fabric.push(1, r);
  fabric.run();
  EXPECT_EQ(fabric[1].sink.signals.size(), 1U);
  EXPECT_EQ(fabric[2].sink.signals.size(), 0U);
  EXPECT_EQ(fabric[2].interface.stats().replies.value(), 1U);
}

TEST(MessageTest, ScopeSelfIsTheCoreWithTheNumberOfTheIssuer) {
  Fabric::Options options;
  options.cores = 3;
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.opcode = dc::kOpNotify;
  r.destination = Gaddr::hbm(0, 1);
  fabric.push(0, r, 2);
  fabric.run();
  ASSERT_EQ(fabric[1].sink.signals.size(), 1U);
  EXPECT_EQ(fabric[1].sink.signals[0].scope, 2U);
}

TEST(MessageTest, AnAmountOfZeroAddsNothing) {
  Fabric fabric({});
  fabric.start();
  Request r;
  r.destination = Gaddr::hbm(0x200000, 1);
  r.remote_add = 0;
  fabric.push(0, r);
  fabric.run();
  EXPECT_TRUE(fabric[1].sink.signals.empty());
  EXPECT_EQ(fabric[0].counters[0]->value(1), 1U);
}

TEST(MessageTest, AMessageToItselfUsesNoLane) {
  Fabric fabric({});
  fabric.start();
  std::iota(fabric[1].memory.storage().at(0), fabric[1].memory.storage().at(200), std::uint8_t{1});
  Request r;
  r.bytes = 200;
  r.destination = Gaddr::hbm(0x8000, 1);
  fabric.push(1, r);
  r.opcode = dc::kOpNotify;
  fabric.push(1, r);
  fabric.run();
  EXPECT_EQ(*fabric[1].memory.storage().at(0x8000 + 199), 200);
  EXPECT_EQ(fabric[1].interface.stats().packets_sent.value(), 0U);
  EXPECT_EQ(fabric[1].interface.stats().local.value(), 200U);
  EXPECT_EQ(fabric[1].sink.signals.size(), 2U);
  EXPECT_EQ(fabric[1].counters[0]->value(1), 2U);
}

TEST(MessageTest, ControlOvertakesBulk) {
  Fabric::Options options;
  options.cores = 2;
  Fabric fabric(options);
  fabric.start();
  Request bulk;
  bulk.bytes = 4 * 1024 * 1024;
  bulk.destination = Gaddr::hbm(0x800000, 1);
  bulk.traffic_class = 3;
  bulk.remote_add = 3U | 1U << 8U;
  fabric.push(0, bulk, 0);
  sc_core::sc_start(sc_core::sc_time(20, sc_core::SC_US));
  Request small;
  small.destination = Gaddr::hbm(0x700000, 1);
  small.traffic_class = 0;
  const std::uint64_t start = now_ps();
  fabric.push(0, small, 1);
  fabric.run();
  const auto& signals = fabric[1].sink.signals;
  ASSERT_EQ(signals.size(), 2U);
  EXPECT_EQ(signals[0].counter, 0U);
  // At most one bulk packet ahead of it on the lane, in the switch and in the memory port.
  EXPECT_LT(signals[0].time - start, 700'000U + 3 * 33 * 1280U);
}

TEST(MessageTest, IllegalCommandsFaultWithTheirRule) {
  Fabric::Options options;
  options.cores = 4;
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.destination = Gaddr::hbm(0, 4);
  fabric.push(0, r, 0);
  r.destination = Gaddr::hbm(0, 1);
  r.source = Gaddr::hbm(options.size.count);  // beyond local memory
  fabric.push(0, r, 1);
  r.source = Gaddr::hbm(0);
  r.destination = Gaddr::hbm(options.size.count, 1);  // beyond remote memory
  fabric.push(0, r, 2);
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(options.size.count, 1);
  r.destination = Gaddr::hbm(0);
  fabric.push(0, r, 3);
  fabric.run();
  std::vector<std::uint32_t> rules;
  for (const Fault& f : fabric[0].sink.faults)
    rules.push_back(f.rule);
  EXPECT_EQ(rules, (std::vector<std::uint32_t>{abi::kRuleBadDestination, abi::kRuleBadAddress,
                                               abi::kRuleBadAddress, abi::kRuleBadAddress}));
  EXPECT_TRUE(fabric[1].sink.signals.empty());
  EXPECT_EQ(fabric[0].counters[0]->value(1), 0U);
}

TEST(MessageTest, ASourceThatIsBeingWrittenIsAnIllegalAct) {
  Fabric fabric({});
  fabric.start();
  int other = 0;
  fabric[0].guard.claim({0x1000, 0x2000, true, &other});
  Request r;
  r.source = Gaddr::core(0, 0x1800);
  r.destination = Gaddr::hbm(0, 1);
  fabric.push(0, r);
  fabric.run();
  ASSERT_EQ(fabric[0].sink.faults.size(), 1U);
  EXPECT_EQ(fabric[0].sink.faults[0].rule, std::uint32_t{abi::kRuleOverlap});
}

}  // namespace
}  // namespace aipu::directcom::test
