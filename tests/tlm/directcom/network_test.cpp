// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/network.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "tests/hw/directcom/random_topology.h"
#include "tests/tlm/directcom/network_traffic.h"
#include "tlm/directcom/link.h"
#include "tlm/directcom/switch.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::directcom::test {
namespace {

/// One packet at a time over idle links.
class Probe : public Network::User {
 public:
  Probe(const Routes& routes, const Network::Config& config) : network(routes, config, *this) {}
  Delivery send(std::uint32_t source, std::uint32_t destination, std::uint32_t flits) {
    Network::Packet packet;
    packet.sent = network.now();
    packet.source = static_cast<std::uint16_t>(source);
    packet.destination = static_cast<std::uint16_t>(destination);
    packet.flits = static_cast<std::uint16_t>(flits);
    packet.traffic_class = static_cast<std::uint8_t>(flits % kClasses);
    network.send(packet);
    EXPECT_TRUE(network.drain(network.now() + 100'000));
    const Delivery got = last_;
    network.run(network.now() + 1000);  // credits
    return got;
  }
  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    last_ = {packet, cycle};
  }
  void wake(std::uint32_t, std::uint64_t) override {}

  Network network;

 private:
  Delivery last_;
};

/// Cycles that a packet of `flits` takes over `hops` switches when nothing is in its way: links
/// and pipelines for its head, then a flit a cycle. Up and down again, links of a tier higher at
/// every switch; in a network of two tiers the links between switches are all alike.
std::uint64_t zero_load(const Network::Config& config, std::uint32_t hops, std::uint32_t flits,
                        bool folded) {
  std::uint64_t links = 2ULL * config.link_cycles[0];
  for (std::uint32_t i = 1; i < hops; ++i) {
    const std::size_t tier = folded ? std::min(i, hops - i) : 1;
    links += config.link_cycles[std::min(tier, config.link_cycles.size() - 1)];
  }
  return links + hops * config.plane.pipeline.count + flits - 1;
}

void expect_zero_load(const Topology& topology, bool folded, std::uint32_t seed) {
  Routes routes(topology);
  if (!routes.dependency_cycle().empty()) route_up_down(routes);
  std::mt19937 random(seed);
  const auto below = [&random](std::uint32_t n) {
    return static_cast<std::uint32_t>(random() % n);
  };
  Network::Config config;
  config.plane.speedup = 1 + below(2);
  config.plane.pipeline = Cycles(2 + below(9));
  config.link_cycles = {1 + below(20), 1 + below(50), 1 + below(90)};
  Probe probe(routes, config);
  for (int i = 0; i < 200; ++i) {
    const std::uint32_t flits = 1 + below(config.plane.max_packet_flits());
    const Delivery d = probe.send(below(topology.nodes), below(topology.nodes), flits);
    ASSERT_EQ(d.cycle - d.packet.sent, zero_load(config, d.packet.hops, flits, folded))
        << topology.name << " from " << d.packet.source << " to " << d.packet.destination
        << " over " << int{d.packet.hops};
    ASSERT_EQ(d.packet.entered, d.packet.sent);
  }
}

TEST(NetworkTest, ALonePacketTakesTheFormulaInRegularTopologies) {
  expect_zero_load(single_switch(16), true, 1);
  expect_zero_load(leaf_spine(8, 8, 8), true, 2);
  expect_zero_load(leaf_spine(8, 16, 16), true, 3);
  expect_zero_load(hc1000({1, 16, 4, 1, 32}), true, 4);
  expect_zero_load(hc1000({4, 16, 4, 1, 32}), true, 5);
  expect_zero_load(hc1000({8, 8, 2, 2, 4}), true, 6);
}

TEST(NetworkTest, ALonePacketTakesTheFormulaInRandomTopologies) {
  for (std::uint32_t seed = 0; seed < 50; ++seed)
    expect_zero_load(random_topology(seed), false, seed);
}

TEST(NetworkTest, TheWayIsAsLongAsTheTopologySays) {
  const Topology topology = hc1000({8, 8, 2, 1, 8});
  const Routes routes(topology);
  Probe probe(routes, {});
  EXPECT_EQ(probe.send(0, 7, 3).packet.hops, 1U) << "in a module";
  EXPECT_EQ(probe.send(0, 63, 3).packet.hops, 3U) << "between modules";
}

TEST(NetworkTest, TheSameSeedGivesTheSameRunAndAnotherOneAnother) {
  const Topology topology = leaf_spine(4, 4, 4);
  const Routes routes(topology);
  const auto run = [&](std::uint64_t seed) {
    Network::Config config;
    config.seed = seed;
    RandomTraffic traffic(routes, config, {});
    traffic.network.run(5000);
    return traffic.deliveries();
  };
  EXPECT_TRUE(run(1) == run(1));
  EXPECT_FALSE(run(1) == run(2));
}

/// What leaves a switch under random traffic that is shifted up by `first` ports, shifted back.
template <unsigned Words>
std::vector<std::array<std::uint64_t, 3>> departures(std::uint32_t ports, std::uint32_t first,
                                                     std::uint32_t speedup) {
  const Topology topology = single_switch(ports);
  const Routes routes(topology);
  SwitchConfig config;
  config.speedup = speedup;
  SwitchCore<Words> core(config, routes, 0, 1);
  for (std::uint32_t p = 0; p < ports; ++p)
    core.offer(p, {});
  std::mt19937 random(5);
  std::vector<std::uint64_t> link_free(16, 0);
  std::vector<std::array<std::uint64_t, 3>> left;
  for (std::uint64_t cycle = 0; cycle < 20'000; ++cycle) {
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto flits = static_cast<std::uint16_t>(1 + random() % 33);
      const auto o = static_cast<std::uint32_t>(first + random() % 16);
      const auto c = static_cast<std::uint8_t>(random() % kClasses);
      if (cycle < link_free[i] || core.occupied(first + i, o, c) + flits > config.voq_flits)
        continue;
      link_free[i] = cycle + flits;
      core.arrive(cycle, {nullptr, 0, o, static_cast<std::uint16_t>(first + i), flits, c});
    }
    while (core.next() < (cycle + 1) * speedup) {
      for (const SwitchModel::Departure& d : core.step(core.next()))
        left.push_back({d.head, d.packet.input - first, d.output - first});
    }
  }
  return left;
}

TEST(NetworkTest, AWideSwitchWorksLikeANarrowOne) {
  for (const std::uint32_t speedup : {1U, 2U}) {
    const auto narrow = departures<1>(16, 0, speedup);
    EXPECT_GT(narrow.size(), 10'000U);
    EXPECT_TRUE(departures<4>(16, 0, speedup) == narrow);
    EXPECT_TRUE(departures<4>(100, 0, speedup) == narrow) << "ports without traffic do not matter";
    for (const std::uint32_t first : {50U, 56U, 63U, 64U, 84U})
      EXPECT_TRUE(departures<4>(100, first, speedup) == narrow) << "across words, from " << first;
  }
}

// Network and the SystemC shells: the same machine.

/// The lane of a node as a SystemC module: sends what it is told, when it is told, takes
/// everything.
class Stub : public sc_core::sc_module {
 public:
  struct Sent {
    std::uint64_t cycle = 0;
    std::uint64_t tag = 0;
    std::uint16_t destination = 0;
    std::uint16_t flits = 1;
    std::uint8_t traffic_class = 0;
  };
  Stub(const sc_core::sc_module_name& name, const SwitchConfig& config)
      : sc_module(name), link_(config.link(0).count), clock_(config.clock()) {
    SC_HAS_PROCESS(Stub);
    out.register_nb_transport_bw(this, &Stub::credit);
    in.register_nb_transport_fw(this, &Stub::receive);
    Config lanes;
    lanes.quantum1 = config.quantum1;
    lanes.quantum2 = config.quantum2;
    lanes.quantum3 = config.quantum3;
    lane_ = std::make_unique<Lane>(lanes, 0);
    SC_THREAD(run);
  }
  tlm_utils::simple_initiator_socket<Stub> out{"out"};
  tlm_utils::simple_target_socket<Stub> in{"in"};
  std::vector<Sent> to_send;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> received;  ///< tag, cycle of the tail
  std::uint16_t node = 0;
  std::uint64_t until = 0;

 private:
  void run() {
    lane_->offer(ask_far_end([this](tlm::tlm_generic_payload& p) { out->transport_dbg(p); }));
    std::size_t next = 0;
    for (std::uint64_t cycle = 0; cycle < until; ++cycle) {
      wait(to_time(Picoseconds(clock_.edge_ps(cycle) - now_ps())));
      for (; next < to_send.size() && to_send[next].cycle == cycle; ++next) {
        const Sent& s = to_send[next];
        lane_->enqueue(&to_send[next], s.destination, s.traffic_class, s.flits);
      }
      lane_->settle(cycle);
      if (const auto* s = static_cast<const Sent*>(lane_->send(cycle)); s != nullptr)
        send(*s, cycle);
    }
  }
  void send(const Sent& s, std::uint64_t cycle) {
    LinkPacket& packet = pool_.acquire();
    packet.header().source = node;
    packet.header().destination = s.destination;
    packet.header().traffic_class = s.traffic_class;
    packet.header().address = s.tag;
    packet.prepare((s.flits - 1U) * 16U, s.flits, true);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = to_time(Picoseconds(clock_.edge_ps(cycle + link_) - now_ps()));
    out->nb_transport_fw(packet, phase, delay);
  }
  tlm::tlm_sync_enum credit(tlm::tlm_generic_payload& p, tlm::tlm_phase&, sc_core::sc_time& delay) {
    const auto& e = *p.get_extension<PacketExtension>();
    lane_->credit(clock_.edge_at(now_ps() + delay.value()), e.header.destination,
                  e.header.traffic_class, e.flits);
    p.release();
    return tlm::TLM_COMPLETED;
  }
  tlm::tlm_sync_enum receive(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay) {
    const auto& e = *p.get_extension<PacketExtension>();
    const std::uint64_t tail = clock_.edge_at(now_ps() + delay.value()) + e.flits - 1;
    received.emplace_back(e.header.address, tail);
    tlm::tlm_phase back = tlm::BEGIN_RESP;
    sc_core::sc_time when = to_time(Picoseconds(clock_.edge_ps(tail + 1 + link_) - now_ps()));
    p.acquire();
    in->nb_transport_bw(p, back, when);
    p.release();
    phase = tlm::END_REQ;
    delay = sc_core::SC_ZERO_TIME;
    return tlm::TLM_UPDATED;
  }

  std::uint64_t link_;
  Clock clock_;
  PacketPool pool_{1024};
  std::unique_ptr<Lane> lane_;
};

/// Creates the packets of a list and writes down their ends.
class Listed : public Network::User {
 public:
  Listed(const Routes& routes, const Network::Config& config, const std::vector<Stub*>& nodes)
      : network(routes, config, *this) {
    for (const Stub* node : nodes) {
      for (const Stub::Sent& s : node->to_send) {
        Network::Packet packet;
        packet.tag = s.tag;
        packet.source = node->node;
        packet.destination = s.destination;
        packet.flits = s.flits;
        packet.traffic_class = s.traffic_class;
        packet.sent = s.cycle;
        packets_[{s.cycle, node->node}].push_back(packet);
        network.wake_at(s.cycle, node->node);
      }
    }
  }
  void wake(std::uint32_t node, std::uint64_t cycle) override {
    for (const Network::Packet& packet : packets_[{cycle, node}])
      network.send(packet);
    packets_.erase({cycle, node});
  }
  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    received.emplace_back(packet.tag, cycle);
  }
  Network network;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> received;

 private:
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::vector<Network::Packet>> packets_;
};

void expect_same_machine(std::uint32_t speedup) {
  const Topology topology = leaf_spine(4, 4, 4);
  const Routes routes(topology);
  constexpr std::uint64_t kUntil = 20'000;
  Network::Config config;
  config.plane.speedup = speedup;
  config.plane.voq_flits = 60;  // links wait for credit
  config.link_cycles = {static_cast<std::uint32_t>(config.plane.link(0).count),
                        static_cast<std::uint32_t>(config.plane.link(1).count)};
  std::vector<std::unique_ptr<Switch>> switches;
  for (std::uint32_t s = 0; s < topology.switches.size(); ++s) {
    switches.push_back(std::make_unique<Switch>(
        topology.switches[s].name.c_str(), config.plane, routes, s,
        make_switch_core(config.plane, routes, s, config.seed), config.seed));
  }
  std::vector<std::unique_ptr<Stub>> stubs;
  std::vector<Stub*> nodes;
  std::mt19937 random(9);
  std::uint64_t tag = 0;
  for (std::uint16_t n = 0; n < topology.nodes; ++n) {
    stubs.push_back(std::make_unique<Stub>(("node" + std::to_string(n)).c_str(), config.plane));
    nodes.push_back(stubs.back().get());
    nodes[n]->node = n;
    nodes[n]->until = kUntil;
    for (std::uint64_t cycle = random() % 20; cycle < kUntil * 3 / 4; cycle += 1 + random() % 40) {
      nodes[n]->to_send.push_back({cycle, tag++, static_cast<std::uint16_t>(random() % 16),
                                   static_cast<std::uint16_t>(1 + random() % 33),
                                   static_cast<std::uint8_t>(random() % kClasses)});
    }
  }
  for (const Topology::Link& link : topology.links) {
    const Topology::End& a = link.a;
    const Topology::End& b = link.b;
    Switch& to = *switches[b.index];
    if (a.node) {
      nodes[a.index]->out.bind(to.port_in[b.port]);
      to.port_out[b.port].bind(nodes[a.index]->in);
    } else {
      switches[a.index]->port_out[a.port].bind(to.port_in[b.port]);
      to.port_out[b.port].bind(switches[a.index]->port_in[a.port]);
    }
  }
  Listed plain(routes, config, nodes);
  plain.network.run(kUntil);
  sc_core::sc_start(to_time(Picoseconds(Clock(config.plane.clock()).edge_ps(kUntil))));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> received;
  for (const Stub* node : nodes)
    received.insert(received.end(), node->received.begin(), node->received.end());
  std::sort(received.begin(), received.end());
  std::sort(plain.received.begin(), plain.received.end());
  EXPECT_EQ(received.size(), tag) << "all of them arrived";
  const auto [ours, other] =
      std::mismatch(received.begin(), received.end(), plain.received.begin(), plain.received.end());
  if (ours == received.end() && other == plain.received.end()) return;
  ADD_FAILURE() << "packet " << ours->first << " arrives in " << ours->second << " and "
                << other->second;
}

TEST(NetworkTest, SystemCSwitchesDeliverInTheSameCycles) {
  expect_same_machine(1);
}

TEST(NetworkTest, SystemCSwitchesWithSpeedupDeliverInTheSameCycles) {
  expect_same_machine(2);
}

}  // namespace
}  // namespace aipu::directcom::test
