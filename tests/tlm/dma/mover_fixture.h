// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hw/base/gaddr.h"
#include "tests/support/dma_commands.h"
#include "tests/support/flat_memory.h"
#include "tests/support/systemc_test.h"
#include "tlm/dma/mover.h"
#include "tlm/sram/core_sram.h"

namespace aipu::dma {

struct FaultLog : FaultSink {
  void fault(const Fault& f) override { faults.push_back(f); }
  std::vector<Fault> faults;
};

/// Core 5 with two movers straight in front of a flat memory, which stands for everything far.
class MoverFixture : public test::SystemCTest {
 protected:
  static constexpr std::uint32_t kCore = 5;

  explicit MoverFixture(Picoseconds accept = Picoseconds(0), Config config = {}, Bytes real = 1_MiB)
      : far_("far", 4_MiB, 100_ns, accept),
        sram_("sram", sram::Config{}, clock_, real),
        load_("load", config, wiring(regs::abi::kQueueLoad), 0, /*control=*/true),
        store_("store", config, wiring(regs::abi::kQueueStore), 0) {
    for (Mover* mover : {&load_, &store_}) {
      mover->mem_out.bind(far_.mem_in);
      mover->local_out.bind(sram_.mem_in);
    }
    for (std::uint64_t i = 0; i < (4U << 20U); ++i)
      *far_.at(i) = byte_at(i);
  }

  EngineWiring wiring(std::uint32_t queue) {
    EngineWiring w{clock_};
    w.core = kCore;
    w.queue = queue;
    w.counters = &counters_;
    w.faults = &faults_;
    w.sram_port = &sram_;
    w.sram_guard = &sram_.guard();
    return w;
  }
  static std::uint8_t byte_at(std::uint64_t i) {
    return static_cast<std::uint8_t>((i * 2654435761U) >> 13U);
  }
  static Gaddr own(std::uint64_t offset) { return Gaddr::core(kCore, offset); }
  std::uint8_t& local(std::uint64_t offset) { return *sram_.storage().at(offset); }
  void expect_accounts_add_up() {
    for (const Model* model : std::vector<const Model*>{&load_, &store_, &sram_}) {
      std::uint64_t sum = 0;
      for (const TimeShare& share : model->time_shares(now_ps()))
        sum += share.picoseconds;
      EXPECT_EQ(sum, now_ps() * model->servers()) << model->name();
    }
  }

  Clock clock_{1_GHz};
  CounterFile counters_;
  FaultLog faults_;
  test::FlatMemory far_;
  sram::CoreSram sram_;
  Mover load_;
  Mover store_;
};

}  // namespace aipu::dma
