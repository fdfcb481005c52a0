// SPDX-License-Identifier: Apache-2.0
// --rtl, as a user gives it to fabric, run and generate.
#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

class CliRtlTest : public test::ProgramTest {
 protected:
  static Words fabric(const std::string& topology, const Words& more) {
    Words words{"fabric", "--topology", topology, "--load", "0.6", "--cycles", "3000", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// Without what the host's speed makes.
  static nlohmann::json figures(const Outcome& result) {
    EXPECT_EQ(result.code, 0) << result.err;
    nlohmann::json json = result.json();
    for (const char* key : {"flits_per_cpu_s", "packet_hops_per_cpu_s"})
      EXPECT_EQ(json.erase(key), 1U) << key;
    return json;
  }
};

#ifdef AIPU_HAS_RTL
TEST_F(CliRtlTest, ANetworkIsTheSameWithSwitchesInRtl) {
  for (const char* topology : {"switch:4", "leafspine:3x2x2"}) {
    const auto tlm = figures(run(fabric(topology, {})));
    EXPECT_EQ(figures(run(fabric(topology, {"--rtl", "switch[0]=rtl"}))), tlm);
    EXPECT_EQ(figures(run(fabric(topology, {"--rtl", "switch[*]=lockstep"}))), tlm);
  }
}
#else
TEST_F(CliRtlTest, WithoutVerilatorItSaysHowToGetIt) {
  expect_refused(run(fabric("switch:4", {"--rtl", "switch[0]=lockstep"})), 2, "AIPU_RTL=ON");
}
#endif

TEST_F(CliRtlTest, SaysWhatASwitchCannotBe) {
  expect_refused(
      run(fabric("switch:4", {"--rtl", "switch[1]=rtl"})), 2,
      "--rtl 'switch[1]=rtl': there are switches 0..0; valid: switch[N]=tlm|rtl|lockstep");
  expect_refused(run(fabric("switch:4", {"--rtl", "0=rtl"})), 2, "--rtl '0=rtl': names no switch");
  expect_refused(run(fabric("switch:64", {"--rtl", "switch[0]=rtl"})), 2, "switch switch in RTL: ");
  expect_refused(test::small_run({"--rtl", "switch[9]=rtl"}), 2,
                 "simulation.switch_models: 'switch[9]=rtl': there are ");
}

}  // namespace
}  // namespace aipu
