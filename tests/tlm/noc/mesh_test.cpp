// SPDX-License-Identifier: Apache-2.0
#include "tlm/noc/mesh.h"

#include <memory>
#include <string>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "tests/support/flat_memory.h"
#include "tests/support/systemc_test.h"
#include "tlm/core/transaction.h"
#include "tlm/sram/core_sram.h"
#include "tlm/sram/shared_sram.h"

namespace aipu::noc {
namespace {

/// An initiator port; notes when each phase reached it.
struct Driver : sc_core::sc_module {
  explicit Driver(const sc_core::sc_module_name& n) : sc_module(n) {
    out.register_nb_transport_bw(this, &Driver::nb_transport_bw);
  }
  struct Answer {
    tlm::tlm_sync_enum sync;
    std::uint64_t at;  ///< ps, absolute
  };
  Answer send(tlm::tlm_command command, Gaddr address, std::uint32_t bytes) {
    Transaction& t = pool.acquire();
    t.prepare(command, address.raw, bytes);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const auto sync = out->nb_transport_fw(t, phase, delay);
    status = t.get_response_status();
    last = &t;
    return {sync, now_ps() + delay.value()};
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    const std::uint64_t at = now_ps() + delay.value();
    if (phase == tlm::END_REQ) {
      accepted.push_back(at);
      return tlm::TLM_ACCEPTED;
    }
    responses.push_back(at);
    status = payload.get_response_status();
    if (end_response_itself) {
      pending.push_back(&payload);
      return tlm::TLM_ACCEPTED;
    }
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_initiator_socket<Driver, 256> out{"out"};
  TransactionPool pool;
  std::vector<std::uint64_t> accepted;
  std::vector<std::uint64_t> responses;
  std::vector<tlm::tlm_generic_payload*> pending;
  tlm::tlm_generic_payload* last = nullptr;
  bool end_response_itself = false;
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
};

std::uint32_t channel_of(const void*, std::uint64_t offset) {
  return static_cast<std::uint32_t>(offset / 1024 % 64);
}

constexpr std::uint32_t kCores = 32;
constexpr std::uint64_t kHop = 2'000;

class MeshTest : public test::SystemCTest {
 protected:
  explicit MeshTest(Picoseconds accept = Picoseconds(0))
      : hbm_("hbm", 1_MiB, 100_ns, accept), mesh_("mesh", Config{}, wiring()) {
    for (std::uint32_t i = 0; i < kCores; ++i) {
      drivers_.push_back(std::make_unique<Driver>(("driver" + std::to_string(i)).c_str()));
      drivers_[i]->out.bind(mesh_.core_in);
      mesh_.hbm_out.bind(hbm_.mem_in);
      mesh_.shared_out.bind(shared_.mem_in);
    }
    for (std::uint32_t i = 0; i <= kCores; ++i) {
      srams_.push_back(std::make_unique<sram::CoreSram>(("sram" + std::to_string(i)).c_str(),
                                                        sram::Config{}, clock_, 64_KiB));
      mesh_.core_out.bind(srams_[i]->mem_in);
    }
    run(ns(1));
  }
  Wiring wiring() const {
    Wiring w{clock_};
    w.aipu = 2;
    for (std::uint32_t i = 0; i < kCores; ++i)
      w.port_tiles.push_back(i);
    w.core_tiles = w.port_tiles;
    w.core_tiles.push_back(Config{}.control_tile);
    w.compute_cores = kCores;
    w.hbm = {64, channel_of, nullptr};
    w.banks = 32;
    return w;
  }
  std::uint64_t header(std::uint32_t from, std::uint32_t to) const {
    return kHop * (topology_.distance(from, to) + 1);
  }
  static constexpr std::uint64_t kData = 4'000;  ///< 1 KiB on a link

