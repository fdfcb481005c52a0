// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::directcom {

constexpr std::uint32_t kClasses = 4;  ///< 0 strict priority, 1..3 deficit round robin

/// How an interface chooses the plane of a packet.
enum class PlaneChoice : std::uint8_t { kAdaptive, kFullScan, kRoundRobin, kRandom, kStatic };

/// Cycles of the link clock that a latency takes: links and pipelines are registers of that clock.
constexpr Cycles link_cycles(Picoseconds latency, Hertz clock) {
  return Cycles(ceil_div(latency.count * (clock.count / 1000U), 1'000'000'000U));
}

/// The DirectCom interface of an AIPU. Defaults describe the reference chip.
struct Config {
  std::uint32_t lanes = 4;
  BitsPerSecond lane_rate = 100_Gbps;
  Bytes flit = 16_B;
  Bytes payload = 512_B;
  Bytes read = 1_KiB;
  Picoseconds interface_latency = 120_ns;
  Picoseconds link_latency = 125_ns;
  PlaneChoice plane_choice = PlaneChoice::kAdaptive;
  std::uint32_t quantum1 = 66;
  std::uint32_t quantum2 = 66;
  std::uint32_t quantum3 = 66;
  std::uint32_t queue_depth = 16;
  std::uint32_t messages = 64;
  std::uint32_t replies = 32;
  std::uint32_t gets = 8;
  std::uint32_t reads = 64;
  std::uint32_t writes = 128;
  Bytes staging = 32_KiB;
  std::uint32_t receive_flits = 1536;

  /// One flit a cycle on every lane.
  constexpr Hertz link_clock() const { return Hertz(lane_rate.count / (8U * flit.count)); }
  constexpr std::uint32_t flits(std::uint64_t payload_bytes) const {
    return 1U + static_cast<std::uint32_t>(ceil_div(payload_bytes, flit.count));
  }
  constexpr std::uint32_t max_packet_flits() const { return flits(payload.count); }
  constexpr Cycles link() const { return link_cycles(link_latency, link_clock()); }
  constexpr std::uint32_t quantum(std::uint32_t traffic_class) const {
    return traffic_class == 1 ? quantum1 : traffic_class == 2 ? quantum2 : quantum3;
  }
};

/// One DirectCom switch. Defaults describe an on-module plane.
struct SwitchConfig {
  BitsPerSecond port_rate = 100_Gbps;
  Bytes flit = 16_B;
  Bytes payload = 512_B;
  Cycles pipeline = 4_cycles;
  Picoseconds link_latency = 125_ns;
  std::uint32_t voq_flits = 320;
  std::uint32_t patience = 16;
  std::uint32_t quantum1 = 66;
  std::uint32_t quantum2 = 66;
  std::uint32_t quantum3 = 66;

  constexpr Hertz clock() const { return Hertz(port_rate.count / (8U * flit.count)); }
  constexpr std::uint32_t max_packet_flits() const {
    return 1U + static_cast<std::uint32_t>(ceil_div(payload.count, flit.count));
  }
  constexpr Cycles link() const { return link_cycles(link_latency, clock()); }
  constexpr std::uint32_t quantum(std::uint32_t traffic_class) const {
    return traffic_class == 1 ? quantum1 : traffic_class == 2 ? quantum2 : quantum3;
  }
};

namespace detail {
template <typename C>
bool quanta_hold_a_packet(const C& c) {
  return c.quantum1 >= c.max_packet_flits() && c.quantum2 >= c.max_packet_flits() &&
         c.quantum3 >= c.max_packet_flits();
}
template <typename C>
void add_quanta(Schema<C>& schema) {
  schema.field("quantum1", &C::quantum1, between(1U, 65'536U), "flits a turn, class 1 (expert)")
      .field("quantum2", &C::quantum2, between(1U, 65'536U), "flits a turn, class 2 (tensor)")
      .field("quantum3", &C::quantum3, between(1U, 65'536U), "flits a turn, class 3 (bulk)")
      .require(quanta_hold_a_packet<C>, "every quantum must hold the longest packet")
      .require([](const C& c) { return c.payload.count % c.flit.count == 0; },
               "payload must be whole flits");
}
}  // namespace detail

inline const EnumNames<PlaneChoice>& plane_choice_names() {
  static const EnumNames<PlaneChoice> names{{"adaptive", PlaneChoice::kAdaptive},
                                            {"full-scan", PlaneChoice::kFullScan},
                                            {"round-robin", PlaneChoice::kRoundRobin},
                                            {"random", PlaneChoice::kRandom},
                                            {"static", PlaneChoice::kStatic}};
  return names;
}

inline Schema<Config> schema() {
  Schema<Config> s("directcom", "Messages between AIPUs: put, get, notify");
  s.field("lanes", &Config::lanes, between(1U, 16U), "lanes, one to each switch plane")
      .field("lane_rate", &Config::lane_rate, between(1_Gbps, 6400_Gbps), "a lane, per direction")
      .field("flit", &Config::flit, power_of_two(16_B, 256_B), "what a lane moves in a link cycle")
      .field("payload", &Config::payload, between(16_B, 1008_B), "largest payload of a packet")
      .field("read", &Config::read, power_of_two(64_B, 1_KiB), "largest request to local memory")
      .field("interface_latency", &Config::interface_latency, between(0_ps, 10_us),
             "between memory or command and the lane, each side")
      .field("link_latency", &Config::link_latency, between(1_ns, 100_us), "wire of a lane")
      .field("plane_choice", &Config::plane_choice, plane_choice_names(), "per packet")
      .field("queue_depth", &Config::queue_depth, between(1U, 64U), "commands a core can queue")
      .field("messages", &Config::messages, between(1U, 128U), "messages of all cores in flight")
      .field("replies", &Config::replies, between(1U, 127U), "gets of others served at once")
      .field("gets", &Config::gets, between(1U, 128U), "gets in flight")
      .field("reads", &Config::reads, between(1U, 1024U), "reads of local memory in flight")
      .field("writes", &Config::writes, between(1U, 1024U), "writes to local memory in flight")
      .field("staging", &Config::staging, between(1_KiB, 1024_KiB),
             "bytes read ahead of the lanes, per destination and class")
      .field("receive_flits", &Config::receive_flits, between(2U, 65'536U),
             "receive buffer per lane and class")
      .require([](const Config& c) { return c.receive_flits >= c.max_packet_flits(); },
               "receive_flits must hold the longest packet")
      .require([](const Config& c) { return c.staging >= c.read; }, "staging must hold one read");
  detail::add_quanta(s);
  return s;
}

inline Schema<SwitchConfig> switch_schema() {
  Schema<SwitchConfig> s("directcom_switch", "Packet-atomic virtual cut-through switch");
  s.field("port_rate", &SwitchConfig::port_rate, between(1_Gbps, 6400_Gbps), "per direction")
      .field("flit", &SwitchConfig::flit, power_of_two(16_B, 256_B), "what a port moves in a cycle")
      .field("payload", &SwitchConfig::payload, between(16_B, 1008_B),
             "largest payload of a packet")
      .field("pipeline", &SwitchConfig::pipeline, between(2_cycles, 64_cycles),
             "head of a packet, from input to output")
      .field("link_latency", &SwitchConfig::link_latency, between(1_ns, 100_us),
             "wire to the next hop")
      .field("voq_flits", &SwitchConfig::voq_flits, between(2U, 65'536U),
             "buffer per input, output and class")
      .field("patience", &SwitchConfig::patience, between(0U, 255U),
             "turns a packet may lose to a busy input before that waits for it; 0: any number")
      .require([](const SwitchConfig& c) { return c.voq_flits >= c.max_packet_flits(); },
               "voq_flits must hold the longest packet");
  detail::add_quanta(s);
  return s;
}

}  // namespace aipu::directcom
