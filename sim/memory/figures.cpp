// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/figures.h"

#include <algorithm>

namespace aipu::memory {
namespace {

constexpr double kNano = 1e-9;
constexpr double kGiga = 1e9;
constexpr double kPsPerNs = 1000;

double over(double value, std::uint64_t count) {
  return count == 0 ? 0 : value / static_cast<double>(count);
}

}  // namespace

double Figures::ck(double ticks) const {
  return ticks / static_cast<double>(hbm::ticks_per_ck(device_));
}

double Figures::ns(double ticks) const {
  return ck(ticks) / static_cast<double>(command_clock(device_).count) / kNano;
}

double Figures::fixed_ns() const {
  return static_cast<double>((device_.controller_latency + device_.phy_latency).count) / kPsPerNs;
}

double Figures::gbytes_per_s() const {
  const double time = ns(static_cast<double>(replay_.end - replay_.begin));
  return static_cast<double>(replay_.requests() * atom(device_).count) / time;
}

double Figures::peak_gbytes_per_s() const {
  return static_cast<double>(peak_bytes_per_second(device_)) / kGiga;
}

double Figures::latency(hbm::Direction direction) const {
  const Latencies& all = replay_.latency[direction];
  return all.count() == 0 ? 0 : ns(all.mean()) + fixed_ns();
}

double Figures::latency(hbm::Direction direction, hbm::Tick of_distribution) const {
  const bool any = replay_.latency[direction].count() != 0;
  return any ? ns(static_cast<double>(of_distribution)) + fixed_ns() : 0;
}

std::optional<double> Figures::latency_from_arrival(hbm::Direction direction) const {
  const std::uint64_t count = replay_.latency[direction].count();
  if (!replay_.paced || count == 0) return std::nullopt;
  return ns(over(static_cast<double>(replay_.since_arrival[direction]), count)) + fixed_ns();
}

Figures::Parts Figures::latency_parts(hbm::Direction direction) const {
  const std::uint64_t count = replay_.latency[direction].count();
  const hbm::LatencySplit& sum = replay_.counts.latency[direction];
  const auto mean = [&](hbm::Tick ticks) { return ns(over(static_cast<double>(ticks), count)); };
  // Those of check bits belong to no request, or more than one access to one.
  if (count == 0 || device_.ecc == hbm::Ecc::kInline) return {};
  Parts parts{{"queue", mean(sum.queue)},     {"bank", mean(sum.bank)}, {"bus", mean(sum.bus)},
              {"refresh", mean(sum.refresh)}, {"data", mean(sum.data)}, {"fixed", fixed_ns()}};
  double split = 0;  // the rest passed between the port and the scheduler
  for (const auto& [name, part] : parts)
    split += part;
  parts.insert(parts.begin(), {"port", latency(direction) - split});
  return parts;
}

Figures::Parts Figures::bus_parts() const {
  Parts parts;
  for (std::size_t i = 0; i < replay_.shares.size(); ++i) {
    const auto cause = static_cast<hbm::Cause>(i);
    if (cause == hbm::Cause::kBusy) continue;
    parts.emplace_back(to_string(cause), ck(static_cast<double>(replay_.shares[i])));
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  double busy = ck(static_cast<double>(replay_.shares[hbm::index(hbm::Cause::kBusy)]));
  if (device_.ecc == hbm::Ecc::kInline) {
    const double data = static_cast<double>(replay_.requests()) * device_.burst_length /
                        static_cast<double>(beats_per_ck(device_));
    parts.insert(parts.begin(), {"check_bits", busy - data});
    busy = data;
  }
  parts.insert(parts.begin(), {to_string(hbm::Cause::kBusy), busy});
  return parts;
}

std::uint64_t Figures::refreshes() const {
  return replay_.counts.commands[hbm::kRefab] + replay_.counts.commands[hbm::kRefpb];
}

double Figures::row_hit_rate() const {
  return std::max(0.0, 1 - over(static_cast<double>(activates()), replay_.requests()));
}

double Figures::requests_per_cpu_second() const {
  return replay_.cpu_seconds > 0 ? static_cast<double>(replay_.requests()) / replay_.cpu_seconds
                                 : 0;
}

hbm::EnergyReport Figures::energy() const {
  // Everything is linear, so that sums over the pseudo-channels do; but time passes once.
  const auto channels = static_cast<hbm::Tick>(channel_count(device_));
  const hbm::ControllerCounts& counts = replay_.counts;
  hbm::EnergyReport report =
      hbm::energy(device_, {counts.commands, replay_.end * channels, counts.active,
                            counts.power_down, counts.active_power_down});
  report.seconds /= static_cast<double>(channels);
  return report;
}

}  // namespace aipu::memory
