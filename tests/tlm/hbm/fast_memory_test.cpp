// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/fast_memory.h"

#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "tests/support/stock_initiator.h"
#include "tests/support/systemc_test.h"
#include "tlm/core/clock.h"

namespace aipu::hbm {
namespace {

using test::Ending;
using test::StockInitiator;

constexpr std::uint64_t kDrain = 256'000;  // bytes/us: a link of 256 B at 1 GHz

/// An initiator that knows of spans: long requests one after another, each as soon as the one
/// before is accepted.
class Streamer : public sc_core::sc_module {
 public:
  explicit Streamer(const sc_core::sc_module_name& name) : sc_module(name) {
    out.register_nb_transport_bw(this, &Streamer::nb_transport_bw);
    SC_HAS_PROCESS(Streamer);
    SC_METHOD(send);
    sensitive << next_;
    dont_initialize();
  }
  void start() { next_.notify(sc_core::SC_ZERO_TIME); }

  struct Request {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
    bool write = false;
    std::uint64_t accepted = 0, announced = 0, done = 0;  // ps
    std::vector<std::uint8_t> data = {};
  };
  std::vector<Request> requests;
  tlm_utils::simple_initiator_socket<Streamer, 256> out{"out"};

 private:
  void send() {
    while (sent_ < requests.size()) {
      Request& request = requests[sent_++];
      Transaction& transaction = pool_.acquire();
      transaction.prepare(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
                          request.address, request.bytes);
      transaction.owner = &request;
      if (request.write) {
        std::copy(request.data.begin(), request.data.end(), transaction.get_data_ptr());
      }
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      if (out->nb_transport_fw(transaction, phase, delay) == tlm::TLM_ACCEPTED) return;
      request.accepted = now_ps() + delay.value();
    }
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    auto& transaction = static_cast<Transaction&>(payload);
    Request& request = *static_cast<Request*>(transaction.owner);
    if (phase == tlm::END_REQ) {
      request.accepted = now_ps();
      next_.notify(sc_core::SC_ZERO_TIME);
      return tlm::TLM_ACCEPTED;
    }
    request.announced = now_ps();
    request.done = now_ps() + delay.value();
    if (!request.write) {
      request.data.assign(payload.get_data_ptr(), payload.get_data_ptr() + request.bytes);
    }
    transaction.release();
    return tlm::TLM_COMPLETED;
  }

  TransactionPool pool_;
  std::size_t sent_ = 0;
  sc_core::sc_event next_;
};

class FastMemoryTest : public test::SystemCTest {
 protected:
  Config config_ = [] {
    Config config;
    config.capacity = 1_GiB;
    return config;
  }();
  Calibration calibration_ = [] {
    Calibration c;
    c.read_granule = 40_ns;
    c.write_granule = 50_ns;
    c.turnaround = 8_ns;
    c.bank = 10_ns;
    c.read_latency = 30_ns;
    c.write_latency = 20_ns;
    return c;
  }();
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<FastMemory> hbm_;
  std::vector<std::unique_ptr<StockInitiator>> initiators_;
  std::vector<std::unique_ptr<Streamer>> streamers_;

