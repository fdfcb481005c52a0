// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/protocol_checker.h"
#include "tests/support/stock_initiator.h"
#include "tests/support/systemc_test.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::test {

/// A Subsystem of 1 GiB in all. Stock initiators reach it through protocol checkers; at the end of
/// a test every transaction must have ended and every payload have come back.
class HbmSubsystemTest : public SystemCTest {
 protected:
  hbm::Config config_ = [] {
    hbm::Config config;
    config.capacity = 1_GiB;
    return config;
  }();
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<hbm::Subsystem> hbm_;
  std::vector<std::unique_ptr<StockInitiator>> initiators_;
  std::vector<std::unique_ptr<ProtocolChecker>> checkers_;
  bool all_must_end_ = true;

  void build(Bytes real = 1_GiB) {
    storage_ = std::make_unique<Storage>(config_.capacity, real);
    hbm_ = std::make_unique<hbm::Subsystem>("hbm", config_, *storage_);
  }
  StockInitiator& initiator(Ending ending = Ending::kCompleted, std::size_t outstanding = 64) {
    if (hbm_ == nullptr) build();
    return initiator_of(*hbm_, ending, outstanding);
  }
  StockInitiator& initiator_of(hbm::Subsystem& target, Ending ending = Ending::kCompleted,
                               std::size_t outstanding = 64) {
    const std::string number = std::to_string(initiators_.size());
    initiators_.push_back(
        std::make_unique<StockInitiator>(("initiator" + number).c_str(), ending, outstanding));
    checkers_.push_back(std::make_unique<ProtocolChecker>(("checker" + number).c_str()));
    initiators_.back()->out.bind(checkers_.back()->in);
    checkers_.back()->out.bind(target.mem_in);
    return *initiators_.back();
  }
  void TearDown() override {
    if (!all_must_end_) return;
    for (const auto& checker : checkers_)
      checker->expect_all_ended();
    for (const auto& source : initiators_) {
      EXPECT_EQ(source->completed(), source->requests.size());
      EXPECT_TRUE(source->balanced()) << "a payload has not come back";
    }
  }

  /// One pseudo-channel with the given front queue, and no fixed latencies.
  void use_one_channel(std::uint32_t front_queue) {
    config_.stacks = 1;
    config_.pseudo_channels = 1;
    config_.front_queue = front_queue;
    config_.controller_latency = 0_ps;
    config_.phy_latency = 0_ps;
  }
  static std::vector<std::uint8_t> pattern(std::size_t bytes, std::uint32_t seed) {
    std::vector<std::uint8_t> data(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
      data[i] = static_cast<std::uint8_t>((i + 1) * 2654435761U * (seed + 1) >> 13U);
    }
    return data;
  }
  void expect_accounts() const {
    const std::uint64_t now = now_ps();
    std::uint64_t sum = 0;
    for (const TimeShare& share : hbm_->time_shares(now))
      sum += share.picoseconds;
    EXPECT_EQ(sum, now * hbm_->servers());
  }
  std::uint64_t share(const std::string& cause) const {
    for (const TimeShare& share : hbm_->time_shares(now_ps())) {
      if (share.cause == cause) return share.picoseconds;
    }
    return 0;
  }
};

}  // namespace aipu::test
