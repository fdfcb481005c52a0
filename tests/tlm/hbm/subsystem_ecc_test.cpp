// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "hw/hbm/ecc.h"
#include "tests/tlm/hbm/subsystem_fixture.h"
#include "tlm/hbm/check_cache.h"

namespace aipu::hbm {
namespace {

using test::StockInitiator;

class HbmCheckCache : public testing::Test {
 protected:
  std::vector<CheckAccess> touch(CheckCache& cache, std::uint64_t block, Direction direction,
                                 bool whole = false) {
    std::vector<CheckAccess> accesses;
    cache.touch(block, direction, whole, accesses);
    return accesses;
  }
  const std::vector<CheckAccess> none_{};
};

TEST_F(HbmCheckCache, FetchesOnceWhileItKeeps) {
  CheckCache cache(2);
  EXPECT_EQ(touch(cache, 1, kRead), (std::vector<CheckAccess>{{1, kRead, true}}));
  EXPECT_EQ(touch(cache, 2, kRead), (std::vector<CheckAccess>{{2, kRead, true}}));
  EXPECT_EQ(touch(cache, 1, kRead), none_);
  EXPECT_EQ(touch(cache, 3, kRead), (std::vector<CheckAccess>{{3, kRead, true}}));
  EXPECT_EQ(touch(cache, 1, kRead), none_);  // 2 was the one used longest ago
  EXPECT_EQ(touch(cache, 2, kRead), (std::vector<CheckAccess>{{2, kRead, true}}));
}
TEST_F(HbmCheckCache, WritesChangedOnesWhenTheirPlaceIsNeeded) {
  CheckCache cache(1);
  EXPECT_EQ(touch(cache, 1, kWrite), (std::vector<CheckAccess>{{1, kRead, false}}));
  EXPECT_EQ(touch(cache, 1, kWrite, true), none_);
  EXPECT_EQ(touch(cache, 2, kWrite, true), (std::vector<CheckAccess>{{1, kWrite, false}}));
  EXPECT_EQ(touch(cache, 3, kRead),
            (std::vector<CheckAccess>{{3, kRead, true}, {2, kWrite, false}}));
  EXPECT_EQ(touch(cache, 4, kRead), (std::vector<CheckAccess>{{4, kRead, true}}));
}
TEST_F(HbmCheckCache, KeepingNoneReadsModifiesAndWritesEveryTime) {
  CheckCache cache(0);
  const std::vector<CheckAccess> both{{1, kRead, false}, {1, kWrite, false}};
  EXPECT_EQ(touch(cache, 1, kWrite), both);
  EXPECT_EQ(touch(cache, 1, kWrite), both);
  EXPECT_EQ(touch(cache, 1, kWrite, true), (std::vector<CheckAccess>{{1, kWrite, false}}));
}

class HbmInlineEcc : public test::HbmSubsystemTest {
 protected:
  HbmInlineEcc() {
    use_one_channel(32);
    config_.ecc = Ecc::kInline;
    config_.refresh = Refresh::kNone;
  }
  std::uint64_t data_accesses() const {
    return hbm_->stats().atoms.value() - hbm_->check_accesses();
  }
};

TEST_F(HbmInlineEcc, TheLastNinthIsNoDataAddress) {
  const std::uint64_t end = data_capacity(config_).count;
  EXPECT_LT(end, config_.capacity.count);
  StockInitiator& source = initiator();
  source.read(end - 32, 32);
  source.read(end - 16, 32);
  source.write(end, pattern(32, 1));
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].status, tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(source.requests[1].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(source.requests[2].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  tlm::tlm_generic_payload payload;
  std::vector<std::uint8_t> data(64);
  payload.set_read();
  payload.set_address(end - 32);
  payload.set_data_ptr(data.data());
  payload.set_data_length(64);
  EXPECT_EQ(source.out->transport_dbg(payload), 32U);
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(source.out->get_direct_mem_ptr(payload, dmi));
  EXPECT_EQ(dmi.get_end_address(), end - 1);
}

TEST_F(HbmInlineEcc, SequentialReadsFetchOneAccessForEight) {
  StockInitiator& source = initiator(test::Ending::kCompleted, 32);
  for (std::uint64_t i = 0; i < 1000; ++i)
    source.read(i * 1024, 1024);
  run(ns(1'000'000));
  EXPECT_EQ(data_accesses(), 32'000U);
  EXPECT_EQ(hbm_->check_accesses(), 4'000U);
  const double rate = 1'024'000 / source.requests.back().done.to_seconds();
  const auto peak = static_cast<double>(peak_bytes_per_second(config_));
  EXPECT_LT(rate, 8.0 / 9 * peak);
  EXPECT_GT(rate, 0.7 * peak);
  expect_accounts();
}
TEST_F(HbmInlineEcc, SmallSequentialReadsFindTheCheckBitsKept) {
  StockInitiator& source = initiator();
  for (std::uint64_t i = 0; i < 800; ++i)
    source.read(i * 32, 32);
  run(ns(1'000'000));
  EXPECT_EQ(hbm_->check_accesses(), 100U);
}
TEST_F(HbmInlineEcc, RandomReadsFetchOneAccessEach) {
  StockInitiator& source = initiator();
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i)
    source.read(random() % (data_capacity(config_).count / 32) * 32, 32);
  run(ns(1'000'000));
  EXPECT_GE(hbm_->check_accesses(), 495U);  // but for two in one block by chance
  EXPECT_LE(hbm_->check_accesses(), 500U);
}
TEST_F(HbmInlineEcc, AReadWaitsForItsCheckBits) {
  StockInitiator& source = initiator();
  source.read(0, 32);
  source.read(32, 32).at = ns(1000);  // check bits kept; another closed bank
  run(ns(10'000));
  Config sideband = config_;
  sideband.ecc = Ecc::kSideband;
  Controller controller(sideband);
  controller.offer({kRead, 0, 0, 0, 0}, 0);
  std::vector<Issue> issued;
  controller.drain(issued);
  const Clock clock(command_clock(config_));
  const auto alone = clock.edge_ps(static_cast<std::uint64_t>(issued[0].done));
  EXPECT_GT(source.requests[0].done.value(), alone);
  EXPECT_EQ(source.requests[1].done.value() - 1'000'000, alone);
  EXPECT_EQ(hbm_->check_accesses(), 1U);
}
TEST_F(HbmInlineEcc, WritesOfWholeBlocksFetchNothing) {
  config_.ecc_cache = 4;
  StockInitiator& source = initiator();
  for (std::uint64_t i = 0; i < 100; ++i)
    source.write(i * 256, pattern(256, 1));
  run(ns(100'000));
  sc_core::sc_start(ns(10'000));
  EXPECT_EQ(hbm_->counts(0).accesses[kRead], 0U);
  EXPECT_EQ(hbm_->check_accesses(), 96U);  // all but the four kept have been written
  EXPECT_EQ(hbm_->counts(0).accesses[kWrite], 896U);
}
TEST_F(HbmInlineEcc, WritesOfPartsOfBlocksReadModifyAndWriteCheckBits) {
  config_.ecc_cache = 0;
  StockInitiator& source = initiator();
  for (std::uint64_t i = 0; i < 100; ++i)
    source.write(i * 256 + 64, pattern(32, 1));
  run(ns(100'000));
  sc_core::sc_start(ns(10'000));  // nobody has waited for the last check bits
  EXPECT_EQ(hbm_->counts(0).accesses[kRead], 100U);
  EXPECT_EQ(hbm_->counts(0).accesses[kWrite], 200U);
}
TEST_F(HbmInlineEcc, DataComeBackAsTheyWereWritten) {
  config_.front_queue = 0;
  StockInitiator& source = initiator();
  std::vector<std::uint8_t> image(16384, 0);
  std::vector<std::vector<std::uint8_t>> expected;
  std::mt19937 random(5);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::size_t bytes = 1 + random() % 700;
    const std::size_t at = random() % (image.size() - bytes);
    const auto from = image.begin() + static_cast<std::ptrdiff_t>(at);
    if (random() % 2 == 0) {
      const auto data = pattern(bytes, i);
      std::copy(data.begin(), data.end(), from);
      source.write(at, data);
      expected.emplace_back();
    } else {
      source.read(at, bytes);
      expected.emplace_back(from, from + static_cast<std::ptrdiff_t>(bytes));
    }
  }
  run(ns(1'000'000));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (source.requests[i].write) continue;
    ASSERT_EQ(source.requests[i].data, expected[i]) << i;
  }
}

}  // namespace
}  // namespace aipu::hbm
