// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/command_log.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <tuple>

#include "hw/base/error.h"
#include "tests/support/tiny_model.h"

namespace aipu::memory {
namespace {

using hbm::LoggedCommand;

constexpr std::uint32_t kNone = LoggedCommand::kNoField;
constexpr const char* kHeader = "cycle,cmd,bankgroup,bank,row,col\n";

class CommandLogTest : public ::testing::Test {
 protected:
  const test::TempDir folder_;
  const std::string path_ = folder_.file("log.csv");

  void put(const std::string& text) const { std::ofstream(path_) << text; }

  /// What read_command_log() says of a file with this text.
  std::string complaint(const std::string& text, hbm::Tick ticks_per_ck = 1) const {
    put(text);
    try {
      read_command_log(path_, ticks_per_ck);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }
};

auto fields(const LoggedCommand& c) {
  return std::make_tuple(c.at, c.command, c.stack_id, c.bank_group, c.bank, c.row, c.column);
}

TEST_F(CommandLogTest, ReadsTheFieldsThatACommandHas) {
  put(std::string(kHeader) + "1,ACT,3,1,30523,\n16,RD,3,1,30523,19\r\n\n3932,PREAB,,,,\n");

  const auto log = read_command_log(path_, 1);

  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(fields(log[0]), std::make_tuple(1, hbm::kAct, kNone, 3U, 1U, 30523U, kNone));
  EXPECT_EQ(fields(log[1]), std::make_tuple(16, hbm::kRd, kNone, 3U, 1U, 30523U, 19U));
  EXPECT_EQ(fields(log[2]), std::make_tuple(3932, hbm::kPreab, kNone, kNone, kNone, kNone, kNone));
}

TEST_F(CommandLogTest, WhatIsWrittenIsRead) {
  for (const hbm::Tick ticks_per_ck : {1, 2}) {
    for (const std::uint32_t stack_ids : {1U, 4U}) {
      std::vector<LoggedCommand> log;
      for (std::uint8_t i = 0; i < hbm::kCommands; ++i) {
        LoggedCommand command;
        command.at = 5 + i;
        command.command = static_cast<hbm::Command>(i);
        if (stack_ids > 1) command.stack_id = i % 4U;
        command.bank_group = i % 3U;
        command.bank = i;
        if (i != 1) command.row = 1000U + i;
        log.push_back(command);
      }
      CommandLogWriter writer(path_, ticks_per_ck, stack_ids);
      for (const LoggedCommand& command : log)
        writer.write(command);
      writer.close();

      const auto read = read_command_log(path_, ticks_per_ck);

      ASSERT_EQ(read.size(), log.size());
      for (std::size_t i = 0; i < log.size(); ++i)
        EXPECT_EQ(fields(read[i]), fields(log[i])) << "line " << i + 2;
    }
  }
}

TEST_F(CommandLogTest, MistakesArePlacedByLine) {
  using ::testing::AllOf;
  using ::testing::HasSubstr;
  const std::string head = kHeader;
  EXPECT_THAT(complaint("cycle,cmd\n"), AllOf(HasSubstr(":1: "), HasSubstr("cycle,cmd,bankgroup")));
  EXPECT_THAT(complaint(""), HasSubstr(":1: not a command log"));
  EXPECT_THAT(complaint(head + "1,ACT,0,0,0,\n2,JUMP,0,0,0,\n"),
              AllOf(HasSubstr(":3: 'JUMP' is no command"), HasSubstr("PREPB")));
  EXPECT_THAT(complaint(head + "x,ACT,0,0,0,\n"), HasSubstr(":2: 'x' is no cycle"));
  EXPECT_THAT(complaint(head + "-1,ACT,0,0,0,\n"), HasSubstr(":2: '-1' is no cycle"));
  EXPECT_THAT(complaint(head + "1.5,ACT,0,0,0,\n"), HasSubstr(":2: '1.5' is no cycle"));
  EXPECT_THAT(complaint(head + "1.25,ACT,0,0,0,\n", 2), HasSubstr("steps of 0.5"));
  EXPECT_THAT(complaint(head + "1,ACT,0,b,0,\n"), HasSubstr(":2: 'b' is no bank"));
  EXPECT_THAT(complaint(head + "1,ACT,0,0\n"), HasSubstr(":2: no field 'row'"));
  EXPECT_THAT(complaint(head + "1,ACT,0,0,0,0,0\n"), HasSubstr(":2: '0' is a field too many"));
  EXPECT_THAT(complaint(head + "1.5,ACT,0,0,0,\n", 2), "accepted");
}

TEST_F(CommandLogTest, FilesThatCannotBeOpenedAreNamed) {
  EXPECT_THROW(read_command_log(path_ + ".missing", 1), IoError);
  EXPECT_THROW(read_command_log(::testing::TempDir(), 1), IoError);
  EXPECT_THROW(CommandLogWriter(path_ + "/no/folder", 1, 1), IoError);
}

}  // namespace
}  // namespace aipu::memory
