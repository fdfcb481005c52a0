// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/reducer.h"

#include <algorithm>

#include "hw/base/assert.h"
#include "hw/base/number_format.h"
#include "regs/abi.h"

namespace aipu::directcom {
namespace {

const PacketExtension& extension_of(const tlm::tlm_generic_payload& payload) {
  return *payload.get_extension<PacketExtension>();
}

}  // namespace

Reducer::Reducer(const SwitchConfig& config, std::vector<std::uint32_t> members)
    : config_(config),
      members_(std::move(members)),
      free_at_(members_.size(), 0),
      sums_(config.payload.count) {}

std::size_t Reducer::member_of(std::uint32_t input) const {
  const auto found = std::lower_bound(members_.begin(), members_.end(), input);
  AIPU_ASSERT(found != members_.end() && *found == input, "a part from port {}", input);
  return static_cast<std::size_t>(found - members_.begin());
}

const Reducer::Work& Reducer::arrive(std::uint64_t cycle, std::uint32_t input,
                                     tlm::tlm_generic_payload& part) {
  work_.added.clear();
  work_.sum.reset();
  const Packet& header = extension_of(part).header;
  const Key key{header.destination, header.message, header.address};
  Entry& entry = entries_[key];
  AIPU_ASSERT(entries_.size() <= config_.reduction_entries, "{} sums in a table of {}",
              entries_.size(), config_.reduction_entries);
  entry.parts.resize(members_.size());
  Part& mine = entry.parts[member_of(input)];
  AIPU_ASSERT(mine.payload == nullptr, "port {} sends a part of message {:#x} of AIPU {} twice",
              input, header.message, header.destination);
  mine = {&part, cycle};
  advance(entry);
  if (entry.next == members_.size()) {
    work_.sum = Sum{&add_up(entry), entry.at + config_.reduction_latency.count};
    for (const Part& done : entry.parts)
      done.payload->release();
    entries_.erase(key);
  }
  return work_;
}

/// Every part that is there follows the one before it through the adders by their latency.
void Reducer::advance(Entry& entry) {
  for (; entry.next < members_.size(); ++entry.next) {
    const Part& part = entry.parts[entry.next];
    if (part.payload == nullptr) return;
    const std::uint64_t after = entry.next == 0 ? 0 : entry.at + config_.reduction_latency.count;
    std::uint64_t& free_at = free_at_[entry.next];
    entry.at = std::max({after, part.cycle + 1, free_at});
    free_at = entry.at + extension_of(*part.payload).flits;
    work_.added.push_back({part.payload, members_[entry.next], free_at});
  }
}

/// In F32, in order of members, rounded once at the end.
LinkPacket& Reducer::add_up(const Entry& entry) {
  const PacketExtension& first = extension_of(*entry.parts[0].payload);
  LinkPacket& sum = sums_.acquire();
  Packet& header = sum.header();
  header = first.header;
  header.source = header.destination;
  header.sum = true;
  const DType type = header.element == Element::kF32 ? DType::kF32 : DType::kBf16;
  const std::size_t count = header.payload_bytes / size_of(type);
  std::vector<float> total(count, 0), numbers(count);
  bool phantom = false;
  for (const Part& part : entry.parts) {
    const PacketExtension& extension = extension_of(*part.payload);
    AIPU_ASSERT(extension.header.payload_bytes == header.payload_bytes, "parts of {} and {} bytes",
                extension.header.payload_bytes, header.payload_bytes);
    if (header.rule == regs::abi::kRuleNone) header.rule = extension.header.rule;
    phantom = phantom || is_phantom(*part.payload);
    if (phantom) continue;
    load_row(type, part.payload->get_data_ptr(), count, numbers.data());
    if (&part == &entry.parts[0]) {
      total = numbers;  // not 0 + x: the sign of a zero stays
    } else {
      std::transform(total.begin(), total.end(), numbers.begin(), total.begin(), std::plus<>());
    }
  }
  sum.prepare(header.payload_bytes, first.flits, phantom);
  if (!phantom) store_row(type, total.data(), count, sum.data());
  return sum;
}

}  // namespace aipu::directcom
