// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/report.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/memory/figures.h"

namespace aipu::memory {
namespace {

using Json = nlohmann::ordered_json;

/// A number with so many decimals; the same run prints the same text.
double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}
double rounded_ns(double value) {
  return rounded(value, 3);
}

/// A whole number as one.
Json cycles(double ck) {
  if (ck == std::floor(ck)) return static_cast<std::int64_t>(ck);
  return ck;
}

void add_latencies(Json& out, const std::string& prefix, hbm::Direction direction,
                   const Replay& replay, const Figures& figures) {
  const Latencies& all = replay.latency[direction];
  const auto put = [&](const char* name, double value) {
    out[prefix + "_lat_" + name] = all.count() == 0 ? Json() : Json(rounded_ns(value));
  };
  const auto arrival = figures.latency_from_arrival(direction);
  out[prefix + "_lat_from_arrival_avg_ns"] = arrival ? Json(rounded_ns(*arrival)) : Json();
  put("from_accept_avg_ns", figures.latency(direction));
  put("p50_ns", figures.latency(direction, all.percentile(50)));
  put("p95_ns", figures.latency(direction, all.percentile(95)));
  put("p99_ns", figures.latency(direction, all.percentile(99)));
  put("max_ns", figures.latency(direction, all.max()));
  put("min_ns", figures.latency(direction, all.min()));
}

Json parts_json(const Figures::Parts& parts) {
  Json out = Json::object();
  for (const auto& [name, ns] : parts)
    out[name] = rounded_ns(ns);
  return out;
}

Json commands_json(const Replay& replay) {
  Json out = Json::object();
  for (std::size_t i = 0; i < replay.counts.commands.size(); ++i)
    out[hbm::kCommandNames[i]] = replay.counts.commands[i];
  return out;
}

/// Accesses by pseudo-channel and bank.
Json banks_json(const Experiment& e) {
  Json out = Json::array();
  const auto& all = e.replay.bank_accesses;
  const auto banks = static_cast<std::ptrdiff_t>(bank_count(e.config));
  for (auto at = all.begin(); at != all.end(); at += banks)
    out.push_back(std::vector<std::uint64_t>(at, at + banks));
  return out;
}

Json energy_json(const hbm::EnergyReport& energy) {
  return {{"activate_pj", rounded_ns(energy.activate)},
          {"read_pj", rounded_ns(energy.read)},
          {"write_pj", rounded_ns(energy.write)},
          {"io_pj", rounded_ns(energy.io)},
          {"refresh_pj", rounded_ns(energy.refresh)},
          {"background_active_pj", rounded_ns(energy.background_active)},
          {"background_idle_pj", rounded_ns(energy.background_idle)},
          {"background_power_down_pj", rounded_ns(energy.background_power_down)},
          {"total_pj", rounded_ns(energy.total())},
          {"pj_per_bit", rounded_ns(energy.per_bit())},
          {"power_w", rounded(energy.power(), 6)}};
}

/// For reading.
std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

constexpr double kLeast = 0.05;  // percent that a tenth shows

std::string verdict(const Figures& figures, double bus_ck) {
  std::string lost;
  for (const auto& [cause, ck] : figures.bus_parts()) {
    const double percent = 100 * ck / bus_ck;
    if (cause == to_string(hbm::Cause::kBusy) || percent < kLeast) continue;
    lost += fmt::format("{}{} {:.1f} %", lost.empty() ? "" : ", ", words(cause), percent);
  }
  return fmt::format("{:.2f} GB/s, {:.1f} % of the peak of {:.2f} GB/s; lost: {}\n",
                     figures.gbytes_per_s(), figures.percent_of_peak(), figures.peak_gbytes_per_s(),
                     lost.empty() ? "nothing" : lost);
}

void print_latencies(std::ostream& out, const Replay& replay, const Figures& figures) {
  out << fmt::format("{:<18}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>14}\n", "latency, ns", "mean",
                     "p50", "p95", "p99", "max", "min", "from arrival");
  for (const hbm::Direction d : {hbm::kRead, hbm::kWrite}) {
    const Latencies& all = replay.latency[d];
    if (all.count() == 0) continue;
    out << fmt::format("  {:<16}{:>10.2f}", d == hbm::kRead ? "reads" : "writes",
                       figures.latency(d));
    for (const hbm::Tick one :
         {all.percentile(50), all.percentile(95), all.percentile(99), all.max(), all.min()})
      out << fmt::format("{:>10.2f}", figures.latency(d, one));
    const auto arrival = figures.latency_from_arrival(d);
    out << (arrival ? fmt::format("{:>14.2f}\n", *arrival) : fmt::format("{:>14}\n", "-"));
  }
}

void print_parts(std::ostream& out, const Replay& replay, const Figures& figures) {
  bool first = true;
  for (const hbm::Direction d : {hbm::kRead, hbm::kWrite}) {
    if (replay.latency[d].count() == 0) continue;
    const auto parts = figures.latency_parts(d);
    if (parts.empty()) continue;
    if (first) {
      out << fmt::format("{:<18}", "of it, ns");
      for (const auto& [name, ns] : parts)
        out << fmt::format("{:>10}", name);
      out << "\n";
    }
    first = false;
    out << fmt::format("  {:<16}", d == hbm::kRead ? "reads" : "writes");
    for (const auto& [name, ns] : parts)
      out << fmt::format("{:>10.2f}", ns);
    out << "\n";
  }
}

}  // namespace

