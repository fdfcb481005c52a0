// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/checker_obligations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hw/hbm/checked_sequence.h"

namespace aipu::hbm {
namespace {

using Rules = std::set<std::string>;

constexpr Tick kRefi = 3900;

Config refreshed(Refresh mode, std::uint32_t postpone, std::uint32_t pull_in) {
  Config c = separable_device();
  c.refresh = mode;
  c.refresh_postpone = postpone;
  c.refresh_pull_in = pull_in;
  schema().check(c);
  return c;
}

LoggedCommand all_banks(Tick at) {
  LoggedCommand c;
  c.at = at;
  c.command = kRefab;
  return c;
}

/// Of the banks counted through groups and stack ids.
LoggedCommand one_bank(Tick at, std::uint32_t bank, Command command = kRefpb) {
  LoggedCommand c;
  c.at = at;
  c.command = command;
  c.bank = bank % 4;
  c.bank_group = bank / 4 % 4;
  c.stack_id = bank / 16;
  c.row = 0;
  return c;
}

TEST(RefreshObligation, AnAllBankRefreshMayComeAnIntervalLate) {
  const Config config = refreshed(Refresh::kAllBank, 0, 0);
  std::vector<LoggedCommand> log;
  for (Tick k = 1; k <= 20; ++k)
    log.push_back(all_banks(k * kRefi + 400));
  EXPECT_EQ(broken(config, log, 22 * kRefi - 1), Rules{});
  EXPECT_EQ(broken(config, log, 22 * kRefi), Rules{"tREFI"});
  log[7].at = 9 * kRefi - 1;
  EXPECT_EQ(broken(config, log), Rules{});
  log[7].at = 9 * kRefi;
  EXPECT_EQ(broken(config, log), Rules{"tREFI"});
  log.erase(log.begin() + 7);
  EXPECT_EQ(broken(config, log), Rules{"tREFI"});
}

TEST(RefreshObligation, PostponedRefreshesAreMadeUpFor) {
  const Config config = refreshed(Refresh::kAllBank, 8, 0);
  std::vector<LoggedCommand> log;
  for (Tick k = 0; k < 9; ++k)
    log.push_back(all_banks(9 * kRefi + k * 300));
  EXPECT_EQ(broken(config, log, 19 * kRefi - 1), Rules{});
  EXPECT_EQ(broken(config, log, 19 * kRefi), Rules{"tREFI"});
  log.pop_back();
  EXPECT_EQ(broken(config, log, 18 * kRefi - 1), Rules{});
  EXPECT_EQ(broken(config, log, 18 * kRefi), Rules{"tREFI"});
  EXPECT_EQ(broken(config, {}, 10 * kRefi - 1), Rules{});
  EXPECT_EQ(broken(config, {}, 10 * kRefi), Rules{"tREFI"});
}

TEST(RefreshObligation, OneBreachIsReportedOnce) {
  const Config config = refreshed(Refresh::kAllBank, 0, 0);
  const auto violations =
      check_commands(config, sequence("20000 ACT 0.0.0 | 20100 RD 0.0.0 | 20200 PREPB 0.0.0"));
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].earlier, 0);
  EXPECT_EQ(violations[0].required, 2 * kRefi);
  EXPECT_EQ(violations[0].actual, 20000);
}

TEST(RefreshObligation, NoMoreThanPullInAreDoneAhead) {
  std::vector<LoggedCommand> log = {all_banks(0), all_banks(300)};
  EXPECT_EQ(broken(refreshed(Refresh::kAllBank, 0, 2), log), Rules{});
  EXPECT_EQ(broken(refreshed(Refresh::kAllBank, 0, 1), log), Rules{"refresh pull-in"});
  // Those in advance are not due later.
  EXPECT_EQ(broken(refreshed(Refresh::kAllBank, 0, 2), log, 4 * kRefi - 1), Rules{});
  EXPECT_EQ(broken(refreshed(Refresh::kAllBank, 0, 2), log, 4 * kRefi), Rules{"tREFI"});
}

TEST(RefreshObligation, EveryBankHasItsTurnInARound) {
  const Config config = refreshed(Refresh::kPerBank, 0, 1);
  constexpr Tick kInterval = 122;  // 3900 / 32, rounded up
  std::vector<LoggedCommand> log;
  for (std::uint32_t i = 0; i < 96; ++i)
    log.push_back(one_bank((i + 1) * kInterval, (i < 32 ? i : 7 * i) % 32));
  EXPECT_EQ(broken(config, log), Rules{});

  std::vector<LoggedCommand> twice = log;
  twice[5] = one_bank(twice[5].at, 3);  // bank 5 has no turn: 3 has two
  EXPECT_EQ(broken(config, twice).count("refresh round"), 1U);

  // A round is left when all banks are refreshed together.
  std::vector<LoggedCommand> restarted(log.begin(), log.begin() + 3);
  restarted.push_back(all_banks(1000));
  for (std::uint32_t i = 0; i < 3; ++i)
    restarted.push_back(one_bank(2000 + 8 * i, i));
  EXPECT_EQ(broken(config, restarted), Rules{});
}

