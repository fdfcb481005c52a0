// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "hw/hbm/command_checker.h"
#include "tests/hw/hbm/checked_sequence.h"
#include "tlm/hbm/controller.h"

namespace aipu::hbm {
namespace {

// A controller that believes a timing of its device to be shorter than it is sends a log that the
// checker, which knows better, must refuse: for every timing, by name.

class Log : public CommandSink {
 public:
  void command(const LoggedCommand& command) override { commands.push_back(command); }
  std::vector<LoggedCommand> commands;
};

/// The commands for dense and sparse traffic with row hits, misses and turns.
std::vector<LoggedCommand> commands_of(const Config& config) {
  Controller controller(config);
  Log log;
  controller.log_to(&log);
  std::mt19937 random(1);
  const auto below = [&random](std::uint32_t n) {
    return static_cast<std::uint32_t>(random() % n);
  };
  Tick at = 0;
  for (std::uint32_t i = 0; i < 6000; ++i) {
    if (i % 500 < 100) at += below(40);  // with pauses now and then
    if (i % 500 == 0) at += 3000;
    Access access;
    access.direction = below(100) < 40 ? kWrite : kRead;
    access.bank = i % 1000 < 500 ? below(bank_count(config)) : below(6);
    access.row = below(3);
    access.column = below(8);
    access.id = i;
    controller.offer(access, at);
  }
  std::vector<Issue> issued;
  while (!controller.empty())
    controller.advance(controller.next_issue(), issued);
  EXPECT_EQ(issued.size(), 6000U);
  return log.commands;
}

struct Mode {
  const char* name;
  void (*set)(Config&);
};
const Mode kAllBanks = {"all banks", [](Config& c) {
                          c.refresh = Refresh::kAllBank;
                          c.page = Page::kOpen;
                        }};
const Mode kPerBank = {"per bank", [](Config& c) {
                         c.refresh = Refresh::kPerBank;
                         c.page = Page::kOpen;
                       }};
const Mode kClosing = {"closed page", [](Config& c) {
                         c.refresh = Refresh::kAllBank;
                         c.page = Page::kClosed;
                       }};
const Mode kSleeping = {"power-down", [](Config& c) {
                          c.refresh = Refresh::kAllBank;
                          c.power_down = 5_ns;
                        }};
const Mode kManaged = {"refresh management", [](Config& c) {
                         c.refresh = Refresh::kPerBank;
                         c.rfm_threshold = 8;
                         c.rfm_limit = 16;
                       }};

Config device(const Mode& mode) {
  Config c = separable_device();
  c.timing.rtw = ck(16);
  c.timing.faw = ck(40);  // beyond four bank refreshes at tRREFD
  c.scheduler = Scheduler::kFrFcfs;
  c.refresh_postpone = 2;
  mode.set(c);
  schema().check(c);
  return c;
}

struct Belief {
  const char* rule;
  Delay Timings::*timing;
  const Mode& mode;
};

TEST(CheckerSensitivity, AControllerThatKnowsItsDeviceIsLegal) {
  for (const Mode& mode : {kAllBanks, kPerBank, kClosing, kSleeping, kManaged}) {
    const Config config = device(mode);
    const auto log = commands_of(config);
    EXPECT_EQ(broken(config, log), std::set<std::string>{}) << mode.name;
  }
}

TEST(CheckerSensitivity, ATimingThoughtACycleShorterIsCaughtByName) {
  const Belief beliefs[] = {
      {"tRCDRD", &Timings::rcd_rd, kAllBanks}, {"tRCDWR", &Timings::rcd_wr, kAllBanks},
      {"tRP", &Timings::rp, kAllBanks},        {"tRAS", &Timings::ras, kAllBanks},
      {"tRC", &Timings::rc, kAllBanks},        {"tCCDS", &Timings::ccd_s, kAllBanks},
      {"tCCDL", &Timings::ccd_l, kAllBanks},   {"tCCDR", &Timings::ccd_r, kAllBanks},
      {"tRRDS", &Timings::rrd_s, kAllBanks},   {"tRRDL", &Timings::rrd_l, kAllBanks},
      {"tFAW", &Timings::faw, kAllBanks},      {"tWTRS", &Timings::wtr_s, kAllBanks},
      {"tWTRL", &Timings::wtr_l, kAllBanks},   {"tWR", &Timings::wr, kAllBanks},
      {"tRTP", &Timings::rtp, kAllBanks},      {"tRTW", &Timings::rtw, kAllBanks},
      {"tPPD", &Timings::ppd, kAllBanks},      {"tRFCab", &Timings::rfc_ab, kAllBanks},
      {"tRFCpb", &Timings::rfc_pb, kPerBank},  {"tRREFD", &Timings::rrefd, kPerBank},
      {"tFAW", &Timings::faw, kPerBank},       {"tRTP+tRP", &Timings::rp, kClosing},
      {"tWR+tRP", &Timings::wr, kClosing},     {"tXP", &Timings::xp, kSleeping},
      {"tPD", &Timings::pd, kSleeping},        {"tRFMpb", &Timings::rfm_pb, kManaged},
  };
  for (const Belief& belief : beliefs) {
    const Config config = device(belief.mode);
    Config believed = config;
    Delay& timing = believed.timing.*belief.timing;
    timing = half_ck(timing.half_ck - 2);
    schema().check(believed);
    const auto rules = broken(config, commands_of(believed));
    EXPECT_EQ(rules.count(belief.rule), 1U) << belief.rule << ", " << belief.mode.name;
  }
}

TEST(CheckerSensitivity, ObligationsForgottenAreCaughtByName) {
  const Config whole = device(kAllBanks);
  Config lazy = whole;
  lazy.timing.refi = ck(15'600);  // four times
  EXPECT_EQ(broken(whole, commands_of(lazy)), std::set<std::string>{"tREFI"});
  lazy = whole;
  lazy.refresh = Refresh::kNone;
  EXPECT_EQ(broken(whole, commands_of(lazy)), std::set<std::string>{"tREFI"});
  Config warm = whole;
  warm.temperature = 100;
  EXPECT_EQ(broken(warm, commands_of(whole)), std::set<std::string>{"tREFI"});

  const Config managed = device(kManaged);
  Config careless = managed;
  careless.rfm_threshold = 0;
  EXPECT_EQ(broken(managed, commands_of(careless)), std::set<std::string>{"RAAMMT"});
}

}  // namespace
}  // namespace aipu::hbm
