// SPDX-License-Identifier: Apache-2.0
// Time stack, statistics, storage, transactions, range guard.
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/support/child.h"
#include "tlm/core/range_guard.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"
#include "tlm/core/storage.h"
#include "tlm/core/time_queue.h"
#include "tlm/core/transaction.h"
#include "tlm/core/written_map.h"

namespace aipu::test {
namespace {

TEST(TimeStackTest, ItsPartsAddUpAtEveryMoment) {
  TimeStack stack(3);
  std::uint64_t now = 0, busy = 0;
  for (std::uint64_t i = 1; i < 500; ++i) {
    const std::size_t state = i * 7 % 3;
    stack.enter(state, now);
    now += i;
    if (state == 1) busy += i;
    const auto parts = stack.read(now);
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), std::uint64_t{0}), now);
    ASSERT_EQ(parts[1], busy);
    ASSERT_EQ(stack.state(), state);
  }
}

TEST(RingTest, KeepsTheOrderWhileItGrowsAroundItsEnd) {
  Ring<int> ring;
  int in = 0, out = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 3; ++i)
      ring.push(in++);
    ASSERT_EQ(ring.at(ring.size() - 1), in - 1);
    ASSERT_EQ(ring.pop(), out++);
  }
  EXPECT_EQ(ring.size(), 100U);
  while (!ring.empty())
    ASSERT_EQ(ring.pop(), out++);
  EXPECT_EQ(out, in);
}

TEST(TimeQueueTest, GivesTheEarliestAndAtOneTimeTheFirst) {
  TimeQueue<int> queue;
  EXPECT_EQ(queue.next(), TimeQueue<int>::kNever);
  for (int i = 0; i < 20; ++i)
    queue.push(static_cast<std::uint64_t>(100 - i % 4), i);
  std::uint64_t last = 0;
  int before = 0;
  while (!queue.empty()) {
    const std::uint64_t at = queue.next();
    const int what = queue.pop();
    ASSERT_EQ(at, static_cast<std::uint64_t>(100 - what % 4));
    ASSERT_GE(at, last);
    if (at == last) {
      ASSERT_GT(what, before);
    }
    last = at;
    before = what;
  }
}

TEST(StatGroupTest, ListsItsCountersInOrderOfDeclaration) {
  struct : StatGroup {
    Counter first{*this, "first", Unit::kBytes, "one"};
    Counter second{*this, "second", Unit::kFlops, "two"};
  } group;
  group.second += 5;
  ++group.second;
  ASSERT_EQ(group.counters().size(), 2U);
  EXPECT_STREQ(group.counters()[0]->name(), "first");
  EXPECT_EQ(group.counters()[1]->value(), 6U);
  EXPECT_STREQ(to_string(group.counters()[1]->unit()), "FLOP");
}

TEST(StorageTest, AHugeMemoryCostsWhatIsTouchedAndReadsAsZero) {
  const ChildResult child = in_child([] {
    constexpr std::uint64_t kGiB = 1ULL << 30U;
    Storage storage(64_GiB);
    storage.at(64 * kGiB - 1)[0] = 7;
    storage.at(5 * kGiB)[0] = 9;
    const bool zero = storage.at(kGiB)[0] == 0;
    return std::string(zero && storage.at(5 * kGiB)[0] == 9 ? "zero" : "dirty");
  });
  EXPECT_EQ(child.output, "zero");
  EXPECT_LT(child.peak_bytes, 256U << 20U);
}

TEST(StorageTest, OnlyItsFirstBytesAreRealInTimingMode) {
  const Storage storage(1_MiB, 4_KiB);
  EXPECT_TRUE(storage.is_real(4095, 1));
  EXPECT_FALSE(storage.is_real(4095, 2));
  EXPECT_TRUE(storage.contains((1U << 20U) - 4, 4));
  EXPECT_FALSE(storage.contains((1U << 20U) - 4, 5));
  EXPECT_FALSE(storage.contains(~std::uint64_t{0}, 2)) << "the sum must not wrap";
  EXPECT_EQ(Storage(4_KiB, 1_MiB).real(), 4_KiB);
}