std::string to_json(const Experiment& e) {
  const Figures figures(e.config, e.replay);
  Json out;
  out["simulator"] = "hc1000";
  out["config"] = e.device;
  out["policy"] = e.policy;
  out["trace"] = e.source;
  out["n_requests"] = e.replay.requests();
  out["n_reads"] = e.replay.latency[hbm::kRead].count();
  out["n_writes"] = e.replay.latency[hbm::kWrite].count();
  out["total_ck"] = cycles(figures.total_ck());
  out["gbytes_per_s"] = rounded(figures.gbytes_per_s(), 4);
  out["pct_of_peak"] = rounded(figures.percent_of_peak(), 3);
  add_latencies(out, "rd", hbm::kRead, e.replay, figures);
  out["n_act"] = figures.activates();
  out["n_ref"] = figures.refreshes();
  out["row_hit_rate"] = rounded(figures.row_hit_rate(), 5);
  out["req_per_cpu_s"] = std::round(figures.requests_per_cpu_second());
  add_latencies(out, "wr", hbm::kWrite, e.replay, figures);
  out["pseudo_channels"] = channel_count(e.config);
  Json& loss = out["loss"] = Json::object();
  for (const auto& [cause, ck] : figures.bus_parts())
    loss[cause] = cycles(ck);
  out["rd_lat_parts_ns"] = parts_json(figures.latency_parts(hbm::kRead));
  out["wr_lat_parts_ns"] = parts_json(figures.latency_parts(hbm::kWrite));
  out["commands"] = commands_json(e.replay);
  out["bank_accesses"] = banks_json(e);
  out["energy"] = energy_json(figures.energy());
  return out.dump(2);
}

void print(std::ostream& out, const Experiment& e) {
  const Figures figures(e.config, e.replay);
  const Replay& replay = e.replay;
  const double bus_ck = figures.total_ck() * channel_count(e.config);
  out << verdict(figures, bus_ck);
  out << fmt::format("  {}, {}, {}: {} reads, {} writes in {} CK ({:.3f} us)\n", e.device, e.policy,
                     e.source, replay.latency[hbm::kRead].count(),
                     replay.latency[hbm::kWrite].count(), figures.total_ck(),
                     figures.ns(static_cast<double>(replay.end - replay.begin)) / 1000);
  out << fmt::format("  {} activates, {} refreshes, {:.1f} % row hits\n", figures.activates(),
                     figures.refreshes(), 100 * figures.row_hit_rate());
  const hbm::EnergyReport energy = figures.energy();
  out << fmt::format("  {:.2f} pJ per bit, {:.3f} W\n", energy.per_bit(), energy.power());
  out << fmt::format("{:<18}{:>14}{:>10}\n", "data bus", "CK", "%");
  for (const auto& [cause, ck] : figures.bus_parts()) {
    if (ck == 0) continue;
    out << fmt::format("  {:<16}{:>14.1f}{:>10.1f}\n", words(cause), ck, 100 * ck / bus_ck);
  }
  print_latencies(out, replay, figures);
  print_parts(out, replay, figures);
  const auto& banks = replay.bank_accesses;
  const auto [least, most] = std::minmax_element(banks.begin(), banks.end());
  out << fmt::format("{} banks with {} to {} accesses each\n", banks.size(), *least, *most);
  out << fmt::format("simulated at {:.2f} million requests per CPU second\n",
                     figures.requests_per_cpu_second() / 1e6);
}

}  // namespace aipu::memory
