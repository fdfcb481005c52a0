// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hw/base/rng.h"
#include "sim/fabric/permutation.h"

namespace aipu::fabric {

/// Packets of one kind, that every node sends.
struct FlowClass {
  std::string name;
  double load = 0;                 ///< flits a cycle on every lane of a node
  std::uint8_t traffic_class = 1;  ///< of DirectCom
  /// Of every source; empty: drawn for each packet, over all nodes, the sender included...
  Destinations destinations;
  std::optional<std::uint32_t> avoided;  ///< ...but not this one
};

/// What all nodes have in common.
struct Senders {
  std::uint32_t nodes = 1;
  std::uint32_t lanes = 1;
  std::uint32_t packet_flits = 1;
  std::uint64_t seed = 1;
};

/// The packets of one class that one node creates. Every lane's worth of bandwidth creates one in
/// a cycle with probability load / packet_flits, independently: a Bernoulli process, of which only
/// the (geometric) gaps are drawn. The stream of a node is its own, whatever the others do.
class Generator {
 public:
  /// `flow_class` outlives this.
  Generator(const FlowClass& flow_class, const Senders& senders, std::uint32_t node);

  static constexpr std::uint64_t kNever = ~0ULL;
  /// Cycle in which the next packet is created; kNever without load.
  std::uint64_t next() const { return next_; }
  /// Its destination; goes on to the one after.
  std::uint16_t take();

 private:
  void draw_gap();

  const FlowClass* flow_class_;
  Rng rng_;
  std::uint32_t node_;
  std::uint32_t nodes_;
  std::uint32_t lanes_;
  double probability_;  // of a packet, per lane and cycle
  double scale_;        // 1 / ln(1 - probability)
  std::uint64_t slot_;  // of the next packet: lanes slots a cycle
  std::uint64_t next_;  // its cycle
};

}  // namespace aipu::fabric
