// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::directcom {

constexpr std::uint32_t kClasses = 4;     ///< 0 strict priority, 1..3 deficit round robin
constexpr std::uint32_t kFullRate = 256;  ///< rates and paces count parts of a port in this

/// How one of several equal paths is chosen for a packet (hw/directcom/path_choice.h).
enum class PathChoice : std::uint8_t {
  kAdaptive,
  kAdaptive2,
  kRandom,
  kRoundRobin,
  kEcmp,
  kStatic
};

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
  PathChoice plane_choice = PathChoice::kAdaptive;
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
  std::uint32_t multicast_flits = 0;
  std::uint32_t reduction_packets = 0;
  Bytes eager = 64_KiB;
  Bytes pull_chunk = 16_KiB;
  Bytes pull_window = 512_KiB;
  std::uint32_t rate_classes = 8;
  std::uint32_t rate_cut = 64;
  std::uint32_t rate_floor = 8;
  Picoseconds rate_recovery = 500_ns;
  Picoseconds mark_interval = 2_us;
  Bytes train = 0_B;

  /// One flit a cycle on every lane.
  constexpr Hertz link_clock() const { return Hertz(lane_rate.count / (8U * flit.count)); }
  /// Packets of `bytes` of one contiguous piece; one without payload is a packet too.
  constexpr std::uint32_t packets(std::uint64_t bytes) const {
    return bytes <= payload.count ? 1U : static_cast<std::uint32_t>(ceil_div(bytes, payload.count));
  }
  /// Of all these packets: payload in whole flits, and a header flit each.
  constexpr std::uint32_t flits(std::uint64_t bytes) const {
    const std::uint64_t whole = packets(bytes) - 1U;
    const std::uint64_t last = bytes - whole * payload.count;
    return static_cast<std::uint32_t>(whole * (1 + ceil_div(payload.count, flit.count)) + 1 +
                                      ceil_div(last, flit.count));
  }
  /// The longest thing that travels as one: a packet or a train.
  constexpr std::uint32_t max_packet_flits() const {
    return flits(std::max(payload.count, train.count));
  }
  /// Payload of the next unit of a message of which `left` bytes are not yet cut.
  constexpr std::uint64_t unit(std::uint64_t left) const {
    const std::uint64_t share = left / (2ULL * lanes) / payload.count * payload.count;
    return std::max(payload.count, std::min(train.count, share));
  }
  /// Most bytes that are read for one message at a time.
  constexpr std::uint64_t max_piece() const { return std::max(read.count, train.count); }
  /// `bytes` scaled to a pace (1/256 of the port, 0: none), at least a payload.
  constexpr std::uint64_t paced(Bytes bytes, std::uint32_t pace) const {
    return pace == 0 ? bytes.count : std::max(payload.count, bytes.count * pace / kFullRate);
  }
  /// How long `flits` take at `share` of kFullRate of all lanes.
  constexpr Picoseconds port_time(std::uint32_t flits, std::uint32_t share) const {
    const std::uint64_t kilobits = lane_rate.count / 1000U * lanes * share;  // per second
    return Picoseconds(
        ceil_div(std::uint64_t{flits} * 8U * flit.count * kFullRate * 1'000'000'000U, kilobits));
  }
  constexpr Cycles link() const { return link_cycles(link_latency, link_clock()); }
};

/// One DirectCom switch. Defaults describe an on-module plane.
struct SwitchConfig {
  BitsPerSecond port_rate = 100_Gbps;
  Bytes flit = 16_B;
  Bytes payload = 512_B;
  Cycles pipeline = 4_cycles;
  Picoseconds link_latency = 125_ns;
  Picoseconds module_link_latency = 250_ns;
  std::uint32_t voq_flits = 512;
  std::uint32_t speedup = 2;
  std::uint32_t out_flits = 66;
  PathChoice up_choice = PathChoice::kAdaptive;
  std::uint32_t hash_seed = 0;
  std::uint32_t mark_flits = 0;
  std::uint32_t flit_errors = 0;
  std::uint32_t patience = 32;
  std::uint32_t multicast_flits = 0;
  std::uint32_t reduction_entries = 0;
  Cycles reduction_latency = 4_cycles;
  std::uint32_t quantum1 = 66;
  std::uint32_t quantum2 = 66;
  std::uint32_t quantum3 = 66;

  constexpr Hertz clock() const { return Hertz(port_rate.count / (8U * flit.count)); }
  constexpr std::uint32_t max_packet_flits() const {
    return 1U + static_cast<std::uint32_t>(ceil_div(payload.count, flit.count));
  }
  /// Of a link by its tier (Topology::Link).
  constexpr Cycles link(std::uint32_t tier) const {
    return link_cycles(tier == 0 ? link_latency : module_link_latency, clock());
  }
};

namespace detail {
template <typename C>
bool quanta_hold_a_packet(const C& c) {
  const std::uint64_t flits = 1U + ceil_div(c.payload.count, c.flit.count);
  return c.quantum1 >= flits && c.quantum2 >= flits && c.quantum3 >= flits;
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

inline const EnumNames<PathChoice>& path_choice_names() {
  static const EnumNames<PathChoice> names{
      {"adaptive", PathChoice::kAdaptive}, {"adaptive2", PathChoice::kAdaptive2},
      {"random", PathChoice::kRandom},     {"round-robin", PathChoice::kRoundRobin},
      {"ecmp", PathChoice::kEcmp},         {"static", PathChoice::kStatic}};
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
      .field("plane_choice", &Config::plane_choice, path_choice_names(),
             "plane of a packet: adaptive scans all, adaptive2 compares two drawn and the last")
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
      .field("multicast_flits", &Config::multicast_flits, between(0U, 65'536U),
             "the same for what came by multicast; 0: no multicast")
      .field("reduction_packets", &Config::reduction_packets, between(0U, 4096U),
             "packets of sums by the switches asked for and not landed; 0: no such sums")
      .field(
          "eager", &Config::eager, between(512_B, 64_GiB),
          "bytes of a message sent unasked; longer ones are pulled by the receiver; 64 GiB: none")
      .field("pull_chunk", &Config::pull_chunk, between(512_B, 1024_KiB), "bytes of a grant")
      .field("pull_window", &Config::pull_window, between(512_B, 64_MiB),
             "bytes granted to all senders and not yet landed")
      .field("rate_classes", &Config::rate_classes, between(0U, 15U),
             "bit c: marks slow class c down, at its source, towards where they came from")
      .field("rate_cut", &Config::rate_cut, between(0U, 255U),
             "1/256 of the rate to a destination that a mark takes away")
      .field("rate_floor", &Config::rate_floor, between(1U, 256U),
             "lowest rate to a destination, in 1/256 of the port")
      .field("rate_recovery", &Config::rate_recovery, between(1_ns, 1000_us),
             "time in which a rate regains 1/256 of the port")
      .field("mark_interval", &Config::mark_interval, between(0_ps, 1000_us),
             "between two slow downs to one source")
      .field("train", &Config::train, between(0_B, 32_KiB),
             "payload that may travel as one event chain, for speed; 0: every packet by itself")
      .require([](const Config& c) { return c.receive_flits >= c.max_packet_flits(); },
               "receive_flits must hold the longest packet and train")
      .require(
          [](const Config& c) {
            return c.multicast_flits == 0 || c.multicast_flits >= c.max_packet_flits();
          },
          "multicast_flits must be 0 or hold the longest packet and train")
      .require([](const Config& c) { return c.staging >= c.read; }, "staging must hold one read")
      .require([](const Config& c) { return c.pull_window >= c.pull_chunk; },
               "pull_window must hold one pull_chunk")
      .require([](const Config& c) { return c.train.count % c.payload.count == 0; },
               "train must be whole packets")
      .require([](const Config& c) { return c.staging >= c.train * (2ULL * c.lanes); },
               "staging must hold two trains for every lane")
      .require([](const Config& c) { return c.read * c.reads >= c.train; },
               "reads must be enough for a train");
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
             "wire between an AIPU and a switch")
      .field("module_link_latency", &SwitchConfig::module_link_latency, between(1_ns, 100_us),
             "wire between switches")
      .field("speedup", &SwitchConfig::speedup, between(1U, 2U),
             "crossbar ticks a link cycle; 2: with a FIFO at every output")
      .field("out_flits", &SwitchConfig::out_flits, between(1U, 65'536U),
             "output FIFO, with speedup 2")
      .field("up_choice", &SwitchConfig::up_choice, path_choice_names(),
             "output of a packet that has several")
      .field("hash_seed", &SwitchConfig::hash_seed, between(0U, 16'383U), "of up_choice ecmp")
      .field("mark_flits", &SwitchConfig::mark_flits, between(0U, 65'536U),
             "a packet is marked when its queue is longer than this; 0: never")
      .field("flit_errors", &SwitchConfig::flit_errors, between(0U, 10'000'000U),
             "corrupted flits of 10^9 on links from switches, each repeated")
      .field("voq_flits", &SwitchConfig::voq_flits, between(2U, 65'536U),
             "buffer for each input, output and class; outputs that share packets share their sum")
      .field("patience", &SwitchConfig::patience, between(0U, 255U),
             "turns a queue may lose, less packets served, before its input is kept for it; "
             "0: any number")
      .field("multicast_flits", &SwitchConfig::multicast_flits, between(0U, 65'536U),
             "buffer for packets to copy, for each input from an AIPU and class; 0: no multicast")
      .field("reduction_entries", &SwitchConfig::reduction_entries, between(0U, 65'536U),
             "sums of a packet each that a switch has under way; 0: no reduction")
      .field("reduction_latency", &SwitchConfig::reduction_latency, between(1_cycles, 64_cycles),
             "of an adder, from operands to sum; one flit a cycle")
      .require(
          [](const SwitchConfig& c) { return c.reduction_entries == 0 || c.multicast_flits != 0; },
          "reduction_entries needs multicast_flits, whose buffers parts and sums take")
      .require(
          [](const SwitchConfig& c) {
            return c.multicast_flits == 0 || c.multicast_flits >= c.max_packet_flits();
          },
          "multicast_flits must be 0 or hold the longest packet")
      .require([](const SwitchConfig& c) { return c.voq_flits >= c.max_packet_flits(); },
               "voq_flits must hold the longest packet")
      .require(
          [](const SwitchConfig& c) {
            return c.speedup == 1 || c.out_flits >= c.max_packet_flits();
          },
          "out_flits must hold the longest packet");
  detail::add_quanta(s);
  return s;
}

}  // namespace aipu::directcom
