// SPDX-License-Identifier: Apache-2.0
#include "sim/report/resources.h"

#include <algorithm>
#include <numeric>

namespace aipu::report {
namespace {

constexpr double kBinding = 0.5;  // a resource that is busy for less than this does not bind alone

int rank_of(const std::string& cause) {
  return cause == "busy" ? 0 : cause == "idle" ? 2 : 1;
}

}  // namespace

const std::vector<Resource>& resources() {
  using Level = Resource::Level;
  static const std::vector<Resource> all{
      {"core.tensor", "tensor arrays", Level::kEngine, "aipu.tensor"},
      {"core.vector", "vector engines", Level::kEngine, "aipu.vector"},
      {"core.load", "load queues", Level::kEngine, ""},
      {"core.store", "store queues", Level::kEngine, ""},
      {"core.directcom", "DirectCom queues", Level::kEngine, ""},
      {"core.sram", "core SRAM ports", Level::kEngine, ""},
      {"core.hart", "core harts", Level::kHart, ""},
      {"control.hart", "control harts", Level::kHart, ""},
      {"hbm", "HBM data bus", Level::kChip, "aipu.hbm"},
      {"shared", "shared SRAM banks", Level::kChip, ""},
      {"mesh", "mesh links", Level::kChip, ""},
      {"directcom", "DirectCom lanes", Level::kChip, "aipu.directcom"},
      {"switch", "switch outputs", Level::kChip, ""},
  };
  return all;
}

std::vector<std::pair<std::string, std::int64_t>> ordered_shares(const Account& account) {
  std::vector<std::pair<std::string, std::int64_t>> list(account.shares.begin(),
                                                         account.shares.end());
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return rank_of(a.first) < rank_of(b.first);
  });
  return list;
}

std::vector<std::pair<std::string, std::int64_t>> per_mille(const Account& account) {
  auto list = ordered_shares(account);
  std::int64_t total = 0;
  for (const auto& share : list)
    total += share.second;
  if (total <= 0) return {};
  std::vector<std::pair<double, std::size_t>> remainders;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const double exact = 1000.0 * static_cast<double>(list[i].second) / static_cast<double>(total);
    list[i].second = static_cast<std::int64_t>(exact);
    given += list[i].second;
    remainders.emplace_back(static_cast<double>(list[i].second) - exact, i);
  }
  std::stable_sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; given < 1000; ++i, ++given)
    ++list[remainders[i % remainders.size()].second].second;
  return list;
}

double utilisation(const Account& account) {
  std::int64_t total = 0, busy = 0;
  for (const auto& [cause, ps] : account.shares) {
    total += ps;
    if (cause == "busy") busy += ps;
  }
  return total == 0 ? 0 : static_cast<double>(busy) / static_cast<double>(total);
}

Bound find_bound(const Snapshot& step) {
  std::vector<std::pair<double, const Resource*>> list;
  for (const Resource& resource : resources()) {
    if (resource.bounds()) list.emplace_back(utilisation(step.total(resource.kind)), &resource);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  Bound bound;
  bound.busiest = list[0].second->name;
  bound.utilisation = list[0].first;
  bound.next = list[1].second->name;
  bound.next_utilisation = list[1].first;
  const bool binds = bound.utilisation >= kBinding;
  bound.name = binds ? bound.busiest : "latency and synchronisation";
  bound.group = binds ? list[0].second->group : "aipu";
  return bound;
}

}  // namespace aipu::report
