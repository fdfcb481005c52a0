// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "hw/directcom/config.h"
#include "tlm/directcom/link.h"

namespace aipu::directcom {

/// The adders of a switch (hw/docs/directcom.md, "In-switch collectives"): parts of one sum, a
/// packet from every member port, are added in ascending order of ports. Link cycles; nothing
/// ticks: what happens to a part is known when it and all before it have been announced.
class Reducer {
 public:
  /// A part is added, its buffer free in `cycle`.
  struct Added {
    tlm::tlm_generic_payload* part = nullptr;
    std::uint32_t input = 0;
    std::uint64_t cycle = 0;
  };
  /// A sum whose head can leave the table from `ready` on; the payload holds one reference.
  struct Sum {
    LinkPacket* packet = nullptr;
    std::uint64_t ready = 0;
  };
  struct Work {
    std::vector<Added> added;
    std::optional<Sum> sum;
  };

  /// `members`: ports that every sum has a part from, ascending.
  Reducer(const SwitchConfig& config, std::vector<std::uint32_t> members);

  /// The head of a part (its payload has a PacketExtension with `element`) is in the buffer of
  /// `input` at the start of `cycle`. Takes a reference over, and gives it back when the sum is
  /// made. The result is valid until the next call.
  const Work& arrive(std::uint64_t cycle, std::uint32_t input, tlm::tlm_generic_payload& part);
  std::size_t open() const { return entries_.size(); }

 private:
  struct Part {
    tlm::tlm_generic_payload* payload = nullptr;
    std::uint64_t cycle = 0;
  };
  struct Entry {
    std::vector<Part> parts;  ///< by member
    std::size_t next = 0;     ///< member to be added
    std::uint64_t at = 0;     ///< cycle in which the one before began
  };
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>;  ///< owner, get, address

  std::size_t member_of(std::uint32_t input) const;
  void advance(Entry& entry);
  LinkPacket& add_up(const Entry& entry);

  const SwitchConfig config_;
  const std::vector<std::uint32_t> members_;
  std::map<Key, Entry> entries_;
  std::vector<std::uint64_t> free_at_;  ///< adder of each member
  PacketPool sums_;
  Work work_;
};

}  // namespace aipu::directcom
