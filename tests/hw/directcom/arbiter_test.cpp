// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/arbiter.h"

#include <array>
#include <gtest/gtest.h>
#include <set>

#include "hw/base/error.h"
#include "hw/directcom/path_choice.h"

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

TEST(PathChooserTest, EveryRuleDoesWhatItsNameSays) {
  const std::array<std::uint32_t, 4> loads{9, 2, 5, 9};
  const auto load = [&](std::uint32_t i) { return loads[i]; };
  PathChooser scan(PathChoice::kAdaptive, 1);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(scan.choose(4, 1, {0, 0}, load), 1U);

  PathChooser fixed(PathChoice::kStatic, 1);
  EXPECT_EQ(fixed.choose(4, 1, {0, 7}, load), 3U);

  PathChooser turns(PathChoice::kRoundRobin, 1);
  std::array<int, 4> turn{};
  for (int i = 0; i < 400; ++i)
    ++turn[turns.choose(4, 1, {0, 0}, load)];
  EXPECT_EQ(turn, (std::array<int, 4>{100, 100, 100, 100}));

  PathChooser random(PathChoice::kRandom, 1);
  std::array<int, 4> drawn{};
  for (int i = 0; i < 4000; ++i)
    ++drawn[random.choose(4, 1, {0, 0}, load)];
  for (const int n : drawn)
    EXPECT_NEAR(n, 1000, 150);
}

TEST(PathChooserTest, AdaptiveFindsTheLeastLoadedAndKeepsIt) {
  const std::array<std::uint32_t, 4> loads{9, 2, 5, 9};
  const auto load = [&](std::uint32_t i) { return loads[i]; };
  PathChooser chooser(PathChoice::kAdaptive2, 77);
  for (int i = 0; i < 64; ++i)
    chooser.choose(4, 1, {0, 0}, load);
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(chooser.choose(4, 1, {0, 0}, load), 1U);
}

TEST(PathChooserTest, EqualLoadsAreSpread) {
  const std::array<std::uint32_t, 4> loads{};
  const auto load = [&](std::uint32_t i) { return loads[i]; };
  PathChooser chooser(PathChoice::kAdaptive2, 5);
  std::array<int, 4> drawn{};
  for (int i = 0; i < 4000; ++i)
    ++drawn[chooser.choose(4, 1, {0, 0}, load)];
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
