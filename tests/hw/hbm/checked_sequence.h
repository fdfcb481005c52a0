// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "hw/hbm/command_checker.h"

namespace aipu::hbm {

/// Commands in words: "0 ACT 0.1.2 r5 | 40 RD 0.1.2 r5 c3 | 60 PREAB", a tick, a command and for
/// those of one bank stack id, bank group and bank. Row and column are 0 where not given.
inline std::vector<LoggedCommand> sequence(const std::string& text) {
  std::vector<LoggedCommand> log;
  std::istringstream commands(text);
  for (std::string part; std::getline(commands, part, '|');) {
    std::istringstream words(part);
    LoggedCommand c;
    std::string name;
    words >> c.at >> name;
    const auto* const found = std::find(std::begin(kCommandNames), std::end(kCommandNames), name);
    if (found == std::end(kCommandNames)) {
      ADD_FAILURE() << "no command: " << part;
      continue;
    }
    c.command = static_cast<Command>(found - std::begin(kCommandNames));
    if (c.command < kBankCommands) {
      char dot = 0;
      words >> c.stack_id >> dot >> c.bank_group >> dot >> c.bank;
      c.row = 0;
      if (is_column(c.command)) c.column = 0;
      for (std::string word; words >> word;)
        (word[0] == 'r' ? c.row : c.column) =
            static_cast<std::uint32_t>(std::stoul(word.substr(1)));
    }
    log.push_back(c);
  }
  return log;
}

/// The rules that a log breaks.
inline std::set<std::string> broken(const Config& config, const std::vector<LoggedCommand>& log,
                                    Tick end = 0) {
  std::set<std::string> rules;
  for (const Violation& violation : check_commands(config, log, end))
    rules.insert(violation.rule);
  return rules;
}

/// A device on which every rule can be the only one that is broken: the usual figures of HBM2 in
/// CK, some of them stretched. No refresh is due.
inline Config separable_device() {
  Config c;
  c.stacks = 1;
  c.pseudo_channels = 1;
  c.capacity = 1_GiB;
  c.stack_ids = 2;
  c.data_rate = BitsPerSecond(2'000'000'000U);
  c.refresh = Refresh::kNone;
  Timings& t = c.timing;
  t.rl = ck(14), t.wl = ck(5), t.rcd_rd = ck(14), t.rcd_wr = ck(12);
  t.rp = ck(14), t.ras = ck(34), t.rc = ck(50);
  t.ccd_s = ck(3), t.ccd_r = ck(4), t.ccd_l = ck(5);
  t.rrd_s = ck(4), t.rrd_l = ck(6), t.faw = ck(30);
  t.wtr_s = ck(6), t.wtr_l = ck(8), t.wr = ck(16), t.rtp = ck(5), t.rtw = ck(0), t.ppd = ck(3);
  t.rfc_ab = ck(260), t.rfc_pb = ck(160), t.rrefd = ck(8), t.rfm_ab = ck(200), t.rfm_pb = ck(120);
  t.refi = ck(3900), t.refi_pb = ck(0), t.xp = ck(8), t.pd = ck(9), t.act = ck(2);
  return c;
}

}  // namespace aipu::hbm