  std::uint64_t fixed() const { return (config_.controller_latency + config_.phy_latency).count; }
  void build() {
    storage_ = std::make_unique<Storage>(config_.capacity, config_.capacity);
    hbm_ = std::make_unique<FastMemory>("hbm", config_, *storage_, calibration_, kDrain);
  }
  StockInitiator& initiator(Ending ending = Ending::kCompleted) {
    if (hbm_ == nullptr) build();
    const std::string name = "initiator" + std::to_string(initiators_.size());
    initiators_.push_back(std::make_unique<StockInitiator>(name.c_str(), ending));
    initiators_.back()->out.bind(hbm_->mem_in);
    return *initiators_.back();
  }
  Streamer& streamer() {
    if (hbm_ == nullptr) build();
    const std::string name = "streamer" + std::to_string(streamers_.size());
    streamers_.push_back(std::make_unique<Streamer>(name.c_str()));
    streamers_.back()->out.bind(hbm_->mem_in);
    streamers_.back()->start();
    return *streamers_.back();
  }
  std::uint64_t share(const std::string& cause) const {
    for (const TimeShare& share : hbm_->time_shares(now_ps())) {
      if (share.cause == cause) return share.picoseconds;
    }
    return 0;
  }
  void expect_accounts() const {
    std::uint64_t sum = 0;
    for (const TimeShare& share : hbm_->time_shares(now_ps()))
      sum += share.picoseconds;
    EXPECT_EQ(sum, now_ps() * hbm_->servers());
  }
  /// Many requests of all kinds; all answered, whatever way the initiator ends responses.
  void expect_all_answered(Ending ending) {
    StockInitiator& source = initiator(ending);
    for (std::uint32_t i = 0; i < 500; ++i) {
      if (i % 3 == 0) {
        source.write(i * 777, std::vector<std::uint8_t>(1 + i * 131 % 9000, 1));
      } else {
        source.read(i * 1234, 1 + i * 71 % 9000);
      }
    }
    run(ns(1'000'000));
    ASSERT_EQ(source.completed(), 500U);
    for (const auto& request : source.requests)
      EXPECT_EQ(request.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(hbm_->stats().requests.value(), 500U);
    EXPECT_EQ(hbm_->waiting_for(), "");
    expect_accounts();
  }
};

TEST_F(FastMemoryTest, ServesAnInitiatorThatCompletesResponses) {
  expect_all_answered(Ending::kCompleted);
}
TEST_F(FastMemoryTest, ServesAnInitiatorThatUpdatesToEndResponse) {
  expect_all_answered(Ending::kUpdated);
}
TEST_F(FastMemoryTest, ServesAnInitiatorThatEndsResponsesLater) {
  expect_all_answered(Ending::kLater);
}

TEST_F(FastMemoryTest, OneGranuleTakesServiceAndLatency) {
  StockInitiator& source = initiator();
  source.read(4096, 1024).at = ns(100);
  source.write(4096 + 1024, std::vector<std::uint8_t>(1024)).at = ns(1000);
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].done.value(), 100'000 + 40'000 + 30'000 + fixed());
  EXPECT_EQ(source.requests[1].done.value(), 1'000'000 + 50'000 + 20'000 + fixed());
}

TEST_F(FastMemoryTest, ASmallPieceOfAClosedRowTakesTheTimeOfItsBanks) {
  StockInitiator& source = initiator();
  source.read(0, 32).at = ns(100);
  source.read(32, 32).at = ns(1000);
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].done.value(), 100'000 + 10'000 + 30'000 + fixed());
  EXPECT_EQ(source.requests[1].done.value(), 1'000'000 + 40'000 / 32 + 30'000 + fixed());
  EXPECT_EQ(hbm_->stats().row_hits.value(), 1U);
  EXPECT_EQ(hbm_->stats().row_misses.value(), 1U);
}

TEST_F(FastMemoryTest, ALongRequestUsesAllChannelsAtOnce) {
  Streamer& source = streamer();
  source.requests.push_back({0, 64 * 1024});
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].done, 40'000 + 30'000 + fixed());
  EXPECT_EQ(hbm_->stats().atoms.value(), 64U * 32);
  EXPECT_EQ(hbm_->stats().bytes_read.value(), 64U * 1024);
  EXPECT_EQ(hbm_->stats().requests.value(), 1U);
  EXPECT_EQ(share("busy"), 64 * Clock(command_clock(config_)).span(Cycles(64)).count);
  expect_accounts();
}