  Clock clock_{1_GHz};
  Topology topology_{Config{}};
  test::FlatMemory hbm_;
  sram::SharedSram shared_{"shared", sram::Config{}, clock_, 1_MiB};
  Mesh mesh_;
  std::vector<std::unique_ptr<sram::CoreSram>> srams_;
  std::vector<std::unique_ptr<Driver>> drivers_;
};

TEST_F(MeshTest, AReadTakesHeaderMemoryHeaderAndOneSerialisation) {
  const std::uint64_t start = now_ps();
  for (const std::uint32_t port : {0U, 7U, 13U, 30U}) {
    const std::uint64_t begin = now_ps();
    Driver& d = *drivers_[port];
    const auto answer = d.send(tlm::TLM_READ_COMMAND, Gaddr::hbm(5 * 1024), 1024);
    EXPECT_EQ(answer.sync, tlm::TLM_UPDATED);
    EXPECT_EQ(answer.at, begin + 1'000U);
    run(ns(1'000));
    const std::uint64_t way = header(port, topology_.tile_of_channel(5, 64));
    ASSERT_EQ(d.responses.size(), 1U);
    EXPECT_EQ(d.responses[0], begin + way + 100'000U + way + kData) << port;
  }
  EXPECT_EQ(mesh_.stats().packets.value(), 4U);
  EXPECT_EQ(mesh_.stats().bytes.value(), 4096U);
  sc_core::sc_start(ns(10));
  const auto shares = mesh_.time_shares(now_ps());
  EXPECT_EQ(shares[0].picoseconds + shares[1].picoseconds, now_ps() * mesh_.servers());
  EXPECT_GT(shares[0].picoseconds, 0U);
  EXPECT_EQ(start, 0U);
}

TEST_F(MeshTest, AWriteToACoreCarriesDataThereAndAnAcknowledgementBack) {
  const auto answer = drivers_[0]->send(tlm::TLM_WRITE_COMMAND, Gaddr::core(31, 512, 2), 1024);
  EXPECT_EQ(answer.sync, tlm::TLM_COMPLETED);
  EXPECT_EQ(answer.at, header(0, 31) + kData + 2'000U + header(31, 0));  // SRAM: 2 cycles
  EXPECT_EQ(srams_[31]->stats().written.value(), 1024U);
  EXPECT_EQ(mesh_.stats().hop_bytes.value(), 1024U * 10);
}

TEST_F(MeshTest, SharedSramIsReachedAtTheTileOfItsBank) {
  const auto answer = drivers_[4]->send(tlm::TLM_READ_COMMAND, Gaddr::shared(29 * 1024), 256);
  EXPECT_EQ(answer.sync, tlm::TLM_COMPLETED);
  EXPECT_EQ(answer.at, header(4, 29) + 12'000U + 2'000U + header(29, 4) + 1'000U);
}

TEST_F(MeshTest, TwoFlowsOverOneLinkGetHalfEachAndNeverMoreThanItCarries) {
  // Tiles 0 and 1 both write to core 2: their paths share the link from 1 to 2.
  std::uint64_t last[2] = {0, 0};
  for (int i = 0; i < 50; ++i) {
    for (std::uint32_t port = 0; port < 2; ++port) {
      last[port] = drivers_[port]->send(tlm::TLM_WRITE_COMMAND, Gaddr::core(2, 0), 1024).at;
    }
  }
  // 100 packets of 4 cycles through one link.
  for (const std::uint64_t at : last) {
    EXPECT_GE(at, 99U * kData);
    EXPECT_LE(at, 100U * kData + 20'000U);
  }
  const std::uint32_t link = Topology::link(1, Direction::kEast);
  EXPECT_EQ(mesh_.links().busy(link, ~0ULL), 100U * kData);
  EXPECT_LE(mesh_.links().busy(link, 200'000U), 200'000U);
}

TEST_F(MeshTest, DisjointPathsDoNotDisturbEachOther) {
  const auto first = drivers_[0]->send(tlm::TLM_WRITE_COMMAND, Gaddr::core(1, 0), 1024);
  const auto second = drivers_[8]->send(tlm::TLM_WRITE_COMMAND, Gaddr::core(9, 0), 1024);
  EXPECT_EQ(first.at, second.at);
}

TEST_F(MeshTest, AMulticastReachesEveryComputeCoreAndChargesEachLinkOnce) {
  Driver& d = *drivers_[Config{}.control_tile];
  const auto answer = d.send(tlm::TLM_WRITE_COMMAND, Gaddr::core(Gaddr::kAllCores, 128), 256);
  EXPECT_EQ(answer.sync, tlm::TLM_COMPLETED);
  EXPECT_EQ(d.status, tlm::TLM_OK_RESPONSE);
  for (std::uint32_t core = 0; core < kCores; ++core) {
    EXPECT_EQ(srams_[core]->stats().written.value(), 256U);
  }
  EXPECT_EQ(srams_[kCores]->stats().written.value(), 0U);
  EXPECT_EQ(mesh_.stats().hop_bytes.value(), 256U * 31);  // a tree over 32 tiles
  // Farthest core from tile 11 (column 3, row 1): 24 or 31, six hops away.
  EXPECT_EQ(answer.at, 7 * kHop + 1'000U + 1'000U + 7 * kHop);
}

TEST_F(MeshTest, WhatNamesNoMemoryOfThisAipuIsAnAddressError) {
  Driver& d = *drivers_[3];
  const Gaddr bad[] = {Gaddr::hbm(0, 7), Gaddr::core(33, 0), Gaddr{0x5FFF'0000'0000'0000U},
                       Gaddr::core(4, 2U << 20U)};
  for (const Gaddr address : bad) {
    EXPECT_EQ(d.send(tlm::TLM_READ_COMMAND, address, 64).sync, tlm::TLM_COMPLETED);
    EXPECT_EQ(d.status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << address.raw;
  }
  EXPECT_EQ(d.send(tlm::TLM_READ_COMMAND, Gaddr::core(Gaddr::kAllCores, 0), 64).sync,
            tlm::TLM_COMPLETED);
  EXPECT_EQ(d.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(MeshTest, AnInitiatorMayEndTheResponseItself) {
  Driver& d = *drivers_[0];
  d.end_response_itself = true;
  d.send(tlm::TLM_READ_COMMAND, Gaddr::hbm(0), 64);
  run(ns(1'000));
  ASSERT_EQ(d.pending.size(), 1U);
  tlm::tlm_phase phase = tlm::END_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  d.out->nb_transport_fw(*d.pending[0], phase, delay);
  d.pending[0]->release();
  d.end_response_itself = false;
  d.send(tlm::TLM_READ_COMMAND, Gaddr::hbm(0), 64);
  run(ns(1'000));
  EXPECT_EQ(d.responses.size(), 2U);
}

TEST_F(MeshTest, BlockingAndDebugAccessesAreServed) {
  std::uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(Gaddr::core(9, 40).raw);
  payload.set_data_ptr(data);
  payload.set_data_length(8);
  payload.set_streaming_width(8);
  EXPECT_EQ(drivers_[0]->out->transport_dbg(payload), 8U);
  EXPECT_EQ(srams_[9]->storage().at(40)[7], 8);
  EXPECT_EQ(mesh_.stats().requests.value(), 0U);
  payload.set_command(tlm::TLM_READ_COMMAND);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  std::fill(std::begin(data), std::end(data), std::uint8_t{0});
  drivers_[0]->out->b_transport(payload, delay);
  EXPECT_EQ(data[7], 8);
  EXPECT_EQ(payload.get_address(), Gaddr::core(9, 40).raw);
  EXPECT_EQ(delay.value(), 2 * header(0, 9) + 1'000U + 1'000U);
}

class ReluctantHbmTest : public MeshTest {
 protected:
  ReluctantHbmTest() : MeshTest(30_ns) {}
};

TEST_F(ReluctantHbmTest, AWithheldEndReqReachesItsOwnPortOnly) {
  drivers_[0]->send(tlm::TLM_READ_COMMAND, Gaddr::hbm(0), 64);
  EXPECT_EQ(drivers_[1]->send(tlm::TLM_WRITE_COMMAND, Gaddr::core(1, 0), 64).sync,
            tlm::TLM_COMPLETED);
  run(ns(1'000));
  ASSERT_EQ(drivers_[0]->accepted.size(), 1U);
  EXPECT_EQ(drivers_[0]->accepted[0], 30'000U);  // the header's way is charged with the response
  EXPECT_TRUE(drivers_[1]->accepted.empty());
  EXPECT_EQ(drivers_[0]->responses.size(), 1U);
}

}  // namespace
}  // namespace aipu::noc
