// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "hw/directcom/path_choice.h"
#include "hw/directcom/routes.h"
#include "tlm/directcom/network.h"

namespace aipu::cosim {

/// What goes into a network and what comes out of it: every packet once, as it was sent, and in
/// order where its source, destination and class have one path. Breaks throw Mismatch.
class Scoreboard {
 public:
  using Packet = directcom::Network::Packet;
  /// `routes` outlives this.
  Scoreboard(const directcom::Routes& routes, directcom::PathChoice up_choice)
      : routes_(routes), up_choice_(up_choice) {}

  /// Sets the packet's tag.
  void sent(Packet& packet);
  void delivered(const Packet& packet, std::uint64_t cycle);
  /// Nothing may be missing.
  void finish() const;

  std::uint64_t packets_delivered() const { return delivered_; }

 private:
  struct Entry {
    Packet packet;
    bool arrived = false;
  };
  bool one_path(std::uint32_t source, std::uint32_t destination) const;

  const directcom::Routes& routes_;
  const directcom::PathChoice up_choice_;
  std::vector<Entry> entries_;  ///< by tag
  /// By source, destination, class: the tag that may come next is above this.
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> last_;
  std::uint64_t delivered_ = 0;
};

}  // namespace aipu::cosim
