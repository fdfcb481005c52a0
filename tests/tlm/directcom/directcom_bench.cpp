// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <random>

#include "tests/tlm/directcom/fabric.h"
#include "tlm/directcom/network.h"

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

namespace aipu::directcom {
namespace {

/// Uniform traffic of 8-flit packets, each node a Bernoulli source.
class Uniform : public Network::User {
 public:
  static constexpr std::uint16_t kFlits = 8;
  Uniform(const Topology& topology, double load, std::uint64_t cycles)
      : topology_(topology), end_(cycles), gap_(load / kFlits) {}

  /// Packets that passed a switch.
  std::uint64_t run(const Network::Config& config) {
    const Routes routes(topology_);
    Network network(routes, config, *this);
    network_ = &network;
    for (std::uint32_t n = 0; n < topology_.nodes; ++n)
      network.wake_at(gap_(random_), n);
    network.run(end_);
    return network.hops();
  }

 private:
  void delivered(const Network::Packet&, std::uint64_t) override {}
  void wake(std::uint32_t node, std::uint64_t cycle) override {
    Network::Packet packet;
    packet.sent = cycle;
    packet.source = static_cast<std::uint16_t>(node);
    packet.destination = static_cast<std::uint16_t>(random_() % topology_.nodes);
    packet.flits = kFlits;
    packet.traffic_class = 2;
    network_->send(packet);
    network_->wake_at(cycle + 1 + gap_(random_), node);
  }

