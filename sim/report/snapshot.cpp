// SPDX-License-Identifier: Apache-2.0
#include "sim/report/snapshot.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "hw/base/assert.h"
#include "hw/program/counters.h"
#include "tlm/core/model.h"

namespace aipu::report {
namespace {

/// "board.aipu3.core12.tensor" -> {"core.tensor", 3}.
Snapshot::Key key_of(const std::string& path) {
  Snapshot::Key key;
  std::string kind;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    std::string part = path.substr(begin, end - begin);
    const std::size_t digits = part.find_last_not_of("0123456789") + 1;
    const std::string number = part.substr(digits);
    part.resize(digits);
    if (part == "aipu" && !number.empty()) {
      key.chip = static_cast<std::uint32_t>(std::strtoul(number.c_str(), nullptr, 10));
    } else if (part != "board") {
      kind += (kind.empty() ? "" : ".") + part;
    }
    begin = end + 1;
  }
  key.kind = kind;
  return key;
}

/// One word for one cause, whichever block counts it: a wait for a counter is a wait for what the
/// counter counts, a lane without a packet is idle.
std::string cause_of(std::string cause) {
  constexpr const char* prefix = "counter ";
  std::replace(cause.begin(), cause.end(), '_', ' ');
  if (cause == "no packet") return "idle";
  if (cause.rfind(prefix, 0) != 0) return cause;
  const std::string number = cause.substr(std::string(prefix).size());
  return program::cause_of_counter(
      static_cast<std::uint32_t>(std::strtoul(number.c_str(), nullptr, 10)));
}

void merge(Account& into, const Account& from) {
  into.models += from.models;
  into.servers += from.servers;
  for (const auto& [cause, ps] : from.shares)
    into.shares[cause] += ps;
  for (const auto& [name, count] : from.counts)
    into.counts[name] += count;
}

std::int64_t scaled(std::int64_t value, std::uint64_t times, std::uint64_t parts) {
  return static_cast<std::int64_t>(std::llround(static_cast<long double>(value) * times / parts));
}

/// Adds the scaled growth of each value; returns the sum of what was added.
std::int64_t grow(std::map<std::string, std::int64_t>& values,
                  const std::map<std::string, std::int64_t>& before,
                  const std::map<std::string, std::int64_t>& after, std::uint64_t times,
                  std::uint64_t parts) {
  std::int64_t sum = 0;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    const std::int64_t more = scaled(value - (old == before.end() ? 0 : old->second), times, parts);
    values[name] += more;
    sum += more;
  }
  return sum;
}

}  // namespace

void Snapshot::extend(const Snapshot& before, const Snapshot& after, std::uint64_t times,
                      std::uint64_t parts) {
  const std::int64_t longer =
      scaled(static_cast<std::int64_t>(after.time - before.time), times, parts);
  time += static_cast<std::uint64_t>(longer);
  for (const auto& [key, account] : after.accounts) {
    const Account& old = before.accounts.at(key);
    Account& own = accounts[key];
    const std::int64_t added = grow(own.shares, old.shares, account.shares, times, parts);
    if (!own.shares.empty()) {
      own.shares["idle"] += static_cast<std::int64_t>(own.servers) * longer - added;
    }
    grow(own.counts, old.counts, account.counts, times, parts);
  }
}

void Snapshot::lengthen(std::uint64_t ps) {
  time += ps;
  for (auto& [key, account] : accounts) {
    if (account.shares.empty()) continue;
    account.shares["idle"] += static_cast<std::int64_t>(account.servers * ps);
  }
}

Account Snapshot::total(const std::string& kind) const {
  Account sum;
  for (const auto& [key, account] : accounts) {
    if (key.kind == kind) merge(sum, account);
  }
  return sum;
}

Account Snapshot::of_chip(const std::string& kind, std::uint32_t chip) const {
  const auto found = accounts.find({kind, chip});
  return found == accounts.end() ? Account{} : found->second;
}

Snapshot take_snapshot(const board::Board& board, std::uint64_t now) {
  Snapshot snapshot;
  snapshot.time = now;
  for_each_model(board, [&](const Model& model) {
    Account account;
    account.models = 1;
    std::uint64_t sum = 0;
    for (const TimeShare& share : model.time_shares(now)) {
      account.servers = model.servers();
      account.shares[cause_of(share.cause)] += static_cast<std::int64_t>(share.picoseconds);
      sum += share.picoseconds;
    }
    AIPU_ASSERT(sum == now * account.servers, "{}: shares add up to {} ps of {} x {}", model.name(),
                sum, account.servers, now);
    if (const StatGroup* group = model.stat_group()) {
      for (const Counter* counter : group->counters()) {
        account.counts[counter->name()] += static_cast<std::int64_t>(counter->value());
      }
    }
    if (account.servers != 0 || !account.counts.empty())
      merge(snapshot.accounts[key_of(model.name())], account);
  });
  return snapshot;
}

}  // namespace aipu::report
