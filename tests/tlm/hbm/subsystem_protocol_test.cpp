// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/tlm/hbm/subsystem_fixture.h"

namespace aipu::hbm {
namespace {

using test::StockInitiator;
using test::Ending;

class HbmProtocol : public test::HbmSubsystemTest {
 protected:
  /// Many requests of all kinds; all answered, whatever way the initiator ends responses.
  void expect_all_answered(Ending ending) {
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

TEST_F(HbmProtocol, WithholdsEndRequestWhileAQueueIsFull) {
  config_.read_queue = 4;
  build();
  StockInitiator& source = initiator(Ending::kCompleted, 64);
  StockInitiator& other = initiator(Ending::kCompleted, 64);
  // Same pseudo-channel: the hash repeats with the granule of the whole turn.
  const Interleaving interleaving(config_);
  std::vector<std::uint64_t> same;
  for (std::uint64_t a = 0; same.size() < 40; a += 1024) {
    if (interleaving.locate(a).channel == 5) same.push_back(a);
  }
  for (std::size_t i = 0; i < 20; ++i) {
    source.read(same[i], 1024);
    other.read(same[20 + i], 1024);
  }
  run(ns(100'000));
  EXPECT_EQ(source.completed(), 20U);
  EXPECT_EQ(other.completed(), 20U);
  const auto withheld = [](const StockInitiator& d) {
    return std::count_if(d.requests.begin(), d.requests.end(),
                         [](const auto& r) { return r.withheld; });
  };
  EXPECT_GT(withheld(source), 10);
  EXPECT_GT(withheld(other), 10);
  // Both share the channel: neither is ready long before the other.
  EXPECT_NEAR(source.requests.back().done.to_seconds(), other.requests.back().done.to_seconds(),
              100e-9);
  expect_accounts();
}

TEST_F(HbmProtocol, AnAnnotatedDelayIsALaterArrival) {
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
