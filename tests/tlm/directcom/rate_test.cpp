// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

constexpr double kPeak = 50e9 * 512 / 528;  ///< payload of 4 lanes, bytes/s

/// A piece of wire that marks data while it is told to, as a switch with a long queue does.
class Marker : public sc_core::sc_module {
 public:
  explicit Marker(const sc_core::sc_module_name& name) : sc_module(name) {
    in.register_nb_transport_fw(this, &Marker::forward);
    in.register_transport_dbg(this, &Marker::debug);
    out.register_nb_transport_bw(this, &Marker::backward);
  }
  tlm_utils::passthrough_target_socket<Marker> in{"in"};
  tlm_utils::simple_initiator_socket<Marker> out{"out"};
  bool marking = false;
  std::uint32_t marks = 0;

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay) {
    auto* packet = payload.get_extension<PacketExtension>();
    if (marking && phase == tlm::BEGIN_REQ && packet->header.type == PacketType::kData) {
      packet->header.mark = true;
      ++marks;
    }
    return out->nb_transport_fw(payload, phase, delay);
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay) {
    return in->nb_transport_bw(payload, phase, delay);
  }
  unsigned debug(tlm::tlm_generic_payload& payload) { return out->transport_dbg(payload); }
};

/// Two AIPUs without a switch; what goes from 0 to 1 can be marked.
class RateTest : public testing::Test {
 protected:
  RateTest() : nodes_{node(0), node(1)} {
    for (std::uint32_t lane = 0; lane < config_.lanes; ++lane) {
      markers_.push_back(std::make_unique<Marker>(("marker" + std::to_string(lane)).c_str()));
      nodes_[0]->interface.lane_out[lane].bind(markers_[lane]->in);
      markers_[lane]->out.bind(nodes_[1]->interface.lane_in[lane]);
      nodes_[1]->interface.lane_out[lane].bind(nodes_[0]->interface.lane_in[lane]);
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  std::unique_ptr<Node> node(std::uint32_t aipu) const {
    return std::make_unique<Node>(aipu, 2, 1, config_, 64_MiB, 0_B, Memory::Timing{});
  }
  void mark(bool on) {
    for (auto& marker : markers_)
      marker->marking = on;
  }
  void put(std::uint32_t bytes, std::uint32_t traffic_class, std::uint32_t pace = 0) {
    Request r;
    r.destination = Gaddr::hbm(0x100000, 1);
    r.bytes = bytes;
    r.traffic_class = traffic_class;
    r.pace = pace;
    nodes_[0]->queues[0]->push(r.command());
  }
  /// Share of the peak that a message takes from now to its end.
  double share(std::uint32_t bytes, std::uint32_t traffic_class, std::uint32_t pace = 0) {
    const std::uint64_t start = now_ps();
    put(bytes, traffic_class, pace);
    run_dry();
    return bytes / (static_cast<double>(now_ps() - start) * 1e-12) / kPeak;
  }
  void run_dry() {
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_MS), sc_core::SC_EXIT_ON_STARVATION);
    EXPECT_EQ(nodes_[0]->interface.waiting_for(), "");
    EXPECT_EQ(nodes_[1]->interface.waiting_for(), "");
  }
  const Interface::Stats& source() const { return nodes_[0]->interface.stats(); }

  Config config_;
  std::unique_ptr<Node> nodes_[2];
  std::vector<std::unique_ptr<Marker>> markers_;
};

TEST_F(RateTest, APacedPutKeepsToItsShareOfThePort) {
  EXPECT_NEAR(share(4U << 20U, 2, 64), 0.25, 0.0025);
  EXPECT_NEAR(share(1U << 20U, 2, 16), 1.0 / 16, 0.001);
  EXPECT_GT(share(16U << 20U, 2), 0.99) << "and the next one is free";
}

TEST_F(RateTest, APacedPutOfShortRowsPaysForItsHeaders) {
  Request r;
  r.destination = Gaddr::hbm(0x100000, 1);
  r.bytes = 16;  // two flits a row
  r.rows = 20'000;
  r.source_stride = r.destination_stride = 16;
  r.pace = 64;
  const std::uint64_t start = now_ps();
  nodes_[0]->queues[0]->push(r.command());
  run_dry();
  EXPECT_NEAR(static_cast<double>(now_ps() - start), 20'000.0 * 2 * 1280, 2e6);
}

TEST_F(RateTest, APacedGetIsPacedByTheOtherSide) {
  Request r;
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0, 0);
  r.destination = Gaddr::hbm(0x100000, 1);
  r.bytes = 4U << 20U;
  r.pace = 64;
  const std::uint64_t start = now_ps();
  nodes_[1]->queues[0]->push(r.command());
  run_dry();
  EXPECT_NEAR(r.bytes / (static_cast<double>(now_ps() - start) * 1e-12) / kPeak, 0.25, 0.0025);
}

TEST_F(RateTest, MarksSlowBulkDownUntilCutsAndRecoveryBalance) {
  mark(true);
  put(8U << 20U, 3);
  sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_US));
  const std::uint64_t before = source().sent[3].value();
  sc_core::sc_start(sc_core::sc_time(200, sc_core::SC_US));
  const double rate = static_cast<double>(source().sent[3].value() - before) / 200e-6;
  // Every T it loses a quarter and has regained g = T / 500 ns: it swings between 3g and 4g. T is
  // mark_interval (2 us) and up to a read (66 flits at 12/256: 0.45 us) until the next mark comes.
  EXPECT_GT(rate * kFullRate / kPeak, 12.0);
  EXPECT_LT(rate * kFullRate / kPeak, 4 * 2.45 / 0.5);
  EXPECT_LE(source().slow_downs.value(), 300U / 2U + 1U) << "one in mark_interval";
  EXPECT_GT(source().slow_downs.value(), 100U);
  mark(false);
  run_dry();
  EXPECT_EQ(nodes_[1]->sink.signals.size(), 1U);
}

TEST_F(RateTest, ARateRecoversByTimeAndNothingTicks) {
  mark(true);
  EXPECT_LT(share(1U << 20U, 3), 0.5);
  mark(false);
  const std::uint64_t idle = now_ps();
  sc_core::sc_start(to_time(config_.rate_recovery * kFullRate));
  EXPECT_EQ(sc_core::sc_time_to_pending_activity(),
            sc_core::sc_max_time() - sc_core::sc_time_stamp());
  EXPECT_EQ(now_ps(), idle + config_.rate_recovery.count * kFullRate);
  EXPECT_GT(share(16U << 20U, 3), 0.99);
}

TEST_F(RateTest, OtherClassesAreNotSlowedDown) {
  mark(true);
  EXPECT_GT(share(16U << 20U, 2), 0.99);
  EXPECT_EQ(source().slow_downs.value(), 0U);
  EXPECT_EQ(nodes_[1]->interface.stats().marked.value(), (16U << 20U) / 512U);
}

TEST_F(RateTest, OneSlowDownCostsAQuarterOfTheRate) {
  mark(true);
  put(4U << 20U, 3);
  while (source().slow_downs.value() == 0)
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
  mark(false);
  sc_core::sc_start(sc_core::sc_time(3, sc_core::SC_US));  // what was under way has gone
  const std::uint64_t before = source().sent[3].value();
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_US));
  const double rate = static_cast<double>(source().sent[3].value() - before) / 10e-6 / kPeak;
  EXPECT_NEAR(rate, 0.75 + 8.0 / 500 * 1000 / kFullRate, 0.04) << "and what 8 us brought back";
  run_dry();
}

}  // namespace
}  // namespace aipu::directcom::test
