// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/load_run.h"

#include <algorithm>
#include <cmath>

#include "hw/base/assert.h"
#include "sim/fabric/stuck.h"
#include "sim/memory/replay.h"

namespace aipu::fabric {
namespace {

using directcom::Network;

constexpr std::uint64_t kSlice = 1 << 12;  // cycles between two looks at the watch
constexpr std::uint64_t kCrossings = 5;    // of the network, least of a window
constexpr double kGrowth = 0.005;          // of what was created
constexpr std::uint32_t kClassBits = 8;    // of a tag; the rest is the cycle of creation

/// Flits created and not arrived, summed over the cycles of each half of the window.
class Backlog {
 public:
  explicit Backlog(const Windows& windows)
      : edges_{windows.warmup, windows.warmup + windows.cycles / 2,
               windows.warmup + windows.cycles / 2 * 2} {}
  void add(std::uint64_t cycle, double flits) {
    for (std::size_t half = 0; half < 2; ++half) {
      if (cycle >= edges_[half + 1]) continue;
      area_[half] += flits * static_cast<double>(edges_[half + 1] - std::max(cycle, edges_[half]));
    }
  }
  double growth() const {
    const auto half = static_cast<double>(edges_[1] - edges_[0]);
    return half == 0 ? 0 : (area_[1] - area_[0]) / half;
  }

 private:
  std::array<std::uint64_t, 3> edges_;
  std::array<double, 2> area_{};
};

/// Creates packets and takes them back.
class Load : public Network::User {
 public:
  Load(const directcom::Routes& routes, const Network::Config& config,
       const std::vector<FlowClass>& classes, const Senders& senders, const Windows& windows)
      : classes_(classes),
        senders_(senders),
        windows_(windows),
        topology_(routes.topology()),
        backlogs_(classes.size(), Backlog(windows)),
        network_(routes, config, *this) {
    for (const FlowClass& one : classes) {
      ClassResult result;
      result.name = one.name;
      result.offered = one.load;
      result.flits.assign(senders.nodes, 0);
      result_.classes.push_back(std::move(result));
    }
    generators_.reserve(classes.size() * senders.nodes);
    for (std::uint32_t node = 0; node < senders.nodes; ++node) {
      for (const FlowClass& one : classes) {
        generators_.emplace_back(one, senders, node);
        plan(generators_.back(), node);
      }
    }
  }

  LoadResult run(const Watch& watch) {
    const double start = memory::cpu_time();
    advance(windows_.warmup, watch);
    const Accounts before = windows_.warmup == 0 ? Accounts{} : network_.accounts();
    advance(end(), watch);
    result_.links = link_shares(topology_, before, network_.accounts());
    for (std::size_t i = 0; i < classes_.size(); ++i)
      result_.classes[i].growth = backlogs_[i].growth();
    drain(watch);
    result_.cpu_seconds = memory::cpu_time() - start;
    result_.packet_hops = network_.hops();
    result_.repeats = network_.repeats();
    result_.windows = windows_;
    add_up();
    return std::move(result_);
  }

  void wake(std::uint32_t node, std::uint64_t cycle) override {
    const std::size_t first = node * classes_.size();
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      Generator& generator = generators_[first + i];
      if (generator.next() != cycle) continue;
      while (generator.next() == cycle)
        create(i, node, generator.take(), cycle);
      plan(generator, node);
    }
  }

  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    const std::size_t i = packet.tag & ((1U << kClassBits) - 1);
    const std::uint64_t created = packet.tag >> kClassBits;
    ClassResult& result = result_.classes[i];
    backlogs_[i].add(cycle, -static_cast<double>(packet.flits));
    result_.total_flits += packet.flits;
    if (in_window(cycle)) result.flits[packet.destination] += packet.flits;
    if (!in_window(created)) return;
    result.latency.add(static_cast<std::int64_t>(cycle - created));
    result.hops += packet.hops;
  }

