// SPDX-License-Identifier: Apache-2.0
// `hc1000 exec`: a user's own program on the cores, what it is given and what is said at the end.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/firmware/sdk/probe.h"
#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

class ExecTest : public test::ProgramTest {
 protected:
  Words probe(const Words& more = {}) const {
    Words words{"exec", SDK_PROGRAMS "/probe.elf", "-o", "out"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(ExecTest, EveryChosenCoreRunsTheProgramWithItsWords) {
  const Outcome result = run(probe({"--cores", "3", "--args", "0,1,2,3,4,5,0xdeadbeef"}));

  EXPECT_EQ(result.code, 0) << result.err;
  for (int core = 0; core < 3; ++core) {
    EXPECT_THAT(result.out,
                HasSubstr(fmt::format("aipu0.core{0}: core {0} of 3, words 0 0xdeadbeef\n", core)));
  }
  EXPECT_THAT(result.out, Not(HasSubstr("core3")));
  EXPECT_THAT(result.out, HasSubstr("good: probe.elf on 3 cores of 1 AIPU, "));
  EXPECT_THAT(result.out, HasSubstr("exit codes  3 of 3 harts 0\n"));
  EXPECT_THAT(read("out/console.log"), HasSubstr("core 2 of 3"));
}

TEST_F(ExecTest, StoppedCoresAndChipControlExecuteNothing) {
  const auto instructions = [&](const char* cores, const char* folder) {
    Words words = probe({"--cores", cores, "--json"});
    words[3] = folder;
    return run(words).json()["harts"]["instructions"].get<std::uint64_t>();
  };
  const std::uint64_t one = instructions("1", "a");

  EXPECT_GT(one, 500U);
  EXPECT_EQ(instructions("1", "b"), one);
  EXPECT_NEAR(static_cast<double>(instructions("4", "c")), 4.0 * static_cast<double>(one), 400);
}

TEST_F(ExecTest, AllAipusRunIt) {
  const Outcome result = run(probe({"--aipus", "2", "--json"}));

  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json()["exits"].size(), 2U);
  EXPECT_THAT(result.err, HasSubstr("aipu1.core0: core 0 of 1"));
}

TEST_F(ExecTest, ACopyOfLoadedBytesComesBackAndIsCounted) {
  std::string bytes(4096, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 7 + i / 256);
  test::write_file(file("in.bin"), bytes);

  const Outcome result = run(
      probe({"--args", fmt::format("{},0x10000000,0x20000000,4096", static_cast<int>(PROBE_COPY)),
             "--load", "in.bin@hbm:0x10000000", "--dump", "hbm:0x20000000:4 KiB=out.bin", "--dump",
             "aipu0.core0:0x20000:16=tile.bin", "--json"}));

  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read("out.bin"), bytes);
  EXPECT_EQ(read("tile.bin"), bytes.substr(0, 16));
  const auto json = result.json();
  EXPECT_EQ(json["hbm"]["bytes_read"], 4096);
  EXPECT_EQ(json["hbm"]["bytes_written"], 4096);
  const double seconds = json["simulated_ps"].get<double>() * 1e-12;
  EXPECT_DOUBLE_EQ(json["hbm"]["bytes_per_s"].get<double>(), 8192 / seconds);
  EXPECT_GT(json["busy"]["load"].get<double>(), 0);
  EXPECT_LT(json["busy"]["load"].get<double>(), 1);
  EXPECT_EQ(json["busy"]["tensor"], 0);
  EXPECT_EQ(read("out/summary.json"), result.out);
}

TEST_F(ExecTest, ALoadForOneAipuLeavesTheOthersAlone) {
  test::write_file(file("in.bin"), "abcd");

  ASSERT_EQ(run(probe({"--aipus", "2", "--load", "in.bin@aipu1.hbm:64", "--dump",
                       "aipu0.hbm:64:4=zero.bin", "--dump", "aipu1.hbm:64:4=one.bin"}))
                .code,
            0);
  EXPECT_EQ(read("zero.bin"), std::string(4, '\0'));
  EXPECT_EQ(read("one.bin"), "abcd");
}

TEST_F(ExecTest, ANonZeroExitFailsAndNamesTheHart) {
  const Outcome result =
      run(probe({"--cores", "2", "--args", std::to_string(static_cast<int>(PROBE_EXIT))}));

  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("aipu0.core1: firmware exited with code 7"));
  EXPECT_THAT(result.out, HasSubstr("aipu0.core1 7, "));
}