TEST(RefreshObligation, SingleBanksOweNoMoreThanARound) {
  const Config config = refreshed(Refresh::kPerBank, 0, 0);
  constexpr Tick kInterval = 122;
  EXPECT_EQ(broken(config, {}, 33 * kInterval - 1), Rules{});
  EXPECT_EQ(broken(config, {}, 33 * kInterval), Rules{"tREFI"});
  EXPECT_EQ(broken(refreshed(Refresh::kPerBank, 8, 0), {}, (9 * 32 + 1) * kInterval - 1), Rules{});
  EXPECT_EQ(broken(refreshed(Refresh::kPerBank, 8, 0), {}, (9 * 32 + 1) * kInterval),
            Rules{"tREFI"});
}

TEST(RefreshObligation, ARoundBeginsWhenItIsDue) {
  constexpr Tick kInterval = 122;
  constexpr Tick kRound = 32 * kInterval;
  std::vector<LoggedCommand> log;
  for (std::uint32_t i = 0; i < 32; ++i)
    log.push_back(one_bank(8 * i, i));
  log.push_back(one_bank(kRound, 0));
  EXPECT_EQ(broken(refreshed(Refresh::kPerBank, 0, 0), log), Rules{});
  --log.back().at;
  EXPECT_EQ(broken(refreshed(Refresh::kPerBank, 0, 0), log), Rules{"refresh pull-in"});
  EXPECT_EQ(broken(refreshed(Refresh::kPerBank, 0, 1), log), Rules{});
}

TEST(RefreshObligation, WarmDevicesAreRefreshedMoreOften) {
  for (const auto& [temperature, divisor] :
       {std::pair{85U, 1}, std::pair{86U, 2}, std::pair{95U, 2}, std::pair{96U, 4}}) {
    Config config = refreshed(Refresh::kAllBank, 0, 0);
    config.temperature = temperature;
    EXPECT_EQ(refresh_divisor(config), static_cast<std::uint32_t>(divisor));
    EXPECT_EQ(broken(config, {}, 2 * kRefi / divisor - 1), Rules{}) << temperature;
    EXPECT_EQ(broken(config, {}, 2 * kRefi / divisor), Rules{"tREFI"}) << temperature;
  }
}

class ActivateObligation : public ::testing::Test {
 protected:
  ActivateObligation() {
    config_.rfm_threshold = 3;
    config_.rfm_limit = 5;
    config_.rfm_decrement = 2;
    schema().check(config_);
  }

  /// Activates bank 0 `count` times, with precharges.
  void hammer(int count) {
    for (int i = 0; i < count; ++i) {
      log_.push_back(one_bank(now_, 0, kAct));
      log_.push_back(one_bank(now_ + 50, 0, kPre));
      now_ += 100;
    }
  }
  void then(const LoggedCommand& command) {
    log_.push_back(command);
    now_ += 500;
  }

  Config config_ = separable_device();
  std::vector<LoggedCommand> log_;
  Tick now_ = 0;
};

TEST_F(ActivateObligation, TheCounterOfABankStopsAtTheLimit) {
  hammer(5);
  EXPECT_EQ(broken(config_, log_), Rules{});
  log_.push_back(one_bank(now_, 1, kAct));  // another bank has another counter
  EXPECT_EQ(broken(config_, log_), Rules{});
  now_ += 100;
  hammer(1);
  const auto violations = check_commands(config_, log_);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_STREQ(violations[0].rule, "RAAMMT");
  EXPECT_EQ(violations[0].required, 5);
  EXPECT_EQ(violations[0].actual, 6);
  config_.rfm_threshold = 0;
  EXPECT_EQ(broken(config_, log_), Rules{});
}

TEST_F(ActivateObligation, ManagementAndRefreshTakeOffTheirAmounts) {
  for (const auto& [command, amount] :
       {std::pair{kRfmpb, 3}, std::pair{kRfmab, 3}, std::pair{kRefpb, 2}, std::pair{kRefab, 2}}) {
    log_.clear();
    now_ = 0;
    hammer(5);
    then(one_bank(now_, 0, command));
    hammer(amount);
    EXPECT_EQ(broken(config_, log_), Rules{}) << kCommandNames[command];
    hammer(1);
    EXPECT_EQ(broken(config_, log_), Rules{"RAAMMT"}) << kCommandNames[command];
  }
}

TEST_F(ActivateObligation, NothingIsSavedUp) {
  then(one_bank(now_, 0, kRfmpb));
  then(one_bank(now_, 0, kRefpb));
  hammer(6);
  EXPECT_EQ(broken(config_, log_), Rules{"RAAMMT"});
}

TEST_F(ActivateObligation, ManagementOfAnotherBankDoesNotCount) {
  hammer(5);
  then(one_bank(now_, 1, kRfmpb));
  hammer(1);
  EXPECT_EQ(broken(config_, log_), Rules{"RAAMMT"});
}

}  // namespace
}  // namespace aipu::hbm
