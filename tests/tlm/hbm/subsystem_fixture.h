// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "tests/support/systemc_test.h"
#include "tests/tlm/hbm/driver.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::test {

/// A Subsystem of 1 GiB in all, with stock initiators.
class HbmSubsystemTest : public SystemCTest {
 protected:
  hbm::Config config_ = [] {
    hbm::Config config;
    config.capacity = 1_GiB;
    return config;
  }();
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<hbm::Subsystem> hbm_;
  std::vector<std::unique_ptr<Driver>> drivers_;

  void build(Bytes real = 1_GiB) {
    storage_ = std::make_unique<Storage>(config_.capacity, real);
    hbm_ = std::make_unique<hbm::Subsystem>("hbm", config_, *storage_);
  }
  Driver& driver(Ending ending = Ending::kCompleted, std::size_t outstanding = 64) {
    if (hbm_ == nullptr) build();
    const std::string name = "driver" + std::to_string(drivers_.size());
    drivers_.push_back(std::make_unique<Driver>(name.c_str(), ending, outstanding));
    drivers_.back()->out.bind(hbm_->mem_in);
    return *drivers_.back();
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