 private:
  std::uint64_t end() const { return windows_.warmup + windows_.cycles; }
  bool in_window(std::uint64_t cycle) const { return cycle >= windows_.warmup && cycle < end(); }

  void plan(const Generator& generator, std::uint32_t node) {
    if (generator.next() != Generator::kNever) network_.wake_at(generator.next(), node);
  }

  void create(std::size_t i, std::uint32_t node, std::uint16_t destination, std::uint64_t cycle) {
    Network::Packet packet;
    packet.tag = cycle << kClassBits | i;
    packet.source = static_cast<std::uint16_t>(node);
    packet.destination = destination;
    packet.flits = static_cast<std::uint16_t>(senders_.packet_flits);
    packet.traffic_class = classes_[i].traffic_class;
    backlogs_[i].add(cycle, packet.flits);
    if (in_window(cycle)) ++result_.classes[i].measured;
    network_.send(packet);
  }

  /// Everything before `cycle`.
  void advance(std::uint64_t cycle, const Watch& watch) {
    while (now_ < cycle) {
      now_ = std::min(cycle, now_ + kSlice);
      network_.run(now_ - 1);
      hang_.check(network_, result_.total_flits);
      watch(now_);
    }
  }

  /// Until all that was measured has arrived; a class whose backlog grows is not waited for.
  void drain(const Watch& watch) {
    const std::uint64_t limit = end() + windows_.drain;
    const auto waits = [this](const ClassResult& one) {
      return one.latency.count() < one.measured && one.stable(senders_.packet_flits);
    };
    while (now_ < limit && std::any_of(result_.classes.begin(), result_.classes.end(), waits))
      advance(std::min(limit, now_ + kSlice), watch);
  }

  void add_up() {
    ClassResult& all = result_.all;
    all.name = "all";
    all.flits.assign(senders_.nodes, 0);
    for (const ClassResult& one : result_.classes) {
      all.offered += one.offered;
      for (std::size_t n = 0; n < all.flits.size(); ++n)
        all.flits[n] += one.flits[n];
      all.measured += one.measured;
      all.latency.merge(one.latency);
      all.hops += one.hops;
      all.growth += one.growth;
      result_.stable &= one.stable(senders_.packet_flits);
    }
  }

  const std::vector<FlowClass>& classes_;
  const Senders senders_;
  const Windows windows_;
  const directcom::Topology& topology_;
  LoadResult result_;
  std::vector<Backlog> backlogs_;      // by class
  std::vector<Generator> generators_;  // node x class
  Network network_;
  HangDetector hang_;
  std::uint64_t now_ = 0;  // cycles that are over
};

}  // namespace

Windows default_windows(const Senders& senders, double load, std::uint64_t zero_load) {
  const double rate = load * senders.nodes * senders.lanes / senders.packet_flits;
  const double cycles = rate > 0 ? std::min(kMeasured / rate, kLongest) : kLongest;
  const std::uint64_t least = kCrossings * (zero_load + senders.packet_flits);
  Windows windows;
  windows.cycles = std::max(static_cast<std::uint64_t>(cycles), least);
  windows.warmup = std::max(windows.cycles / 2, least);
  windows.drain = std::max(windows.cycles, kLeastDrain);
  return windows;
}

bool ClassResult::stable(std::uint32_t packet_flits) const {
  const auto packets = static_cast<double>(measured);
  return growth <= packet_flits * std::max(kGrowth * packets / 2, std::sqrt(packets));
}

bool ClassResult::complete(std::uint32_t packet_flits) const {
  return measured != 0 && latency.count() == measured && stable(packet_flits);
}

std::optional<double> ClassResult::mean_hops() const {
  if (latency.count() == 0) return std::nullopt;
  return static_cast<double>(hops) / static_cast<double>(latency.count());
}

LoadResult run_load(const directcom::Routes& routes, const Network::Config& config,
                    const std::vector<FlowClass>& classes, const Senders& senders,
                    const Windows& windows, const Watch& watch) {
  return Load(routes, config, classes, senders, windows).run(watch);
}

}  // namespace aipu::fabric