  const Topology& topology_;
  const std::uint64_t end_;
  std::mt19937 random_{1};
  std::geometric_distribution<std::uint32_t> gap_;
  Network* network_ = nullptr;
};

/// The plain network; arguments: load in percent, speed-up.
void network_uniform(benchmark::State& state, const Topology& topology, std::uint64_t cycles) {
  Network::Config config;
  config.plane.speedup = static_cast<std::uint32_t>(state.range(1));
  config.link_cycles = {2};
  config.plane.pipeline = 2_cycles;
  std::uint64_t hops = 0;
  for (auto _ : state)
    hops += Uniform(topology, static_cast<double>(state.range(0)) / 100, cycles).run(config);
  state.counters["hops"] =
      benchmark::Counter(static_cast<double>(hops), benchmark::Counter::kIsRate);
}
void network_switch16(benchmark::State& state) {
  network_uniform(state, single_switch(16), 50'000);
}
BENCHMARK(network_switch16)
    ->Args({30, 1})
    ->Args({60, 1})
    ->Args({80, 1})
    ->Args({60, 2})
    ->Unit(benchmark::kMillisecond);
void network_leafspine64(benchmark::State& state) {
  network_uniform(state, leaf_spine(8, 8, 8), 10'000);
}
BENCHMARK(network_leafspine64)->Args({50, 1})->Args({80, 2})->Unit(benchmark::kMillisecond);

/// One switch behind its sockets: interfaces replaced by senders that never wait for memory.
class Source : public sc_core::sc_module {
 public:
  Source(const sc_core::sc_module_name& name, std::uint32_t id, std::uint32_t ports)
      : sc_module(name), ports_(ports), random_(id) {
    SC_HAS_PROCESS(Source);
    out.register_nb_transport_bw(this, &Source::credit);
    in.register_nb_transport_fw(this, &Source::receive);
    in.register_transport_dbg(this, &Source::debug);
    SC_METHOD(send);
    sensitive << event_;
    dont_initialize();
    credits_.assign(ports, SwitchConfig{}.voq_flits);
  }
  tlm_utils::simple_initiator_socket<Source> out{"out"};
  tlm_utils::passthrough_target_socket<Source> in{"in"};

  void begin() { event_.notify(sc_core::SC_ZERO_TIME); }

 private:
  static constexpr std::uint32_t kFlits = 8;

  void send() {
    event_.notify(sc_core::sc_time(static_cast<double>(kFlits) * 1.6 * 1.28, sc_core::SC_NS));
    const auto to = static_cast<std::uint32_t>(random_() % ports_);
    if (credits_[to] < kFlits) return;
    credits_[to] -= kFlits;
    LinkPacket& p = pool_.acquire();
    p.header() = Packet{};
    p.header().traffic_class = 2;
    p.header().destination = static_cast<std::uint16_t>(to);
    p.prepare(112, kFlits, true);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay(125.44, sc_core::SC_NS);
    out->nb_transport_fw(p, phase, delay);
  }
  tlm::tlm_sync_enum credit(tlm::tlm_generic_payload& p, tlm::tlm_phase&, sc_core::sc_time&) {
    const auto& extension = *p.get_extension<PacketExtension>();
    credits_[extension.header.destination] += extension.flits;
    p.release();
    return tlm::TLM_COMPLETED;
  }
  tlm::tlm_sync_enum receive(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay) {
    tlm::tlm_phase response = tlm::BEGIN_RESP;
    delay += sc_core::sc_time(135.68, sc_core::SC_NS);
    in->nb_transport_bw(p, response, delay);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  unsigned debug(tlm::tlm_generic_payload& p) {
    if (auto* offer = p.get_extension<LinkOffer>()) offer->far_end.pool_flits = {1024};
    return 0;
  }

  std::uint32_t ports_;
  std::mt19937 random_;
  PacketPool pool_{512};
  std::vector<std::uint32_t> credits_;
  sc_core::sc_event event_;
};

test::Fabric::Options module_options() {
  test::Fabric::Options options;
  options.aipus = 16;
  options.size = 1_GiB;
  options.real = 0_B;
  return options;
}

/// Both simulated machines: everything must exist before the first simulation step of a process.
struct Machines {
  Machines() {
    for (std::uint32_t i = 0; i < 16; ++i) {
      sources.push_back(std::make_unique<Source>(("source" + std::to_string(i)).c_str(), i, 16U));
      sources[i]->out.bind(plane.port_in[i]);
      plane.port_out[i].bind(sources[i]->in);
    }
    fabric.start();
  }
  test::Fabric fabric{module_options()};
  test::Machine fast{"fast", test::with_trains(module_options(), 2_KiB)};
  Topology topology = single_switch(16);
  Routes routes{topology};
  Switch plane{
      "bench_plane", SwitchConfig{}, routes, 0, make_switch_core(SwitchConfig{}, routes, 0, 1), 1};
  std::vector<std::unique_ptr<Source>> sources;
};

Machines& machines() {
  static Machines all;
  return all;
}

/// The whole module through its sockets: 16 AIPUs all to all, four planes, phantom data; every
/// packet by itself, or in trains.
void module_all_to_all(benchmark::State& state, bool trains) {
  test::Fabric& fabric = trains ? machines().fast.fabric : machines().fabric;
  const std::uint64_t start = now_ps();
  for (auto _ : state) {
    for (std::uint32_t a = 0; a < 16; ++a) {
      for (std::uint32_t i = 1; i < 16; ++i) {
        test::Request r;
        r.destination = Gaddr::hbm(0x100000, (a + i) % 16);
        r.bytes = 1U << 20U;
        fabric.push(a, r);
      }
    }
    fabric.run();
  }
  state.counters["simulated_us"] = static_cast<double>(now_ps() - start) * 1e-6;
  std::uint64_t hops = 0;
  for (const auto& plane : fabric.planes)
    hops += plane->stats().packets.value();
  state.counters["hops"] =
      benchmark::Counter(static_cast<double>(hops), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(module_all_to_all, packets, false)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(module_all_to_all, trains, true)->Iterations(1)->Unit(benchmark::kMillisecond);

void switch_sockets(benchmark::State& state) {
  Machines& all = machines();
  for (auto& source : all.sources)
    source->begin();
  for (auto _ : state)
    sc_core::sc_start(sc_core::sc_time(2, sc_core::SC_MS));
  state.counters["hops"] = benchmark::Counter(
      static_cast<double>(all.plane.stats().packets.value()), benchmark::Counter::kIsRate);
}
BENCHMARK(switch_sockets)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aipu::directcom

BENCHMARK_MAIN();