TEST(TransactionPoolTest, RecyclesAndGivesEachFreshFields) {
  TransactionPool pool;
  Transaction& first = pool.acquire();
  first.prepare(tlm::TLM_WRITE_COMMAND, 0x40, 256);
  first.set_phantom(true);
  first.set_response_status(tlm::TLM_OK_RESPONSE);
  std::uint8_t* const buffer = first.get_data_ptr();
  EXPECT_TRUE(is_phantom(first));
  first.release();

  Transaction& again = pool.acquire();
  EXPECT_EQ(&again, &first);
  again.prepare(tlm::TLM_READ_COMMAND, 0x80, Transaction::kMaxBytes);
  EXPECT_EQ(again.get_data_ptr(), buffer);
  EXPECT_EQ(again.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_EQ(again.get_streaming_width(), Transaction::kMaxBytes);
  EXPECT_FALSE(is_phantom(again));
  EXPECT_NE(&pool.acquire(), &again);
}

TEST(TransactionPoolTest, AReferenceMoreKeepsItOut) {
  TransactionPool pool;
  Transaction& held = pool.acquire();
  held.acquire();
  held.release();
  EXPECT_NE(&pool.acquire(), &held);
  held.release();
  EXPECT_EQ(&pool.acquire(), &held);
}

TEST(TransactionPoolTest, PayloadsOfOthersCarryRealData) {
  tlm::tlm_generic_payload payload;
  EXPECT_FALSE(is_phantom(payload));
}

TEST(WrittenMapTest, FindsTheFirstByteThatNobodyWrote) {
  WrittenMap map(4096);
  EXPECT_EQ(map.first_unwritten(100, 200), 100U);
  map.mark(0, 1000);
  EXPECT_FALSE(map.first_unwritten(0, 1000));
  EXPECT_EQ(map.first_unwritten(900, 1100), 1000U);
  map.mark(1004, 4096);
  EXPECT_EQ(map.first_unwritten(0, 4096), 1000U) << "a hole of one word";
  map.mark(1003, 1004);
  EXPECT_FALSE(map.first_unwritten(0, 4096)) << "one byte writes its word";
  EXPECT_FALSE(map.first_unwritten(8, 8)) << "an empty range";
}

TEST(WrittenMapTest, AgreesWithAPlainListOfWords) {
  WrittenMap map(2048);
  std::vector<bool> words(512);
  for (std::uint32_t i = 0; i < 40; ++i) {
    const std::uint32_t begin = i * 977 % 2000, end = begin + 1 + i * 31 % 48;
    map.mark(begin, end);
    for (std::uint32_t b = begin; b < end; ++b)
      words[b / 4] = true;
    for (std::uint32_t from = 0; from < 2048; from += 4) {
      const auto hole = std::find(words.begin() + from / 4, words.end(), false) - words.begin();
      const auto found = map.first_unwritten(from, 2048);
      ASSERT_EQ(found.value_or(2048), static_cast<std::uint64_t>(hole) * 4) << i << ' ' << from;
    }
  }
}

class RangeGuardTest : public testing::Test {
 protected:
  std::optional<RangeGuard::Range> read(std::uint32_t begin, std::uint32_t end, const int* user) {
    return guard_.claim({begin, end, false, user});
  }
  std::optional<RangeGuard::Range> write(std::uint32_t begin, std::uint32_t end, const int* user) {
    return guard_.claim({begin, end, true, user});
  }
  RangeGuard guard_;
  const int a_ = 0, b_ = 0;
};

TEST_F(RangeGuardTest, ReadersShareAndAWriterDoesNot) {
  EXPECT_FALSE(read(100, 200, &a_));
  EXPECT_FALSE(read(150, 250, &b_));
  const auto conflict = write(199, 300, &b_);
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->begin, 100U);
  EXPECT_EQ(conflict->user, &a_);
  EXPECT_FALSE(write(250, 300, &b_)) << "ranges that only touch do not meet";
  EXPECT_TRUE(read(299, 310, &a_));
}

TEST_F(RangeGuardTest, OneCommandMayReadAndWriteInPlace) {
  EXPECT_FALSE(read(0, 64, &a_));
  EXPECT_FALSE(write(0, 64, &a_));
}

TEST_F(RangeGuardTest, AReleaseForgetsEveryRangeOfItsUserOnly) {
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_FALSE(write(1000 + i * 20, 1010 + i * 20, &a_));
    EXPECT_FALSE(write(1010 + i * 20, 1020 + i * 20, &b_));
  }
  guard_.release(&a_);
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_FALSE(read(1000 + i * 20, 1010 + i * 20, &b_));
    EXPECT_TRUE(read(1010 + i * 20, 1020 + i * 20, &a_));
  }
}

}  // namespace
}  // namespace aipu::test
