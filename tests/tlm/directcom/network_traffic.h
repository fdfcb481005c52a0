// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "tlm/directcom/network.h"

namespace aipu::directcom::test {

/// Packets from one node to another that never end: as one arrives the next is sent.
struct StandingFlow {
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
  /// Of the next packet.
  std::function<std::uint32_t()> flits;
  std::uint8_t traffic_class = 2;
};

/// Keeps `window` packets of every flow under way and counts what arrives.
class StandingTraffic : public Network::User {
 public:
  StandingTraffic(const Routes& routes, const Network::Config& config,
                  std::vector<StandingFlow> flows, std::uint32_t window)
      : network(routes, config, *this), flows_(std::move(flows)), flits_(flows_.size(), 0) {
    for (std::uint32_t i = 0; i < window; ++i) {
      for (std::size_t f = 0; f < flows_.size(); ++f)
        send(f);
    }
  }

  /// Flits a cycle of every flow, over `cycles` after a start of half of that.
  std::vector<double> rates(std::uint64_t cycles) {
    network.run(cycles / 2 - 1);
    return rates_on(cycles);
  }
  /// Of the next `cycles`.
  std::vector<double> rates_on(std::uint64_t cycles) {
    flits_.assign(flows_.size(), 0);
    network.run(network.now() + cycles);
    std::vector<double> rates;
    for (const std::uint64_t flits : flits_)
      rates.push_back(static_cast<double>(flits) / static_cast<double>(cycles));
    return rates;
  }

  void delivered(const Network::Packet& packet, std::uint64_t) override {
    flits_[packet.tag] += packet.flits;
    send(packet.tag);
  }
  void wake(std::uint32_t, std::uint64_t) override {}

  Network network;

 private:
  void send(std::size_t f) {
    Network::Packet packet;
    packet.tag = f;
    packet.source = flows_[f].source;
    packet.destination = flows_[f].destination;
    packet.flits = static_cast<std::uint16_t>(flows_[f].flits());
    packet.traffic_class = flows_[f].traffic_class;
    network.send(packet);
  }

  std::vector<StandingFlow> flows_;
  std::vector<std::uint64_t> flits_;
};

/// A packet that arrived, and the cycle of its tail.
struct Delivery {
  Network::Packet packet;
  std::uint64_t cycle = 0;
};

inline bool operator==(const Delivery& a, const Delivery& b) {
  return a.cycle == b.cycle && a.packet.tag == b.packet.tag && a.packet.sent == b.packet.sent &&
         a.packet.entered == b.packet.entered && a.packet.source == b.packet.source &&
         a.packet.destination == b.packet.destination && a.packet.hops == b.packet.hops;
}

/// Random packets: in every cycle each node creates one with a probability; tags count them.
class RandomTraffic : public Network::User {
 public:
  struct Shape {
    double packets = 0.05;  ///< of a node in a cycle
    std::uint32_t longest = 33;
    std::uint32_t classes = kClasses;
    bool to_itself = true;       ///< a node is among its own destinations
    std::uint64_t until = 2000;  ///< no more after this cycle
    std::uint32_t seed = 1;
  };
  RandomTraffic(const Routes& routes, const Network::Config& config, const Shape& shape)
      : network(routes, config, *this),
        shape_(shape),
        nodes_(routes.topology().nodes),
        random_(shape.seed) {
    for (std::uint32_t node = 0; node < nodes_; ++node)
      network.wake_at(gap(), node);
  }

  std::uint64_t created() const { return created_; }
  std::uint64_t created_flits() const { return created_flits_; }
  const std::vector<Delivery>& deliveries() const { return deliveries_; }
  /// In order of creation: that of arrivals in one cycle means nothing.
  std::vector<Delivery> sorted() const {
    std::vector<Delivery> all = deliveries_;
    std::sort(all.begin(), all.end(),
              [](const Delivery& a, const Delivery& b) { return a.packet.tag < b.packet.tag; });
    return all;
  }
  /// Packets that did not arrive exactly once.
  std::uint64_t wrong() const {
    std::vector<std::uint32_t> seen(created_, 0);
    for (const Delivery& d : deliveries_)
      ++seen.at(d.packet.tag);
    std::uint64_t wrong = 0;
    for (const std::uint32_t times : seen)
      wrong += times != 1 ? 1U : 0U;
    return wrong;
  }

  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    deliveries_.push_back({packet, cycle});
  }
  void wake(std::uint32_t node, std::uint64_t cycle) override {
    if (cycle > shape_.until) return;
    Network::Packet packet;
    packet.sent = cycle;
    packet.tag = created_++;
    packet.source = static_cast<std::uint16_t>(node);
    packet.destination = static_cast<std::uint16_t>(destination(node));
    packet.flits = static_cast<std::uint16_t>(1 + random_() % shape_.longest);
    packet.traffic_class = static_cast<std::uint8_t>(random_() % shape_.classes);
    created_flits_ += packet.flits;
    network.send(packet);
    network.wake_at(cycle + 1 + gap(), node);
  }

  Network network;

 private:
  std::uint32_t destination(std::uint32_t node) {
    if (shape_.to_itself) return static_cast<std::uint32_t>(random_() % nodes_);
    return (node + 1 + static_cast<std::uint32_t>(random_() % (nodes_ - 1))) % nodes_;
  }
  std::uint64_t gap() {
    return std::geometric_distribution<std::uint64_t>(shape_.packets)(random_);
  }

  Shape shape_;
  std::uint32_t nodes_;
  std::mt19937 random_;
  std::uint64_t created_ = 0;
  std::uint64_t created_flits_ = 0;
  std::vector<Delivery> deliveries_;
};

}  // namespace aipu::directcom::test
