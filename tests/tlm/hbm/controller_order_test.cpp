// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tlm/hbm/controller_driver.h"

namespace aipu::hbm {
namespace {

using test::Driver;
using test::hbm2;
using ::testing::ElementsAre;

std::vector<std::string> with(const std::string& a, const std::string& b = "") {
  std::vector<std::string> result{"refresh=none", a};
  if (!b.empty()) result.push_back(b);
  return result;
}

/// One bank: a row is open, then a conflict and a hit wait for it together.
std::vector<std::uint32_t> conflict_and_hit(const Config& config) {
  Driver d(config);
  d.read(0, 0, 1);
  d.read(1, 0, 2);
  d.read(2, 0, 1, 5);
  d.drain();
  return d.order();
}

TEST(HbmControllerOrder, HitsGoFirstExceptInAFifo) {
  EXPECT_THAT(conflict_and_hit(hbm2(with("scheduler=fr_fcfs"))), ElementsAre(0, 2, 1));
  EXPECT_THAT(conflict_and_hit(hbm2(with("scheduler=fifo"))), ElementsAre(0, 1, 2));
}

TEST(HbmControllerOrder, AStarvingRequestGoesBeforeHits) {
  Driver d(hbm2(with("starvation=100 ns")));
  d.read(0, 0, 1);
  const auto starving = d.read(1, 0, 2);
  for (std::uint32_t i = 0; i < 200; ++i)
    d.read(2 + 4 * i, 0, 1, i % 32);
  d.drain();
  EXPECT_LT(d.column(starving), 100 + 150);
}

TEST(HbmControllerOrder, PagesCloseAsThePolicySays) {
  const auto commands = [](const char* page, std::uint32_t second_row) {
    Driver d(hbm2(with(page)));
    d.read(0, 0, 1);
    if (second_row != 0) d.read(0, 0, second_row, 1);
    d.drain();
    return d.log[1].command;
  };
  EXPECT_EQ(commands("page=open", 2), kRd);
  EXPECT_EQ(commands("page=closed", 1), kRda);
  EXPECT_EQ(commands("page=open_adaptive", 0), kRd);
  EXPECT_EQ(commands("page=open_adaptive", 1), kRd);
  EXPECT_EQ(commands("page=open_adaptive", 2), kRda);
  EXPECT_EQ(commands("page=closed_adaptive", 0), kRda);
  EXPECT_EQ(commands("page=closed_adaptive", 1), kRd);
}

TEST(HbmControllerOrder, AnAutoPrechargeIsFollowedByAnActivateAfterRtpAndRp) {
  Driver d(hbm2(with("page=closed")));
  d.read(0, 0, 1);
  d.read(100, 0, 2);
  d.read(100, 0, 3);
  d.drain();
  EXPECT_EQ(d.times(kPre).size(), 0U);
  EXPECT_EQ(d.times(kAct)[2] - d.times(kAct)[1], 48);  // tRC is longer than tRCD + tRTP + tRP
}

TEST(HbmControllerOrder, WritesWaitForTheWatermarkOrTheEndOfReads) {
  Driver d(hbm2({"refresh=none", "scheduler=watermark", "write_high=4", "write_low=1"}));
  for (std::uint32_t i = 0; i < 8; ++i)
    d.read(i, 0, 1, i);
  const auto early = d.write(8, 1, 1, 0);
  for (std::uint32_t i = 0; i < 8; ++i)
    d.read(9 + i, 0, 1, 8 + i);
  d.drain();
  EXPECT_EQ(d.order().back(), early);

  Driver full(hbm2({"refresh=none", "scheduler=watermark", "write_high=4", "write_low=1"}));
  std::vector<std::uint32_t> writes;
  for (std::uint32_t i = 0; i < 5; ++i)
    writes.push_back(full.write(i, 1, 1, i));
  for (std::uint32_t i = 0; i < 64; ++i)
    full.read(1, 0, 1, i % 32);
  full.drain();
  // Four of five go at once, one is kept for the next drain: the end of the reads.
  const auto order = full.order();
  EXPECT_EQ(order.back(), writes.back());
}

TEST(HbmControllerOrder, ReadsAndWritesOfTheSameBytesKeepTheirOrder) {
  for (const char* scheduler : {"scheduler=watermark", "scheduler=grp_fr_fcfs",
                                "scheduler=fr_fcfs_grp", "scheduler=fr_fcfs", "scheduler=fifo"}) {
    Driver d(hbm2(with(scheduler)));
    std::vector<std::uint32_t> same;
    for (std::uint32_t i = 0; i < 24; ++i) {
      d.read(0, i % 4, i / 8, i % 32);
      same.push_back(d.offer(i % 3 == 0 ? kWrite : kRead, 0, 5, 9, 3));
      d.write(0, i % 4, i / 8, i % 32);
    }
    d.drain();
    // Reads may change places among themselves only.
    for (std::size_t i = 0; i < same.size(); ++i) {
      for (std::size_t j = i + 1; j < same.size(); ++j) {
        if (i % 3 != 0 && j % 3 != 0) continue;
        EXPECT_LT(d.column(same[i]), d.column(same[j])) << scheduler << " " << i << " " << j;
      }
    }
    EXPECT_EQ(d.issued.size(), 72U) << scheduler;
  }
}

TEST(HbmControllerOrder, AdmissionOfOneDirectionNeedNotWaitForTheOther) {
  for (const bool own : {true, false}) {
    Driver d(hbm2({"refresh=none", "scheduler=watermark", "write_queue=2", "write_high=1",
                   "write_low=0", own ? "admission=own" : "admission=both"}));
    d.write(0, 0, 1, 0);
    d.write(0, 0, 2, 0);
    const auto read = d.read(0, 1, 1);
    d.drain();
    EXPECT_EQ(d.of(read).waited, !own);
  }
}

TEST(HbmControllerOrder, AnOpenBufferFreesTheQueueWithTheActivate) {
  for (const bool buffer : {false, true}) {
    Driver d(hbm2({"refresh=none", "read_queue=1", "write_queue=1", "write_high=1", "write_low=0",
                   buffer ? "open_buffer=4" : "open_buffer=0", "admission=own"}));
    const auto first = d.read(0, 0, 1);
    const auto second = d.read(0, 1, 1);
    d.drain();
    EXPECT_EQ(d.of(second).accepted, buffer ? d.times(kAct)[0] + 1 : d.column(first));
  }
}

TEST(HbmControllerOrder, WithoutProtectionAConflictClosesARowThatHitsWaitFor) {
  const auto acts = [](bool protect) {
    Driver d(hbm2({"refresh=none", protect ? "protect_hits=true" : "protect_hits=false"}));
    d.read(0, 0, 1);
    for (std::uint32_t i = 0; i < 8; ++i)
      d.write(2, 1, 3, i);  // from 29 on they keep reads off the bus (tWTR)
    d.read(30, 0, 2);       // the row may be closed from 36 on (tRAS)
    d.read(30, 0, 1, 1);    // a hit of it
    d.drain();
    return d.times(kAct).size();
  };
  EXPECT_EQ(acts(true), 3U);
  EXPECT_EQ(acts(false), 4U);
}

}  // namespace
}  // namespace aipu::hbm
