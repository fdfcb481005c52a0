// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/command_watch.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "hw/config/load.h"
#include "tests/support/tiny_model.h"

namespace aipu::memory {
namespace {

hbm::LoggedCommand act(hbm::Tick at, std::uint32_t bank) {
  hbm::LoggedCommand command;
  command.at = at;
  command.command = hbm::kAct;
  command.stack_id = 0;
  command.bank_group = 0;
  command.bank = bank;
  command.row = 5;
  return command;
}

class CommandWatchTest : public testing::Test {
 protected:
  const hbm::Config device_ = config::load_hbm("HBM2-2000-PC");
  const test::TempDir folder_;
  const std::string path_ = folder_.file("log.csv");
};

TEST_F(CommandWatchTest, ALogIsThereOnlyWhenItIsComplete) {
  CommandLogFile log(path_, device_);
  CommandWatch watch(device_, &log, false);
  watch.command(act(10, 0));
  EXPECT_FALSE(std::filesystem::exists(path_));
  log.finish();
  EXPECT_EQ(test::read_file(path_), "cycle,cmd,bankgroup,bank,row,col\n10,ACT,0,0,5,\n");
  EXPECT_TRUE(watch.finish(100).empty());
}

TEST_F(CommandWatchTest, AnAbandonedLogLeavesTheOneFromBefore) {
  test::write_file(path_, "before");
  { CommandLogFile log(path_, device_); }
  EXPECT_EQ(test::read_file(path_), "before");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".tmp"));
}

TEST_F(CommandWatchTest, PlacesThatCannotBeWrittenAreOutputErrors) {
  EXPECT_THROW(CommandLogFile(folder_.path(), device_), IoError);
  EXPECT_THROW(CommandLogFile(folder_.file("none/log.csv"), device_), IoError);
}

TEST_F(CommandWatchTest, TellsOfCommandsThatComeTooEarly) {
  CommandWatch watch(device_, nullptr, true);
  watch.command(act(10, 0));
  watch.command(act(15, 1));  // tRRDL is 6
  const auto& violations = watch.finish(100);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_STREQ(violations[0].rule, "tRRDL");
}

TEST_F(CommandWatchTest, TellsOfRefreshesThatNeverCame) {
  CommandWatch watch(device_, nullptr, true);
  watch.command(act(10, 0));
  EXPECT_FALSE(watch.finish(1'000'000).empty());
}

}  // namespace
}  // namespace aipu::memory
