// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <tlm_utils/simple_target_socket.h>
#include <unistd.h>

#include "tests/support/systemc_test.h"
#include "tests/tlm/dma/chip_fixture.h"

namespace aipu::dma {
namespace {

/// Seeded traffic on all cores: loads, stores, core to core, fills, multicasts. Returns a digest of
/// all times at which counters moved, sampled every 100 ns, and the end.
std::string digest_of_traffic(ChipOfMovers& chip) {
  for (std::uint32_t core = 0; core < ChipOfMovers::kCores; ++core) {
    const auto far = [core](std::uint64_t i) { return Gaddr::hbm((core * 37 + i) * 20'000 + 13); };
    const std::uint32_t next = (core + 5) % ChipOfMovers::kCores;
    chip.loads[core]->push(test::copy_command(far(0), Gaddr::core(core, 200'000), 30'000));
    chip.loads[core]->push(test::copy_command(Gaddr::shared(core * 50'000U),
                                              Gaddr::core(core, 240'000), 10'000, 3, 1,
                                              {11'000, 10'000, 0, 0}));
    chip.loads[core]->push(
        test::copy_command(Gaddr::core(core, 100), Gaddr::core(core, 300'001), 5'000));
    chip.stores[core]->push(test::copy_command(Gaddr::core(core, 120'000), far(9), 30'000));
    chip.stores[core]->push(
        test::copy_command(Gaddr::core(core, 160'000), Gaddr::core(next, 600'000), 9'000));
    chip.stores[core]->push(test::fill_command(core, Gaddr::shared(core * 8'000U), 7'000));
  }
  chip.loads[ChipOfMovers::kCores]->push(
      test::copy_command(Gaddr::hbm(0), Gaddr::core(Gaddr::kAllCores, 700'000), 4'096));
  std::string digest;
  for (int i = 0; i < 200; ++i) {
    sc_core::sc_start(sc_core::sc_time::from_value(100'000));
    for (const auto& counters : chip.counters)
      digest += std::to_string(counters->value(1));
  }
  for (const auto& mover : chip.loads)
    digest += std::to_string(mover->time_shares(now_ps())[0].picoseconds);
  for (const auto& mover : chip.stores)
    digest += std::to_string(mover->time_shares(now_ps())[0].picoseconds);
  return digest;
}

class MoverMeshTest : public test::SystemCTest {};

TEST_F(MoverMeshTest, TimingIsTheSameWithAndWithoutBytes) {
  // Two simulations: the timing-only one runs in a child, before this process starts its own.
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  if (child == 0) {
    ChipOfMovers chip(64_MiB, /*real=*/128_KiB);
    const std::string digest = digest_of_traffic(chip);
    const auto written = write(channel[1], digest.data(), digest.size());
    std::_Exit(written == static_cast<ssize_t>(digest.size()) ? 0 : 1);
  }
  close(channel[1]);
  std::string timing_only;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(channel[0], buffer, sizeof(buffer))) > 0;) {
    timing_only.append(buffer, static_cast<std::size_t>(n));
  }
  int status = 1;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ChipOfMovers chip(64_MiB);
  EXPECT_EQ(digest_of_traffic(chip), timing_only);
  EXPECT_EQ(chip.faults.count, 0);
  for (std::uint32_t core = 0; core < ChipOfMovers::kCores; ++core) {
    EXPECT_EQ(chip.counters[core]->value(1), 6U) << core;
  }
  EXPECT_EQ(chip.counters[ChipOfMovers::kCores]->value(1), 1U);
}

TEST_F(MoverMeshTest, AMulticastLandsEverywhereBeforeItCounts) {
  ChipOfMovers chip(1_MiB);
  for (std::uint32_t i = 0; i < 2048; ++i)
    *chip.memory.at(i) = static_cast<std::uint8_t>(i * 7);
  chip.loads[32]->push(test::copy_command(Gaddr::hbm(0), Gaddr::core(Gaddr::kAllCores, 64), 2048));
  run(ns(10'000));
  EXPECT_EQ(chip.counters[32]->value(1), 1U);
  for (std::uint32_t core = 0; core < ChipOfMovers::kCores; ++core) {
    for (std::uint32_t i = 0; i < 2048; ++i) {
      ASSERT_EQ(*chip.srams[core]->storage().at(64 + i), static_cast<std::uint8_t>(i * 7));
    }
  }
}

TEST_F(MoverMeshTest, OneCoreStreamsAtTheRateOfItsPort) {
  ChipOfMovers chip(1_MiB);
  for (unsigned i = 0; i < 8; ++i) {
    chip.stores[9]->push(
        test::copy_command(Gaddr::core(9, i * 65'536U), Gaddr::hbm(i * 65'536U), 65'536));
  }
  run(ns(100'000));
  EXPECT_EQ(chip.counters[9]->value(1), 8U);
  // 64 credits of 1 KiB over a round trip of about 240 ns: the port (256 B/cycle) binds.
  EXPECT_GE(now_ps(), 8U * 65'536U / 256U * 1000U);
  EXPECT_LT(now_ps(), 8U * 65'536U / 256U * 1000U + 400'000U);
}

/// A third party's memory: a stock socket that only knows b_transport, and waits in it.
struct StockMemory : sc_core::sc_module {
  explicit StockMemory(const sc_core::sc_module_name& n) : sc_module(n) {
    in.register_b_transport(this, &StockMemory::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    sc_core::wait(delay + sc_core::sc_time::from_value(50'000));
    delay = sc_core::SC_ZERO_TIME;
    std::fill_n(payload.get_data_ptr(), payload.get_data_length(), std::uint8_t{0x5A});
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  tlm_utils::simple_target_socket<StockMemory, 256> in{"in"};
};

TEST_F(MoverMeshTest, StockSocketsBindAndWork) {
  const Clock clock(1_GHz);
  CounterFile counters;
  NoFaults faults;
  sram::CoreSram sram("sram", sram::Config{}, clock, 1_MiB);
  noc::Wiring w{clock};
  w.port_tiles = {0};
  w.core_tiles = {0};
  noc::Mesh mesh("mesh", noc::Config{}, w);
  StockMemory memory("memory");
  EngineWiring e{clock};
  e.counters = &counters;
  e.faults = &faults;
  Mover mover("mover", Config{}, e, 0);
  mover.mem_out.bind(mesh.core_in);
  mover.local_out.bind(sram.mem_in);
  mesh.hbm_out.bind(memory.in);
  mesh.core_out.bind(sram.mem_in);
  mover.push(test::copy_command(Gaddr::hbm(0), Gaddr::core(0, 7), 5'000));
  run(ns(100'000));
  EXPECT_EQ(counters.value(1), 1U);
  EXPECT_EQ(*sram.storage().at(7), 0x5A);
  EXPECT_EQ(*sram.storage().at(5'006), 0x5A);
  EXPECT_EQ(*sram.storage().at(5'007), 0);
}

}  // namespace
}  // namespace aipu::dma
