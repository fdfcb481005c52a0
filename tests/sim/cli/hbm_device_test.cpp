// SPDX-License-Identifier: Apache-2.0
// `hc1000 hbm` with a device of the user's own.
#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

// HBM2 at 2.4 Gb/s: a pseudo-channel of two stack ids, its times in ns as a data sheet has them.
constexpr const char* kDevice = R"(stacks: 1
pseudo_channels: 1
data_rate: 2.4 Gb/s
capacity: 1 GiB
stack_ids: 2
bank_groups: 4
banks: 4
row: 1 KiB
)";
constexpr const char* kTimes = R"(timing:
  rl: 15 ns
  wl: 6.7 ns
  rcd_rd: 15 ns
  rcd_wr: 11 ns
  rp: 15 ns
  ras: 33 ns
  rc: 48 ns
  rrd_s: 3.4 ns
  rrd_l: 5 ns
  faw: 16 ns
  wtr_s: 5 ns
  wtr_l: 7.5 ns
  wr: 16 ns
  rtp: 5 ns
  rfc_ab: 260 ns
  rfc_pb: 120 ns
  rrefd: 8 ns
  refi: 3900 ns
)";
// What the policy does not say: where a byte lives, and the latencies beside the DRAM.
constexpr const char* kReference = R"(extends: HBM2-2000-PC
)";
// Cycles of the preset that the other files leave at the defaults of the reference chip.
constexpr const char* kCycles = R"(  ccd_s: 2 CK
  ccd_l: 4 CK
  ccd_r: 3 CK
  rtw: 0 CK
  ppd: 0 CK
  refi_pb: 0 CK
  act: 2 CK
)";

class CliHbmDeviceTest : public test::ProgramTest {
 protected:
  Outcome replay(const std::string& device, const Words& more) const {
    Words words{"hbm", "--device", device, "--requests", "6000", "--check", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(CliHbmDeviceTest, GeometryAndTimesSufficeForThePolicyOfThePresets) {
  test::write_file(file("own.yaml"), std::string(kDevice) + kTimes);
  const std::string geometry = std::string(kDevice).substr(std::string(kDevice).find("data_rate"));
  test::write_file(file("preset.yaml"), std::string(kReference) + geometry + kTimes + kCycles);
  const Words loads[] = {{"--source", "random", "--reads", "2/3"},
                         {"--source", "block", "--block", "1024", "--load", "700"},
                         {"--source", "sequential"},
                         {"--source", "bank_conflict", "--banks", "8"}};
  for (const Words& load : loads) {
    Words own = load;
    own.insert(own.end(), {"--policy", "frfcfs", "--command-log", "own.csv"});
    Words preset = load;
    preset.insert(preset.end(), {"--command-log", "preset.csv"});
    const Outcome one = replay("own.yaml", own);
    const Outcome other = replay("preset.yaml", preset);
    ASSERT_EQ(one.code, 0) << one.err;
    ASSERT_EQ(other.code, 0) << other.err;
    EXPECT_EQ(read("own.csv"), read("preset.csv")) << load[1];
    auto got = one.json();
    auto expected = other.json();
    for (const char* key : {"req_per_cpu_s", "config", "policy"}) {
      got.erase(key);
      expected.erase(key);
    }
    EXPECT_EQ(got, expected) << load[1];
    EXPECT_GT(got.at("n_ref").get<int>(), 0);
  }
}

TEST_F(CliHbmDeviceTest, TheFirstReadTakesTheTimesOfTheFile) {
  test::write_file(file("own.yaml"), std::string(kDevice) + kTimes);
  test::write_file(file("t.trc"), "0 R 0\n");
  const Outcome result = run({"hbm", "--device", "own.yaml", "--policy", "frfcfs", "--trace",
                              "t.trc", "--json", "--command-log", "log.csv"});
  ASSERT_EQ(result.code, 0) << result.err;
  // 15 ns are 18 CK of 1.2 GHz; an activate takes effect in its second cycle.
  EXPECT_NE(read("log.csv").find("\n20,RD,"), std::string::npos) << read("log.csv");
  EXPECT_EQ(result.json().at("total_ck"), 1 + 19 + 18 + 2);
}

TEST_F(CliHbmDeviceTest, TimesAloneAreADevice) {
  test::write_file(file("own.yaml"), kTimes);
  for (const char* policy : {"frfcfs", "refpb", "frfcfs_wm20_80", "closedadaptive"}) {
    const Outcome result =
        replay("own.yaml", {"--source", "random", "--reads", "1/2", "--policy", policy});
    EXPECT_EQ(result.code, 0) << policy << ": " << result.err;
  }
}

}  // namespace
}  // namespace aipu
