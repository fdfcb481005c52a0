// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/tlm/hbm/subsystem_fixture.h"

namespace aipu::hbm {
namespace {

using test::Ending;
using test::StockInitiator;

class HbmProtocol : public test::HbmSubsystemTest {
 protected:
  /// Many requests of all kinds; all answered, whatever way the initiator ends responses.
  void expect_all_answered(Ending ending, std::uint32_t front_queue = 32) {
    config_.front_queue = front_queue;
    StockInitiator& source = initiator(ending);
    for (std::uint32_t i = 0; i < 500; ++i) {
      if (i % 3 == 0) {
        source.write(i * 777, pattern(1 + i * 2 % 1000, i));
      } else {
        source.read(i * 1234, 1 + i * 7 % 1024);
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

TEST_F(HbmProtocol, ServesAnInitiatorThatCompletesResponses) {
  expect_all_answered(Ending::kCompleted);
}
TEST_F(HbmProtocol, ServesAnInitiatorThatUpdatesToEndResponse) {
  expect_all_answered(Ending::kUpdated);
}
TEST_F(HbmProtocol, ServesAnInitiatorThatEndsResponsesLater) {
  expect_all_answered(Ending::kLater);
}

TEST_F(HbmProtocol, ServesAnInitiatorThatEndsResponsesLaterWithoutAFrontQueue) {
  expect_all_answered(Ending::kLater, 0);
}
TEST_F(HbmProtocol, ServesAnInitiatorThatUpdatesToEndResponseThroughShortFrontQueues) {
  expect_all_answered(Ending::kUpdated, 1);
}

TEST_F(HbmProtocol, WithholdsEndRequestWhileAPortIsFull) {
  config_.front_queue = 4;
  build();
  StockInitiator& source = initiator(Ending::kCompleted, 64);
  StockInitiator& other = initiator(Ending::kCompleted, 64);
  const AddressMap map(config_);
  std::vector<std::uint64_t> same;  // on one pseudo-channel
  for (std::uint64_t a = 0; same.size() < 60; a += 1024) {
    if (map.locate(a).channel == 5) same.push_back(a);
  }
  for (std::size_t i = 0; i < 30; ++i) {
    source.read(same[i], 1024);
    other.read(same[30 + i], 1024);
  }
  run(ns(100'000));
  const auto withheld = [](const StockInitiator& d) {
    return std::count_if(d.requests.begin(), d.requests.end(),
                         [](const auto& r) { return r.withheld; });
  };
  // Four fill the port; then every one waits, and both initiators get room in turn.
  EXPECT_EQ(withheld(source) + withheld(other), 56);
  EXPECT_EQ(withheld(other), 30);
  EXPECT_NEAR(source.requests.back().done.to_seconds(), other.requests.back().done.to_seconds(),
              300e-9);
  expect_accounts();
}

TEST_F(HbmProtocol, NoFrontQueueWithholdsEndRequestUntilTheSchedulerHasTheWholeRequest) {
  config_.front_queue = 0;
  config_.refresh = Refresh::kNone;
  build();
  StockInitiator& source = initiator();
  source.read(0, 32);
  source.read(4096, 1024);
  source.read(512, 1024);  // halves in two pseudo-channels
  source.write(8 * 4096 + 16, pattern(16, 1));
  for (std::size_t i = 0; i < 4; ++i)
    source.requests[i].at = ns(1000 * i);
  run(ns(10'000));
  const Clock clock(command_clock(config_));
  const std::uint64_t cks[] = {1, 32, 16, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& request = source.requests[i];
    EXPECT_TRUE(request.withheld);
    EXPECT_EQ(request.accepted.value(), clock.edge_ps(clock.edge_at(i * 1'000'000) + cks[i]));
    EXPECT_EQ(request.end_delay, sc_core::SC_ZERO_TIME);
    EXPECT_GT(request.done, request.accepted);
  }
}

TEST_F(HbmProtocol, AnAnnotatedDelayIsALaterArrival) {
  config_.refresh = Refresh::kNone;
  StockInitiator& now = initiator();
  now.read(0, 32);
  StockInitiator& later = initiator();
  later.read(1024, 32).annotated = ns(100);
  run(ns(10'000));
  const double apart = (later.requests[0].done - now.requests[0].done).to_seconds() * 1e9;
  EXPECT_NEAR(apart, 100.0, 0.6);
  EXPECT_TRUE(later.requests[0].withheld);
}

TEST_F(HbmProtocol, RefusesAddressesBeyondTheCapacity) {
  StockInitiator& source = initiator();
  source.read((1_GiB).count, 32);
  source.read((1_GiB).count - 16, 32);
  source.read(~0ULL - 3, 32);
  source.read((1_GiB).count - 32, 32);
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(source.requests[1].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(source.requests[2].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(source.requests[3].status, tlm::TLM_OK_RESPONSE);
}

TEST_F(HbmProtocol, RefusesMoreThanAPage) {
  StockInitiator& source = initiator();
  source.read(0, 1025);
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].status, tlm::TLM_BURST_ERROR_RESPONSE);
}

}  // namespace
}  // namespace aipu::hbm
