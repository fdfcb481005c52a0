// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/load_report.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>

#include "sim/fabric/rounded.h"

namespace aipu::fabric {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLoadDigits = 6;
constexpr int kCycleDigits = 3;
constexpr std::array<std::uint32_t, 3> kPercentiles{50, 95, 99};

/// Flits of a cycle and lane that arrived, over the nodes.
struct Accepted {
  double mean = 0, least = 0, most = 0;
};

Accepted accepted(const ClassResult& one, const Setup& setup, const Windows& windows) {
  const double time = static_cast<double>(windows.cycles) * setup.lanes;
  const auto [least, most] = std::minmax_element(one.flits.begin(), one.flits.end());
  const auto sum = std::accumulate(one.flits.begin(), one.flits.end(), std::uint64_t{0});
  return {static_cast<double>(sum) / time / setup.nodes, static_cast<double>(*least) / time,
          static_cast<double>(*most) / time};
}

/// The latencies of all classes are known when those of each with packets are.
struct Judged {
  const ClassResult& measures;
  bool stable;
  bool complete;
};
Judged judge(const ClassResult& one, const Setup& setup) {
  return {one, one.stable(setup.packet_flits), one.complete(setup.packet_flits)};
}
Judged judge_all(const LoadResult& result, const Setup& setup) {
  bool complete = result.all.measured != 0;
  for (const ClassResult& one : result.classes)
    complete &= one.measured == 0 || one.complete(setup.packet_flits);
  return {result.all, result.stable, complete};
}

void add_measures(Json& out, const Judged& judged, const Setup& setup, const Windows& windows) {
  const ClassResult& one = judged.measures;
  const Accepted flits = accepted(one, setup, windows);
  out["offered"] = rounded(one.offered, kLoadDigits);
  out["accepted_mean"] = rounded(flits.mean, kLoadDigits);
  out["accepted_min_node"] = rounded(flits.least, kLoadDigits);
  out["accepted_max_node"] = rounded(flits.most, kLoadDigits);
  const bool known = judged.complete;
  out["lat_mean"] = known ? Json(rounded(one.latency.mean(), kCycleDigits)) : Json();
  for (const std::uint32_t p : kPercentiles)
    out[fmt::format("lat_p{}", p)] = known ? Json(one.latency.percentile(p)) : Json();
  out["lat_max"] = known ? Json(one.latency.max()) : Json();
  const auto hops = one.mean_hops();
  out["hops"] = hops ? Json(rounded(*hops, kCycleDigits)) : Json();
  out["stable"] = judged.stable;
  out["packets"] = one.measured;
  out["packets_late"] = one.measured - one.latency.count();
}

double per_cpu_second(std::uint64_t count, const LoadResult& result) {
  return result.cpu_seconds > 0 ? static_cast<double>(count) / result.cpu_seconds : 0;
}

/// All but the links.
void add_point(Json& out, const Setup& setup, const LoadResult& result) {
  add_measures(out, judge_all(result, setup), setup, result.windows);
  out["repeats"] = result.repeats;
  out["flits_per_cpu_s"] = rounded(per_cpu_second(result.total_flits, result), 0);
  out["packet_hops_per_cpu_s"] = rounded(per_cpu_second(result.packet_hops, result), 0);
  out["warmup"] = result.windows.warmup;
  out["cycles"] = result.windows.cycles;
  Json classes = Json::array();
  for (const ClassResult& one : result.classes) {
    Json object{{"name", one.name}};
    add_measures(object, judge(one, setup), setup, result.windows);
    classes.push_back(std::move(object));
  }
  out["classes"] = std::move(classes);
  out["tiers"] = to_json(tier_shares(result.links), result.links);
}

constexpr double kAlike = 0.005;  // of the time

/// The tier with the busiest link; of tiers that are alike in that the highest, whose links are
/// shared by most.
const TierShare& limiting(const std::vector<TierShare>& tiers) {
  double busiest = 0;
  for (const TierShare& tier : tiers)
    busiest = std::max(busiest, tier.busiest);
  const TierShare* found = &tiers.front();
  for (const TierShare& tier : tiers) {
    if (tier.busiest < busiest - kAlike) continue;
    if (found->busiest < busiest - kAlike || tier.tier > found->tier) found = &tier;
  }
  return *found;
}

/// The link that is nearest to its limit, how its tier fares, and what keeps that from more.
std::string bottleneck(const std::vector<LinkShare>& links) {
  const auto tiers = tier_shares(links);
  const TierShare* const tier = &limiting(tiers);
  const LinkShare& link = links[tier->busiest_link];
  const auto reason = std::max_element(tier->parts.begin() + kNoPacket, tier->parts.end());
  constexpr std::array<const char*, kLinkStates> kWords{"busy", "no packet", "no credit",
                                                        "lost arbitration"};
  return fmt::format("busiest link {}>{} {:.1f} %; {} {:.1f} %, idle for {} {:.1f} %", link.from,
                     link.to, 100 * tier->busiest, name_of(*tier), 100 * tier->parts[kBusy],
                     kWords[static_cast<std::size_t>(reason - tier->parts.begin())], 100 * *reason);
}

void print_class(std::ostream& out, const Judged& judged, const Setup& setup,
                 const Windows& windows) {
  const ClassResult& one = judged.measures;
  const Accepted flits = accepted(one, setup, windows);
  out << fmt::format("  {:<16}{:>9.4f}{:>10.4f}{:>10.4f}{:>10.4f}", one.name, one.offered,
                     flits.mean, flits.least, flits.most);
  if (judged.complete) {
    out << fmt::format("{:>10.2f}{:>8}{:>8}{:>8}", one.latency.mean(), one.latency.percentile(50),
                       one.latency.percentile(95), one.latency.percentile(99));
  } else {
    out << fmt::format("{:>10}{:>8}{:>8}{:>8}", "-", "-", "-", "-");
  }
  const auto hops = one.mean_hops();
  out << (hops ? fmt::format("{:>7.3f}", *hops) : fmt::format("{:>7}", "-"));
  out << (judged.stable ? "  yes\n" : "  no\n");
}

void print_head(std::ostream& out, const char* first) {
  out << fmt::format("{:<18}{:>9}{:>10}{:>10}{:>10}{:>10}{:>8}{:>8}{:>8}{:>7}  {}\n", first,
                     "offered", "accepted", "min node", "max node", "latency", "p50", "p95", "p99",
                     "hops", "stable");
}

void print_speed(std::ostream& out, double hops, double flits) {
  out << fmt::format(
      "simulated at {:.2f} million packet hops, {:.1f} million flits per CPU second\n", hops / 1e6,
      flits / 1e6);
}

}  // namespace

