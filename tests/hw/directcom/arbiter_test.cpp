// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/arbiter.h"

#include <array>
#include <gtest/gtest.h>
#include <set>

#include "hw/base/error.h"
#include "hw/directcom/plane_choice.h"

namespace aipu::directcom {
namespace {

TEST(RoundRobinTest, TakesTheFirstAtOrAfterThePointer) {
  EXPECT_EQ(round_robin(0b1010, 0), 1U);
  EXPECT_EQ(round_robin(0b1010, 2), 3U);
  EXPECT_EQ(round_robin(0b0010, 2), 1U);
  EXPECT_EQ(round_robin(1ULL << 63U, 63), 63U);
}

TEST(ClassSchedulerTest, ControlGoesFirst) {
  ClassScheduler s(66, 66, 66);
  EXPECT_EQ(s.choose({1, 33, 33, 33}, 0xF), 0U);
  EXPECT_EQ(s.choose({0, 0, 0, 33}, 0x8), 3U);
  EXPECT_EQ(s.choose({0, 0, 0, 0}, 0x8), ClassScheduler::kNone);
}

TEST(ClassSchedulerTest, FlitsAreSharedByQuantumWhateverThePacketLength) {
  ClassScheduler s(50, 100, 200);
  std::array<std::uint64_t, kClasses> sent{};
  const ClassScheduler::Flits lengths{0, 33, 5, 17};
  for (int i = 0; i < 100'000; ++i) {
    const std::uint32_t c = s.choose(lengths, 0xE);
    sent[c] += lengths[c];
  }
  EXPECT_NEAR(static_cast<double>(sent[2]) / static_cast<double>(sent[1]), 2.0, 0.01);
  EXPECT_NEAR(static_cast<double>(sent[3]) / static_cast<double>(sent[1]), 4.0, 0.02);
}

TEST(ClassSchedulerTest, AnIdleClassSavesNoCredit) {
  ClassScheduler s(66, 66, 66);
  for (int i = 0; i < 1000; ++i)
    s.choose({0, 0, 33, 0}, 0x4);
  int first = 0;
  for (int i = 0; i < 100; ++i)
    first += s.choose({0, 33, 33, 0}, 0x6) == 1 ? 1 : 0;
  EXPECT_NEAR(first, 50, 2);
}

TEST(LfsrTest, VisitsEveryStateButZero) {
  Lfsr lfsr(0);  // zero is replaced
  std::set<std::uint32_t> seen;
  for (std::uint32_t i = 0; i < 65'535; ++i)
    seen.insert(lfsr.step());
  EXPECT_EQ(seen.size(), 65'535U);
  EXPECT_EQ(seen.count(0), 0U);
  EXPECT_EQ(Lfsr(1).step(), 0xB400U);
}

TEST(PlaneChooserTest, EveryRuleDoesWhatItsNameSays) {
  const std::uint32_t load[4] = {9, 2, 5, 9};
  PlaneChooser scan(PlaneChoice::kFullScan, 4, 1);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(scan.choose(load, 1, 0), 1U);

  PlaneChooser fixed(PlaneChoice::kStatic, 4, 1);
  EXPECT_EQ(fixed.choose(load, 1, 7), 3U);

  PlaneChooser turns(PlaneChoice::kRoundRobin, 4, 1);
  std::array<int, 4> turn{};
  for (int i = 0; i < 400; ++i)
    ++turn[turns.choose(load, 1, 0)];
  EXPECT_EQ(turn, (std::array<int, 4>{100, 100, 100, 100}));

  PlaneChooser random(PlaneChoice::kRandom, 4, 1);
  std::array<int, 4> drawn{};
  for (int i = 0; i < 4000; ++i)
    ++drawn[random.choose(load, 1, 0)];
  for (const int n : drawn)
    EXPECT_NEAR(n, 1000, 150);
}

TEST(PlaneChooserTest, AdaptiveFindsTheLeastLoadedAndKeepsIt) {
  const std::uint32_t load[4] = {9, 2, 5, 9};
  PlaneChooser chooser(PlaneChoice::kAdaptive, 4, 77);
  for (int i = 0; i < 64; ++i)
    chooser.choose(load, 1, 0);
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(chooser.choose(load, 1, 0), 1U);
}

TEST(PlaneChooserTest, EqualLoadsAreSpread) {
  const std::uint32_t load[4] = {};
  PlaneChooser chooser(PlaneChoice::kAdaptive, 4, 5);
  std::array<int, 4> drawn{};
  for (int i = 0; i < 4000; ++i)
    ++drawn[chooser.choose(load, 1, 0)];
  for (const int n : drawn)
    EXPECT_NEAR(n, 1000, 150);
}

TEST(ConfigTest, DefaultsObeyTheirOwnRules) {
  schema().check(Config{});
  switch_schema().check(SwitchConfig{});
  EXPECT_EQ(Config{}.link_clock(), Hertz(781'250'000));
  EXPECT_EQ(Config{}.link(), 98_cycles);
  EXPECT_EQ(Config{}.max_packet_flits(), 33U);
}

TEST(ConfigTest, ABufferShorterThanAPacketIsRefused) {
  SwitchConfig c;
  c.voq_flits = 32;
  EXPECT_THROW(switch_schema().check(c), ConfigError);
  Config d;
  d.quantum2 = 32;
  EXPECT_THROW(schema().check(d), ConfigError);
}

}  // namespace
}  // namespace aipu::directcom
