// SPDX-License-Identifier: Apache-2.0
// A failure leaves a small file that shows it again without the platform.
#include <gmock/gmock.h>
#include <iostream>

#include "tests/rtl/replay/failing_run.h"

namespace aipu::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Case {
  std::uint32_t ports, speedup, max_flits;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.ports << "_ports_speedup_" << c.speedup << "_flits_" << c.max_flits;
}

class ReplayTest : public testing::TestWithParam<Case> {};

TEST_P(ReplayTest, ADifferenceAtFullLoadFitsInAFileAndShowsAgain) {
  const TempDir folder;
  const auto [ports, speedup, flits] = GetParam();
  const std::string said =
      fail_in_lockstep(full_load(ports, speedup, flits), 5'000 * speedup, folder.file("f"));
  ASSERT_THAT(said, StartsWith("lockstep: "));
  EXPECT_THAT(said, HasSubstr("again alone with: hc1000 cosim replay " + folder.file("f.replay")));
  EXPECT_THAT(said, testing::Not(HasSubstr("do not show it")));

  const std::size_t bytes = read_file(folder.file("f.replay")).size();
  EXPECT_LT(bytes, 100'000U);
  const cosim::Replay replay = read_replay(folder.file("f.replay"));
  EXPECT_THAT(said, StartsWith(replay.text));
  const auto again = cosim::run_again(replay, {});
  EXPECT_TRUE(again.reproduced) << again.text;
  EXPECT_THAT(again.text, StartsWith(replay.text));
  std::cout << "replay file " << bytes << " B, " << again.clocks << " clocks, waves "
            << read_file(folder.file("f.fst")).size() << " B\n";
}

INSTANTIATE_TEST_SUITE_P(FullLoad, ReplayTest,
                         testing::Values(Case{4, 1, 1}, Case{4, 2, 33}, Case{5, 1, 8},
                                         Case{5, 2, 1}, Case{16, 1, 1}, Case{16, 1, 33},
                                         Case{16, 2, 8}),
                         testing::PrintToStringParamName());

TEST(ReplayOfAModelsFaultTest, ShowsAgainOnTheFaultyModelOnlyAndSaysWhere) {
  const TempDir folder;
  const std::string said = fail_by_itself(700, folder.file("f"));
  ASSERT_THAT(said, StartsWith("RTL-3: switch switch, cycle 700 (tick 700): "));
  EXPECT_THAT(said, HasSubstr("which do not show it"));  // the second model is a good one
  const cosim::Replay replay = read_replay(folder.file("f.replay"));
  EXPECT_EQ(replay.rule, "RTL-3");

  cosim::ReplayRun faulty;
  faulty.pins = std::make_unique<ExtraFlit>(cosim::SwitchPins::make(4, 1), 700);
  const auto again = cosim::run_again(replay, std::move(faulty));
  EXPECT_TRUE(again.reproduced);
  EXPECT_EQ(again.text, replay.text);

  const auto good = cosim::run_again(replay, {});
  EXPECT_FALSE(good.reproduced);
  EXPECT_THAT(good.text, StartsWith("RTL-3 in tick 700 of switch switch is not reproduced"));
}

TEST(ReplayOfAModelsFaultTest, TheSameRunWritesTheSameBytes) {
  const TempDir folder;
  fail_by_itself(300, folder.file("f"));
  const std::string first = read_file(folder.file("f.replay"));
  fail_by_itself(300, folder.file("f"));
  EXPECT_EQ(read_file(folder.file("f.replay")), first);
}

TEST(ReplayOfAModelsFaultTest, AFolderThatIsNotThereIsSaidAndTheMismatchStays) {
  const std::string said = fail_by_itself(300, "/nowhere/f");
  EXPECT_THAT(said, StartsWith("RTL-3: "));
  EXPECT_THAT(said, HasSubstr("no replay file: /nowhere/f.replay"));
}

}  // namespace
}  // namespace aipu::test