std::string to_json(const Setup& setup, const LoadResult& result) {
  Json out;
  add_json(out, setup);
  add_point(out, setup, result);
  out["links"] = to_json(result.links);
  return out.dump(2);
}

std::string to_json(const Setup& setup, const std::vector<LoadResult>& sweep) {
  Json out;
  add_json(out, setup);
  Json points = Json::array();
  for (const LoadResult& result : sweep) {
    Json point;
    add_point(point, setup, result);
    points.push_back(std::move(point));
  }
  out["points"] = std::move(points);
  return out.dump(2);
}

void print(std::ostream& out, const Setup& setup, const LoadResult& result) {
  const Judged all = judge_all(result, setup);
  const Accepted flits = accepted(result.all, setup, result.windows);
  out << fmt::format("accepts {:.4f} of {:.4f} offered, {}; {}\n", flits.mean, result.all.offered,
                     all.stable ? "stable" : "saturated", bottleneck(result.links));
  print(out, setup);
  out << fmt::format("  {} packets measured in {} cycles ({:.4g} us) after {}\n",
                     result.all.measured, result.windows.cycles,
                     static_cast<double>(result.windows.cycles) * setup.cycle_ns() / 1000,
                     result.windows.warmup);
  print_head(out, "traffic, cycles");
  for (const ClassResult& one : result.classes)
    print_class(out, judge(one, setup), setup, result.windows);
  if (result.classes.size() > 1) print_class(out, all, setup, result.windows);
  if (!all.complete && result.all.measured != 0) {
    out << "  latencies are left out where the backlog grows: they would grow with the window\n";
  }
  print(out, tier_shares(result.links), result.links);
  print_repeats(out, setup, result.repeats);
  print_speed(out, per_cpu_second(result.packet_hops, result),
              per_cpu_second(result.total_flits, result));
}

void print(std::ostream& out, const Setup& setup, const std::vector<LoadResult>& sweep) {
  double most = 0;
  const LoadResult* limit = nullptr;  // the first load that is too much
  LoadResult sum;
  for (const LoadResult& result : sweep) {
    most = std::max(most, accepted(result.all, setup, result.windows).mean);
    if (limit == nullptr && !result.stable) limit = &result;
    sum.packet_hops += result.packet_hops;
    sum.total_flits += result.total_flits;
    sum.cpu_seconds += result.cpu_seconds;
  }
  const LoadResult& told = limit != nullptr ? *limit : sweep.back();
  out << fmt::format("accepts up to {:.4f}, {}; {}\n", most,
                     limit != nullptr ? fmt::format("saturated at {:.4f}", limit->all.offered)
                                      : std::string("stable at every load"),
                     bottleneck(told.links));
  print(out, setup);
  print_head(out, "traffic, cycles");
  for (const LoadResult& result : sweep) {
    for (const ClassResult& one : result.classes)
      print_class(out, judge(one, setup), setup, result.windows);
  }
  print_speed(out, per_cpu_second(sum.packet_hops, sum), per_cpu_second(sum.total_flits, sum));
}

}  // namespace aipu::fabric
