// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/flow_run.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hw/base/assert.h"
#include "sim/fabric/path.h"
#include "sim/fabric/stuck.h"
#include "sim/memory/replay.h"

namespace aipu::fabric {
namespace {

using directcom::Network;

constexpr std::uint64_t kSlice = 1 << 12;  // cycles between two looks at the watch
constexpr std::uint64_t kIdle = std::numeric_limits<std::uint64_t>::max();

/// One flow under way.
struct Progressing {
  std::uint64_t unsent = 0;     // bytes
  std::uint64_t unarrived = 0;  // packets
};

/// The flows of one node, in the order of their start.
struct Sender {
  std::vector<std::uint32_t> waiting;  // flows, the first to start last
  std::vector<std::uint32_t> active;   // flows with unsent bytes
  std::size_t turn = 0;                // in `active`
  std::uint64_t wake = kIdle;          // cycle for which it asked
};

class Flows : public Network::User {
 public:
  Flows(const directcom::Routes& routes, const Network::Config& config, const Packing& packing,
        const std::vector<Flow>& flows)
      : topology_(routes.topology()),
        packing_(packing),
        flows_(flows),
        left_(flows.size()),
        senders_(topology_.nodes),
        network_(routes, config, *this) {
    for (std::uint32_t i = 0; i < flows.size(); ++i) {
      const Flow& flow = flows[i];
      const auto start = static_cast<std::uint64_t>(std::ceil(flow.start_ns / packing.cycle_ns));
      result_.flows.push_back({start, 0, ideal_cycles(routes, config, packing, flow)});
      progress_.push_back({flow.bytes, (flow.bytes - 1) / packing.payload() + 1});
      senders_[flow.source].waiting.push_back(i);
    }
    for (std::uint32_t node = 0; node < senders_.size(); ++node)
      begin(node);
  }

  FlowResult run(const Watch& watch) {
    const double start = memory::cpu_time();
    while (left_ != 0) {
      // Nothing happens in a silence: it is passed at once.
      const std::uint64_t from = network_.in_flight() == 0 ? std::max(now_, next_wake()) : now_;
      if (from != now_) hang_.idle_until(from);
      now_ = from + kSlice;
      network_.run(now_ - 1);
      hang_.check(network_, result_.flits);
      watch(now_);
    }
    result_.cpu_seconds = memory::cpu_time() - start;
    result_.packet_hops = network_.hops();
    result_.repeats = network_.repeats();
    result_.links = link_shares(topology_, {}, network_.accounts());
    return std::move(result_);
  }

  void wake(std::uint32_t node, std::uint64_t cycle) override {
    Sender& sender = senders_[node];
    if (sender.wake != cycle) return;
    sender.wake = kIdle;
    auto& waiting = sender.waiting;
    for (; !waiting.empty() && start_of(waiting.back()) <= cycle; waiting.pop_back())
      sender.active.push_back(waiting.back());
    const std::uint64_t most = std::uint64_t{kAhead} * topology_.lanes;
    while (!sender.active.empty() && network_.queued(node) < most)
      send_one(sender);
    // By then no more than half of what is queued has left.
    if (!sender.active.empty()) wake_at(node, cycle + packing_.packet_flits * kAhead / 2);
    if (!waiting.empty()) wake_at(node, start_of(waiting.back()));
  }

  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    result_.flits += packet.flits;
    if (--progress_[packet.tag].unarrived != 0) return;
    FlowTimes& times = result_.flows[packet.tag];
    times.taken = cycle - times.start;
    result_.end = std::max(result_.end, cycle);
    --left_;
  }

 private:
  std::uint64_t start_of(std::uint32_t flow) const { return result_.flows[flow].start; }

  void begin(std::uint32_t node) {
    auto& waiting = senders_[node].waiting;
    std::stable_sort(waiting.begin(), waiting.end(), [this](std::uint32_t a, std::uint32_t b) {
      return start_of(a) != start_of(b) ? start_of(a) > start_of(b) : a > b;
    });
    if (!waiting.empty()) wake_at(node, start_of(waiting.back()));
  }

  void wake_at(std::uint32_t node, std::uint64_t cycle) {
    Sender& sender = senders_[node];
    if (cycle >= sender.wake) return;
    sender.wake = cycle;
    network_.wake_at(cycle, node);
  }

  /// Of the first cycle that a node asked for.
  std::uint64_t next_wake() const {
    std::uint64_t first = kIdle;
    for (const Sender& sender : senders_)
      first = std::min(first, sender.wake);
    return first == kIdle ? 0 : first;
  }

  void send_one(Sender& sender) {
    sender.turn = sender.turn < sender.active.size() ? sender.turn : 0;
    const std::uint32_t i = sender.active[sender.turn];
    std::uint64_t& unsent = progress_[i].unsent;
    Network::Packet packet;
    packet.tag = i;
    packet.source = static_cast<std::uint16_t>(flows_[i].source);
    packet.destination = static_cast<std::uint16_t>(flows_[i].destination);
    packet.flits = static_cast<std::uint16_t>(packing_.flits(unsent));
    packet.traffic_class = flows_[i].traffic_class;
    unsent -= std::min(unsent, packing_.payload());
    if (unsent == 0) {
      sender.active.erase(sender.active.begin() + static_cast<std::ptrdiff_t>(sender.turn));
    } else {
      ++sender.turn;
    }
    network_.send(packet);
  }

  const directcom::Topology& topology_;
  const Packing packing_;
  const std::vector<Flow>& flows_;
  FlowResult result_;
  std::vector<Progressing> progress_;  // by flow
  std::size_t left_;                   // flows that have not ended
  std::vector<Sender> senders_;        // by node
  Network network_;
  HangDetector hang_;
  std::uint64_t now_ = 0;  // cycles that are over
};

}  // namespace

std::uint32_t Packing::flits(std::uint64_t rest) const {
  const std::uint64_t bytes = std::min(rest, payload());
  return 1 + static_cast<std::uint32_t>((bytes + flit_bytes - 1) / flit_bytes);
}

std::uint64_t Packing::total_flits(std::uint64_t bytes) const {
  const std::uint64_t full = bytes / payload();
  const std::uint64_t rest = bytes % payload();
  return full * packet_flits + (rest == 0 ? 0 : flits(rest));
}

std::uint64_t ideal_cycles(const directcom::Routes& routes, const Network::Config& config,
                           const Packing& packing, const Flow& flow) {
  const std::uint64_t lanes = routes.topology().lanes;
  const std::uint64_t flits = (packing.total_flits(flow.bytes) + lanes - 1) / lanes;
  return zero_load(routes, config, flow.source, flow.destination) +
         std::max<std::uint64_t>(flits, packing.flits(flow.bytes)) - 1;
}

FlowResult run_flows(const directcom::Routes& routes, const Network::Config& config,
                     const Packing& packing, const std::vector<Flow>& flows, const Watch& watch) {
  return Flows(routes, config, packing, flows).run(watch);
}

}  // namespace aipu::fabric
