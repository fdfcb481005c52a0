// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hw/hbm/command_checker.h"
#include "sim/memory/command_log.h"
#include "tests/support/reference_data.h"
#include "tests/support/reference_hbm.h"

namespace aipu::memory {
namespace {

using hbm::LoggedCommand;
using Log = std::vector<LoggedCommand>;

/// Command logs of another simulator (reference data), legal by measurement of their devices.
class ReferenceCommands : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    AIPU_NEEDS_REFERENCE();
    log_ = read_command_log(test::reference_path("hbm/cmdlog_" + GetParam() + "_first1500.csv"),
                            hbm::ticks_per_ck(config_));
    ASSERT_GT(log_.size(), 1500U);
  }

  std::set<std::string> broken(const Log& log) const {
    std::set<std::string> rules;
    for (const hbm::Violation& violation : hbm::check_commands(config_, log))
      rules.insert(violation.rule);
    return rules;
  }
  static bool same_bank(const LoggedCommand& a, const LoggedCommand& b) {
    return a.bank_group == b.bank_group && a.bank == b.bank;
  }
  /// The next command of the same bank, or of all.
  std::optional<std::size_t> next_of_bank(std::size_t i) const {
    for (std::size_t k = i + 1; k < log_.size(); ++k) {
      if (log_[k].command >= hbm::kBankCommands) return std::nullopt;
      if (same_bank(log_[i], log_[k])) return k;
    }
    return std::nullopt;
  }

  const hbm::Config config_ =
      GetParam().find("HBM3") == 0 ? test::reference_hbm3_6400() : test::reference_hbm2_2000();
  Log log_;
};

constexpr std::size_t kEvery = 29;  // mutations are tried on every so manyth command

TEST_P(ReferenceCommands, AreLegal) {
  for (const hbm::Violation& violation : hbm::check_commands(config_, log_))
    ADD_FAILURE() << hbm::to_text(violation);
}

TEST_P(ReferenceCommands, AColumnTooSoonAfterItsActivateIsCaught) {
  const auto after_activate = [this](std::size_t i) -> hbm::Tick {
    const hbm::Delay rcd =
        log_[i].command == hbm::kRd ? config_.timing.rcd_rd : config_.timing.rcd_wr;
    return static_cast<hbm::Tick>(rcd.half_ck / 2) + 1;
  };
  int tried = 0;
  for (std::size_t i = 0; i < log_.size(); ++i) {
    if (log_[i].command != hbm::kAct) continue;
    const auto column = next_of_bank(i);
    if (!column || log_[*column].at - log_[i].at != after_activate(*column)) continue;
    Log mutated = log_;
    --mutated[*column].at;
    std::stable_sort(mutated.begin(), mutated.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    const char* rule = log_[*column].command == hbm::kRd ? "tRCDRD" : "tRCDWR";
    EXPECT_EQ(broken(mutated).count(rule), 1U) << "column command at " << log_[*column].at;
    if (++tried == 30) break;
  }
  EXPECT_GT(tried, 3);
}

TEST_P(ReferenceCommands, AMissingPrechargeIsCaught) {
  int tried = 0;
  for (std::size_t i = 0; i < log_.size(); i += 1) {
    if (log_[i].command != hbm::kPre || i % kEvery != 0) continue;
    const auto next = next_of_bank(i);
    if (!next) continue;
    Log mutated = log_;
    mutated.erase(mutated.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(broken(mutated).count("bank closed"), 1U) << "precharge at " << log_[i].at;
    ++tried;
  }
  EXPECT_GT(tried, 1);
}

TEST_P(ReferenceCommands, AWrongRowIsCaught) {
  int tried = 0;
  for (std::size_t i = 0; i < log_.size(); ++i) {
    if (log_[i].command != hbm::kAct) continue;
    const auto column = next_of_bank(i);
    if (!column || !hbm::is_column(log_[*column].command)) continue;
    Log mutated = log_;
    mutated[i].row ^= 1U;
    EXPECT_EQ(broken(mutated), std::set<std::string>{"row open"}) << "activate at " << log_[i].at;
    if (++tried == 30) break;
  }
  EXPECT_GT(tried, 3);
}

TEST_P(ReferenceCommands, AMissingRefreshIsCaught) {
  Log mutated = log_;
  mutated.erase(std::remove_if(mutated.begin(), mutated.end(),
                               [](const auto& c) { return c.command == hbm::kRefab; }),
                mutated.end());
  ASSERT_LT(mutated.size(), log_.size());
  hbm::CommandChecker checker(config_);
  for (const LoggedCommand& command : mutated)
    checker.check(command);
  checker.finish(2 * static_cast<hbm::Tick>(config_.timing.refi.half_ck / 2));
  ASSERT_FALSE(checker.violations().empty());
  EXPECT_STREQ(checker.violations().back().rule, "tREFI");
}

std::string name_of(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Logs, ReferenceCommands,
                         ::testing::Values("HBM2-2000-PC_b_rand_rd", "HBM2-2000-PC_c2_mix21_rand",
                                           "HBM2-2000-PC_e2_blk1k_l700",
                                           "HBM2-2000-PC_f_4streams_conf",
                                           "HBM3-6400-PC_b_rand_rd"),
                         name_of);

}  // namespace
}  // namespace aipu::memory