TEST_F(ExecTest, AFaultFailsWithItsPlace) {
  const Outcome result = run(probe({"--args", std::to_string(static_cast<int>(PROBE_FAULT))}));

  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("load access fault"));
  EXPECT_THAT(result.err, HasSubstr("(main+"));
}

TEST_F(ExecTest, AHangEndsWithItsReport) {
  const Outcome result = run(probe({"--args", std::to_string(static_cast<int>(PROBE_HANG))}));

  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("hang"));
  EXPECT_THAT(result.err, HasSubstr("core0"));
  EXPECT_THAT(result.out, HasSubstr("1 did not end"));
}

TEST_F(ExecTest, EqualRunsLeaveEqualBytes) {
  const Words again = probe({"--cores", "4", "--json"});
  const Outcome first = run(again);
  Words forced = again;
  forced.push_back("--force");
  EXPECT_EQ(run(forced).out, first.out);
  EXPECT_EQ(run(again).code, 2);  // the folder is there
}

TEST_F(ExecTest, WhatCannotBeRunIsRefusedBeforeAFolderIsMade) {
  const std::string elf = SDK_PROGRAMS "/probe.elf";
  expect_refused({"exec"}, 2, "FILE.elf is missing");
  expect_refused({"exec", "none.elf"}, 4, "none.elf");
  expect_refused({"exec", SDK_PROGRAMS "/files64.elf"}, 2, "RV64");
  expect_refused({"exec", SDK_PROGRAMS "/files32.elf"}, 2, "outside the core SRAM");
  expect_refused(probe({"--cores", "0"}), 2, "not a whole number");
  expect_refused(probe({"--cores", "33"}), 2, "32 compute cores");
  expect_refused(probe({"--aipus", "3", "--set", "aipu.clocks=1"}), 2, "aipu.clock");
  expect_refused(probe({"--args", "1,x"}), 2, "not words of 32 bits");
  expect_refused(probe({"--args", "1,,2"}), 2, "not words of 32 bits");
  expect_refused(probe({"--args", "1,2,3,4,5,6,7,8"}), 2, "more than 7 words");
  expect_refused(probe({"--semihost", "none"}), 4, "none");
}

TEST_F(ExecTest, PlacesAreCheckedWithWhatWouldBeValid) {
  test::write_file(file("in.bin"), "abcd");
  const Words kept{"in.bin"};
  const auto refused = [&](const char* option, const char* value, int code, const char* part) {
    expect_refused(probe({option, value}), code, part, kept);
  };
  refused("--load", "in.bin", 2, "is not FILE@PLACE");
  refused("--load", "none.bin@hbm:0", 4, "none.bin");
  refused("--load", "in.bin@hbm", 2, "is no place; valid: hbm:OFFSET");
  refused("--load", "in.bin@hmb:0", 2, "is no place");
  refused("--load", "in.bin@hbm:x", 2, "is no place");
  refused("--load", "in.bin@aipu1.hbm:0", 2, "there are AIPUs 0..0");
  refused("--load", "in.bin@core32:0", 2, "there are cores 0..31");
  refused("--load", "in.bin@core0:0xffffe", 2, "4 bytes at 0xffffe do not lie in the 1 MiB");
  refused("--load", "in.bin@hbm:0xffffffffffffffff", 2, "no such offset");
  refused("--dump", "hbm:0:0=out.bin", 2, "is not PLACE:BYTES=FILE");
  refused("--dump", "hbm:0:4", 2, "is not PLACE:BYTES=FILE");
  refused("--dump", "hbm:0:4=", 2, "is not PLACE:BYTES=FILE");
  expect_refused(probe({"--timing", "--dump", "hbm:0x10000000:4=o"}), 2, "keeps with --timing",
                 kept);
}

}  // namespace
}  // namespace aipu
