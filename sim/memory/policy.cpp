// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/policy.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/nearest.h"

namespace aipu::memory {
namespace {

using Overrides = std::vector<std::string>;

/// FR-FCFS, open page, all-bank refresh when it is due; the base of all others.
Overrides base_and(const Overrides& changes) {
  Overrides all{
      "scheduler=fr_fcfs",       "page=open",         "protect_hits=true",    "front_queue=0",
      "read_queue=32",           "write_queue=32",    "write_high=26",        "write_low=6",
      "open_buffer=0",           "admission=both",    "starvation=0 ps",      "refresh=all_bank",
      "refresh_postpone=0",      "refresh_pull_in=0", "refresh_yields=false", "bank_hash=false",
      "controller_latency=0 ps", "phy_latency=0 ps"};
  all.insert(all.end(), changes.begin(), changes.end());
  return all;
}

std::vector<Policy> make_policies() {
  return {
      {"device", "as the device file says", {}},
      {"frfcfs", "first ready first, 32 + 32 entries, open page, all-bank refresh", base_and({})},
      {"fifo", "frfcfs, but banks serve in order", base_and({"scheduler=fifo"})},
      {"grp", "frfcfs with a queue a direction, served in turns",
       base_and({"scheduler=grp_fr_fcfs"})},
      {"frfcfsgrp", "frfcfs, hits of the last direction first",
       base_and({"scheduler=fr_fcfs_grp"})},
      {"wm", "reads first; writes drain from 26 entries to 6", base_and({"scheduler=watermark"})},
      {"frfcfs_wm20_80",
       "reads first; writes drain from above 0.8 to 0.2 of 32 entries; opened rows leave the queue",
       base_and({"scheduler=watermark", "write_high=25", "write_low=6", "admission=own",
                 "protect_hits=false", "open_buffer=32"})},
      {"closed", "frfcfs, a row closes with every access", base_and({"page=closed"})},
      {"openadaptive", "frfcfs, a row closes when another is wanted",
       base_and({"page=open_adaptive"})},
      {"closedadaptive", "frfcfs, a row closes with its last hit",
       base_and({"page=closed_adaptive"})},
      {"noref", "frfcfs without refresh", base_and({"refresh=none"})},
      {"postpone8", "frfcfs, eight refreshes postponed or pulled in",
       base_and({"refresh_postpone=8", "refresh_pull_in=8"})},
      {"refpb", "frfcfs with per-bank refresh", base_and({"refresh=per_bank"})},
      {"refpb_post", "refpb, eight refreshes postponed or pulled in",
       base_and({"refresh=per_bank", "refresh_postpone=8", "refresh_pull_in=8"})},
  };
}

}  // namespace

const std::vector<Policy>& policies() {
  static const std::vector<Policy> all = make_policies();
  return all;
}

const Policy& find_policy(const std::string& name) {
  const auto& all = policies();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Policy& p) { return p.name == name; });
  if (found != all.end()) return *found;
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Policy& policy : all)
    names.push_back(policy.name);
  const std::string close = nearest(name, names);
  throw ConfigError("", fmt::format("unknown policy '{}'{}; known: {}", name,
                                    close.empty() ? "" : "; did you mean '" + close + "'?",
                                    fmt::join(names, ", ")));
}

}  // namespace aipu::memory
