// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

/// Someone who knows TLM-2.0 but not DirectCom.
class Stranger : public sc_core::sc_module {
 public:
  explicit Stranger(const sc_core::sc_module_name& name) : sc_module(name) {}
  tlm_utils::simple_initiator_socket<Stranger> out{"out"};
  tlm_utils::simple_target_socket<Stranger> in{"in"};

  tlm::tlm_response_status blocking() {
    prepare();
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    out->b_transport(payload_, delay);
    return payload_.get_response_status();
  }
  tlm::tlm_response_status non_blocking() {
    prepare();
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    EXPECT_EQ(out->nb_transport_fw(payload_, phase, delay), tlm::TLM_COMPLETED);
    return payload_.get_response_status();
  }
  unsigned debug() {
    prepare();
    return out->transport_dbg(payload_);
  }

 private:
  void prepare() {
    payload_.set_command(tlm::TLM_WRITE_COMMAND);
    payload_.set_address(0);
    payload_.set_data_ptr(bytes_);
    payload_.set_data_length(8);
    payload_.set_streaming_width(8);
    payload_.set_byte_enable_ptr(nullptr);
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }

  unsigned char bytes_[8] = {};
  tlm::tlm_generic_payload payload_;
};

void expect_refusals(Stranger& stranger) {
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(stranger.blocking(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(stranger.non_blocking(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(stranger.debug(), 0U);
  sc_core::sc_start();
  EXPECT_EQ(now_ps(), 0U) << "debug accesses and refusals cost no time";
}

TEST(LinkTest, ALaneRefusesAStrangersPayload) {
  Sink sink;
  Config config;
  config.lanes = 1;
  Memory memory("memory", 1_MiB, 1_MiB, {});
  Interface interface("interface", config, Clock(1_GHz), 0, 1, sink, 1);
  Stranger stranger("stranger");
  interface.read_out.bind(memory.in[0]);
  interface.write_out.bind(memory.in[1]);
  stranger.out.bind(interface.lane_in[0]);
  interface.lane_out[0].bind(stranger.in);
  expect_refusals(stranger);
}

TEST(LinkTest, ASwitchPortRefusesAStrangersPayload) {
  const Topology topology = single_switch(1);
  const Routes routes(topology);
  Switch plane("plane", SwitchConfig{}, routes, 0, make_switch_core({}, routes, 0, 1), 1);
  Stranger stranger("stranger");
  stranger.out.bind(plane.port_in[0]);
  plane.port_out[0].bind(stranger.in);
  expect_refusals(stranger);
}

TEST(LinkTest, InterfacesWorkBackToBackWithoutASwitch) {
  Config config;
  Node a(0, 2, 1, config, 1_MiB, 1_MiB, {});
  Node b(1, 2, 1, config, 1_MiB, 1_MiB, {});
  for (std::uint32_t lane = 0; lane < config.lanes; ++lane) {
    a.interface.lane_out[lane].bind(b.interface.lane_in[lane]);
    b.interface.lane_out[lane].bind(a.interface.lane_in[lane]);
  }
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  *a.memory.storage().at(777) = 0x5A;
  Request r;
  r.bytes = 1000;
  r.destination = Gaddr::hbm(0x8000, 1);
  a.queues[0]->push(r.command());
  sc_core::sc_start();
  EXPECT_EQ(*b.memory.storage().at(0x8000 + 777), 0x5A);
  EXPECT_EQ(a.counters[0]->value(1), 1U);
}

TEST(LinkTest, AnIdleFabricCostsNoEvent) {
  Fabric fabric({});
  fabric.start();
  fabric.run();
  for (const auto& plane : fabric.planes)
    EXPECT_EQ(plane->stats().steps.value(), 0U);
  EXPECT_EQ(now_ps(), 0U);
}

TEST(LinkTest, APacketHopCostsAtMostTwoEventsOfTheSwitch) {
  Fabric::Options options;
  options.aipus = 16;
  options.real = 0_B;
  Fabric fabric(options);
  fabric.start();
  for (std::uint32_t a = 0; a < 16; ++a) {
    for (std::uint32_t i = 1; i < 16; ++i) {
      Request r;
      r.destination = Gaddr::hbm(0, (a + i) % 16);
      r.bytes = 64 * 1024;
      fabric.push(a, r);
    }
  }
  fabric.run();
  std::uint64_t steps = 0;
  std::uint64_t packets = 0;
  for (const auto& plane : fabric.planes) {
    steps += plane->stats().steps.value();
    packets += plane->stats().packets.value();
  }
  std::printf("%.3f events per packet-hop\n",
              static_cast<double>(steps) / static_cast<double>(packets));
  EXPECT_LE(steps, 2 * packets);
}

}  // namespace
}  // namespace aipu::directcom::test
