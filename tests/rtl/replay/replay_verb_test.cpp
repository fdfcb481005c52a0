// SPDX-License-Identifier: Apache-2.0
// `hc1000 cosim replay` as a user starts it.
#include <gmock/gmock.h>

#include "tests/rtl/replay/failing_run.h"
#include "tests/rtl/replay/wave_reader.h"
#include "tests/sim/cli/program.h"

namespace aipu::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ReplayVerbTest : public ProgramTest {
 protected:
  std::string fail() const { return fail_in_lockstep(full_load(4, 1, 8), 3'000, file("f")); }
};

TEST_F(ReplayVerbTest, ShowsTheSameMismatchWithoutThePlatform) {
  const std::string said = fail();
  const Outcome again = run({"cosim", "replay", "f.replay"});
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.err, "");
  const cosim::Replay replay = read_replay(file("f.replay"));
  EXPECT_THAT(said, StartsWith(replay.text));
  EXPECT_THAT(again.out, StartsWith(replay.text));
  EXPECT_THAT(again.out, HasSubstr("\nreproduced: tick "));
}

TEST_F(ReplayVerbTest, WritesTheWavesThatWereWrittenAndTheViewThatIsWanted) {
  fail();
  ASSERT_EQ(run({"cosim", "replay", "f.replay", "--waves", "w.fst", "--view", "w.gtkw", "--show",
                 "arbitration", "--port", "3"})
                .code,
            1);
  const WaveReader first(file("f.fst"));
  const WaveReader again(file("w.fst"));
  EXPECT_EQ(again.start(), first.start());
  EXPECT_EQ(again.end(), first.end());
  EXPECT_THAT(read("w.gtkw"), HasSubstr("gen_out[3].u_output.pick_o"));
  EXPECT_THAT(read("w.gtkw"), HasSubstr("[dumpfile] \"w.fst\""));
}

TEST_F(ReplayVerbTest, WavesOfAPartOfTheWindow) {
  fail();
  ASSERT_EQ(run({"cosim", "replay", "f.replay", "--waves", "w.fst", "--from", "2900 ns", "--to",
                 "2.95 us"})
                .code,
            1);
  const WaveReader waves(file("w.fst"));
  EXPECT_EQ(waves.start(), 2'899'500U);
  EXPECT_EQ(waves.end(), 2'950'500U);
}

TEST_F(ReplayVerbTest, AFaultThatTheModelDoesNotHaveIsNotReproduced) {
  fail_by_itself(300, file("f"));
  const Outcome again = run({"cosim", "replay", "f.replay"});
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.out, StartsWith("RTL-3 in tick 300 of switch switch is not reproduced"));
}

TEST_F(ReplayVerbTest, OtherFilesAndMistakesAreRefusedInALine) {
  write_file(file("other"), "no replay");
  write_file(file("empty"), "");
  expect_refused(run({"cosim", "replay", "none"}), 4, "none: cannot be read");
  expect_refused(run({"cosim", "replay", "other"}), 4, "other: is no replay file of hc1000");
  expect_refused(run({"cosim", "replay", "empty"}), 4, "empty: is no replay file of hc1000");
  expect_refused(run({"cosim", "replay", "."}), 4, ".: ");
  expect_refused(run({"cosim", "replay"}), 2, "FILE is missing");
  expect_refused(run({"cosim", "reply", "x"}), 2, "did you mean 'replay'?");
  fail_by_itself(300, file("f"));
  expect_refused(run({"cosim", "replay", "f.replay", "--view", "v.gtkw"}), 2,
                 "--view goes with --waves only");
  expect_refused(run({"cosim", "replay", "f.replay", "--waves", "w.fst", "--from", "5"}), 2,
                 "--from");
  expect_refused(
      run({"cosim", "replay", "f.replay", "--waves", "w.fst", "--from", "5 us", "--to", "4 us"}), 2,
      "--from is behind --to");
  expect_refused(run({"cosim", "replay", "f.replay", "--waves", "no/where.fst"}), 4,
                 "no/where.fst");
  const std::string whole = read("f.replay");
  write_file(file("cut"), whole.substr(0, whole.size() / 2));
  expect_refused(run({"cosim", "replay", "cut"}), 4, "cut: is cut off or damaged");
}

}  // namespace
}  // namespace aipu::test
