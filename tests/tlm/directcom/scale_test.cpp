// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

/// Memory of this process, in bytes.
std::uint64_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t pages = 0;
  statm >> total >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST(ScaleTest, AnInterfaceAmong4096AipusIsSmall) {
  constexpr std::uint32_t kInterfaces = 256;
  Sink sink;
  std::vector<std::unique_ptr<Interface>> interfaces;
  interfaces.reserve(kInterfaces);
  const std::uint64_t before = resident();
  for (std::uint32_t a = 0; a < kInterfaces; ++a) {
    interfaces.push_back(std::make_unique<Interface>(("interface" + std::to_string(a)).c_str(),
                                                     Config{}, Clock(1_GHz), a, 4096, sink, a));
  }
  EXPECT_LT((resident() - before) / kInterfaces, 128U << 10U) << "bytes each";
}

TEST(ScaleTest, AipusOfHighNumbersTalkToEachOther) {
  constexpr std::uint32_t kCount = 4096;
  constexpr std::uint32_t kFirst = 2047;
  constexpr std::uint32_t kLast = 4094;  // 4095 in an address means the own AIPU
  Config config;
  config.eager = 4_KiB;
  Node first(kFirst, kCount, 1, config, 4_MiB, 4_MiB, {});
  Node last(kLast, kCount, 1, config, 4_MiB, 4_MiB, {});
  for (std::uint32_t lane = 0; lane < config.lanes; ++lane) {
    first.interface.lane_out[lane].bind(last.interface.lane_in[lane]);
    last.interface.lane_out[lane].bind(first.interface.lane_in[lane]);
  }
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  for (std::uint64_t i = 0; i < 100'000; ++i)
    *first.memory.storage().at(i) = static_cast<std::uint8_t>(i * 13 + i / 256);
  Request r;
  r.bytes = 100'000;
  r.destination = Gaddr::hbm(0x100000, kLast);
  first.queues[0]->push(r.command());
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS), sc_core::SC_EXIT_ON_STARVATION);
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0x100000, kLast);
  r.destination = Gaddr::hbm(0x200000);
  first.queues[0]->push(r.command());
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS), sc_core::SC_EXIT_ON_STARVATION);
  EXPECT_EQ(first.counters[0]->value(1), 2U);
  const std::uint8_t* const bytes = first.memory.storage().at(0);
  EXPECT_TRUE(std::equal(bytes, bytes + r.bytes, first.memory.storage().at(0x200000)));
  EXPECT_EQ(first.interface.waiting_for(), "");
  EXPECT_EQ(last.interface.waiting_for(), "");
}

}  // namespace
}  // namespace aipu::directcom::test
