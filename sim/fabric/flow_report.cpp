// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/flow_report.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/fabric/rounded.h"

namespace aipu::fabric {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDigits = 6;

/// Of a list of numbers: entry floor(n p / 100) of the sorted list.
struct Distribution {
  double mean = 0, p50 = 0, p95 = 0, p99 = 0, max = 0;
};
constexpr std::array<const char*, 5> kColumns{"mean", "p50", "p95", "p99", "max"};

Distribution distribution(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const double value : values)
    sum += value;
  const auto at = [&](std::size_t per_cent) {
    return values[std::min(values.size() * per_cent / 100, values.size() - 1)];
  };
  return {sum / static_cast<double>(values.size()), at(50), at(95), at(99), values.back()};
}
std::array<double, 5> columns(const Distribution& d) {
  return {d.mean, d.p50, d.p95, d.p99, d.max};
}

/// What is told of all flows.
class Figures {
 public:
  Figures(const Setup& setup, const std::vector<Flow>& flows, const FlowResult& result)
      : cycle_us_(setup.cycle_ns() / 1000) {
    std::vector<double> times, slowdowns;
    std::uint64_t first = result.end;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      times.push_back(us(result.flows[i].taken));
      slowdowns.push_back(slowdown(result.flows[i]));
      bytes += flows[i].bytes;
      first = std::min(first, result.flows[i].start);
    }
    fct = distribution(times);
    slow = distribution(slowdowns);
    makespan_us = us(result.end - first);
  }

  double us(std::uint64_t cycles) const { return static_cast<double>(cycles) * cycle_us_; }
  static double slowdown(const FlowTimes& times) {
    return static_cast<double>(times.taken) / static_cast<double>(times.ideal);
  }
  double gbytes_per_s() const {
    return makespan_us > 0 ? static_cast<double>(bytes) / makespan_us / 1000 : 0;
  }

  Distribution fct, slow;
  std::uint64_t bytes = 0;
  double makespan_us = 0;

 private:
  double cycle_us_;
};

double per_cpu_second(std::uint64_t count, const FlowResult& result) {
  return result.cpu_seconds > 0 ? static_cast<double>(count) / result.cpu_seconds : 0;
}

}  // namespace

std::string to_json(const Setup& setup, const std::vector<Flow>& flows, const FlowResult& result) {
  const Figures figures(setup, flows, result);
  Json out;
  add_json(out, setup);
  out["flows"] = flows.size();
  out["bytes"] = figures.bytes;
  for (std::size_t i = 0; i < kColumns.size(); ++i)
    out[fmt::format("fct_{}_us", kColumns[i])] = rounded(columns(figures.fct)[i], kDigits);
  for (std::size_t i = 0; i < kColumns.size(); ++i)
    out[fmt::format("slowdown_{}", kColumns[i])] = rounded(columns(figures.slow)[i], kDigits);
  out["makespan_us"] = rounded(figures.makespan_us, kDigits);
  out["gbytes_per_s"] = rounded(figures.gbytes_per_s(), kDigits);
  out["repeats"] = result.repeats;
  out["flits_per_cpu_s"] = rounded(per_cpu_second(result.flits, result), 0);
  out["packet_hops_per_cpu_s"] = rounded(per_cpu_second(result.packet_hops, result), 0);
  Json each = Json::array();
  for (std::size_t i = 0; i < flows.size(); ++i) {
    each.push_back({{"source", flows[i].source},
                    {"destination", flows[i].destination},
                    {"bytes", flows[i].bytes},
                    {"start_ns", flows[i].start_ns},
                    {"class", flows[i].traffic_class},
                    {"fct_us", rounded(figures.us(result.flows[i].taken), kDigits)},
                    {"ideal_us", rounded(figures.us(result.flows[i].ideal), kDigits)},
                    {"slowdown", rounded(Figures::slowdown(result.flows[i]), kDigits)}});
  }
  out["per_flow"] = std::move(each);
  out["tiers"] = to_json(tier_shares(result.links), result.links);
  out["links"] = to_json(result.links);
  return out.dump(2);
}

void print(std::ostream& out, const Setup& setup, const std::vector<Flow>& flows,
           const FlowResult& result) {
  const Figures figures(setup, flows, result);
  out << fmt::format(
      "{} flow{} in {:.3f} us, {:.2f} GB/s; the slowest takes {:.3f} us, slowdown "
      "up to {:.2f}\n",
      flows.size(), flows.size() == 1 ? "" : "s", figures.makespan_us, figures.gbytes_per_s(),
      figures.fct.max, figures.slow.max);
  print(out, setup);
  out << fmt::format("{:<18}", "flows");
  for (const char* column : kColumns)
    out << fmt::format("{:>12}", column);
  out << fmt::format("\n  {:<16}", "completion, us");
  for (const double value : columns(figures.fct))
    out << fmt::format("{:>12.3f}", value);
  out << fmt::format("\n  {:<16}", "slowdown");
  for (const double value : columns(figures.slow))
    out << fmt::format("{:>12.3f}", value);
  out << "\n";
  print(out, tier_shares(result.links), result.links);
  print_repeats(out, setup, result.repeats);
  out << fmt::format(
      "simulated at {:.2f} million packet hops, {:.1f} million flits per CPU second\n",
      per_cpu_second(result.packet_hops, result) / 1e6, per_cpu_second(result.flits, result) / 1e6);
}

}  // namespace aipu::fabric