TEST_F(FastMemoryTest, SaturatedChannelsRunAtTheCalibratedRateForEverySizeOfRequest) {
  calibration_.bank = 1_ns;
  for (int i = 0; i < 4; ++i) {
    Streamer& source = streamer();
    for (std::uint64_t at = 0; at < 4 << 20; at += 3000) {
      source.requests.push_back({(static_cast<std::uint64_t>(i) << 24U) + at, 3000});
    }
  }
  run(ns(1'000'000));
  std::uint64_t last = 0, bytes = 0;
  for (const auto& source : streamers_) {
    for (const auto& request : source->requests) {
      ASSERT_NE(request.done, 0U);
      last = std::max(last, request.done);
      bytes += request.bytes;
    }
  }
  const double ideal = static_cast<double>(bytes) / 1024 / 64 * 40'000;
  EXPECT_NEAR(static_cast<double>(last), ideal, 0.03 * ideal);
  expect_accounts();
}

TEST_F(FastMemoryTest, ResponsesWithASpanAreAnnouncedWhenTheirDataBeginToFlow) {
  Streamer& source = streamer();
  source.requests.push_back({0, 32 * 1024});
  Streamer& other = streamer();
  for (std::uint64_t i = 1; i < 8; ++i)
    other.requests.push_back({i * 64 * 1024, 48 * 1024});
  run(ns(10'000));
  for (const auto& request : other.requests) {
    EXPECT_LE(request.announced, request.done);
    EXPECT_LE(request.done - request.announced, 48 * 1024 * 1'000'000ULL / kDrain);
  }
}

TEST_F(FastMemoryTest, WithholdsEndRequestWhileAChannelOwesMoreThanItsQueueHolds) {
  config_.read_queue = 4;
  Streamer& source = streamer();
  for (std::uint64_t i = 0; i < 20; ++i)
    source.requests.push_back({i * 64 * 1024, 64 * 1024});
  run(ns(10'000));
  std::size_t immediately = 0;
  for (std::size_t i = 0; i < source.requests.size(); ++i) {
    const auto& request = source.requests[i];
    immediately += request.accepted == 0 ? 1 : 0;
    ASSERT_NE(request.done, 0U);
    EXPECT_GE(request.accepted + 5 * 40'000 + 30'000 + fixed(), request.done);
  }
  EXPECT_EQ(immediately, 5U);
}

TEST_F(FastMemoryTest, BytesKeepTheOrderOfAcceptance) {
  Streamer& source = streamer();
  std::vector<std::uint8_t> first(5000, 1), second(100, 2);
  source.requests.push_back({1000, 5000, true, 0, 0, 0, first});
  source.requests.push_back({3000, 100, true, 0, 0, 0, second});
  source.requests.push_back({2950, 200});
  run(ns(10'000));
  std::vector<std::uint8_t> expected(200, 1);
  std::fill(expected.begin() + 50, expected.begin() + 150, std::uint8_t{2});
  EXPECT_EQ(source.requests[2].data, expected);
  EXPECT_EQ(hbm_->stats().bytes_written.value(), 5100U);
}

TEST_F(FastMemoryTest, RefusesWhatLiesOutsideOrIsTooLong) {
  StockInitiator& source = initiator();
  source.read((1_GiB).count - 16, 32);
  source.read(0, FastMemory::kMaxRequest + 1);
  source.read(0, FastMemory::kMaxRequest);
  run(ns(100'000));
  EXPECT_EQ(source.requests[0].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(source.requests[1].status, tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(source.requests[2].status, tlm::TLM_OK_RESPONSE);
}

TEST_F(FastMemoryTest, AccountsAddUpAtEveryMomentOfATurningStream) {
  Streamer& source = streamer();
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto bytes = static_cast<std::uint32_t>(1 + i * 997 % 40'000);
    Streamer::Request request{i * 31'337, bytes, i % 4 == 0};
    request.data.assign(bytes, 0);
    source.requests.push_back(request);
  }
  std::uint64_t busy = 0;
  for (int i = 0; i < 400; ++i) {
    sc_core::sc_start(ns(37), sc_core::SC_RUN_TO_TIME);
    expect_accounts();
    EXPECT_GE(share("busy") + 64U * 1000, busy);
    busy = share("busy");
  }
  EXPECT_GT(share("turnaround"), 0U);
}

}  // namespace
}  // namespace aipu::hbm
