// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/profile_file.h"

#include <gmock/gmock.h>

#include "hw/base/error.h"

namespace aipu::profile {
namespace {

using testing::HasSubstr;

/// One of everything, every number different.
Result example() {
  Result result;
  result.clock_hz = 1'000'000'000;
  result.elapsed = 5000;
  result.cores_on_board = 33;
  result.limit = 7;
  result.dropped = 2;
  result.dropped_from = 4000;
  result.selection = "aipu0.*";
  result.functions = {"?", "main"};
  CoreCost core;
  core.name = "aipu0.core1";
  core.hart = {10, 20, 3000, 1000, 500, 400, 100, {}, {}};
  core.hart.functions = {{"main", 10, 20, 1000, 500, 400}};
  core.hart.waits = {{"main", "queue full", "load", 2, 1000}};
  core.engines = {{"load", 3, 1, 96, 0, {{"busy", 4000}, {"counter 8 (filled)", 1000}}}};
  core.overlap = {4000, 900, 800, 4600, 70};
  core.longest = {{100, 160, "main"}};
  core.regions = {{7, "exchange", 2, 600, 250, 350, 1}};
  core.points = 4;
  result.cores = {core};
  CommandRecord command;
  command.queue = 0;
  command.opcode = 1;
  command.function = 1;
  command.pc = 0x10000100;
  command.issued = 1000;
  command.head = 1500;
  command.wait = WaitKind::kCounter;
  command.counter = 8;
  command.began = 2000;
  command.bytes = 32;
  result.commands = {command};
  return result;
}

TEST(ProfileFileTest, ReadsWhatItWrites) {
  const std::string text = profile_json(example(), "hc1000 run");
  const Result back = parse_profile(text, "profile.json");

  EXPECT_EQ(profile_json(back, "hc1000 run"), text);
  EXPECT_EQ(back.cores[0].hart.waits[0].time, 1000U);
  EXPECT_EQ(back.cores[0].engines[0].shares[1].first, "counter 8 (filled)");
  EXPECT_EQ(back.cores[0].regions[0].most, 350U);
  EXPECT_EQ(back.dropped_from, 4000U);
}

TEST(ProfileFileTest, RefusesOtherFilesInOneLine) {
  const std::string good = profile_json(example(), "");
  const std::string damaged[] = {"", "{}", "[1]", good.substr(0, good.size() / 2),
                                 "{\"schema\": \"hc1000.profile.0\"}"};
  for (const std::string& text : damaged) {
    try {
      parse_profile(text, "some/profile.json");
      FAIL() << text;
    } catch (const UserError& e) {
      EXPECT_THAT(e.what(), HasSubstr("some/profile.json: "));
      EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
    }
  }
}

TEST(ProfileFileTest, ACommandThatDidNotEndHasNoEnd) {
  EXPECT_THAT(commands_csv(example()),
              HasSubstr("\naipu0.core1,load,copy,main,0x10000100,1000,1500,2000,,"
                        "counter 8 (filled),32,0\n"));
}

}  // namespace
}  // namespace aipu::profile
