// SPDX-License-Identifier: Apache-2.0
// Interface: long messages are pulled by their receiver, marks go back to their source.
#include <algorithm>

#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {

bool Interface::is_pulled(const Message& message) const {
  return message.geometry.total() > config_.eager.count;
}

void Interface::announce(std::uint32_t index) {
  Context& context = contexts_[index];
  const Message& message = context.message;
  context.granted = config_.paced(config_.eager, message.pace);
  LinkPacket& packet = new_packet(PacketType::kAnnounce, message.peer, 0, message_of(index));
  packet.header().total = message.geometry.total();
  packet.header().pace = message.pace;
  packet.prepare(0, 1, false);
  send_later(packet);
}

void Interface::announced(const Packet& header) {
  const std::uint32_t index = receiving(header);
  Receiving& r = receiving_[index];
  ++stats_.pulled;
  r.announced = true;
  r.pace = header.pace;
  r.total = header.total;
  r.granted = config_.paced(config_.eager, header.pace);
  AIPU_ASSERT(r.landed <= r.granted, "{}: {} bytes landed unasked from AIPU {}", name(), r.landed,
              header.source);
  outstanding_ += r.granted - r.landed;
  queue_pull(index);
  grant_pulls();
  finish_if_complete(index);  // an abort can come first
}

std::uint64_t Interface::next_chunk(const Receiving& r) const {
  return std::min(config_.paced(config_.pull_chunk, r.pace), r.total - r.granted);
}

/// A message waits for a grant unless it has all, or its pace could not use one soon.
void Interface::queue_pull(std::uint32_t index) {
  Receiving& r = receiving_[index];
  if (r.granted == r.total || r.committed) return;
  if (r.pace != 0) {
    const std::uint64_t share = config_.pull_window.count * r.pace / kFullRate;
    const std::uint64_t most = std::max(2 * config_.paced(config_.pull_chunk, r.pace), share);
    if (r.granted - r.landed + next_chunk(r) > most) return;
  }
  Peer& from = peer(r.source);
  if (from.pulls.empty()) pull_sources_.push(r.source);
  from.pulls.push(index);
  r.queued = true;
}

void Interface::withdraw_pull(std::uint32_t index) {
  Receiving& r = receiving_[index];
  r.queued = false;
  Ring<std::uint32_t>& pulls = peer(r.source).pulls;
  for (std::size_t n = pulls.size(); n > 0; --n) {
    if (const std::uint32_t other = pulls.pop(); other != index) pulls.push(other);
  }
  if (!pulls.empty()) return;
  for (std::size_t n = pull_sources_.size(); n > 0; --n) {
    if (const std::uint16_t other = pull_sources_.pop(); other != r.source) {
      pull_sources_.push(other);
    }
  }
}

/// Round robin over sources, and over the messages of each, while the window has room.
void Interface::grant_pulls() {
  while (!pull_sources_.empty()) {
    Peer& from = peer(pull_sources_.front());
    const std::uint32_t index = from.pulls.front();
    Receiving& r = receiving_[index];
    const std::uint64_t chunk = next_chunk(r);
    if (outstanding_ + chunk > config_.pull_window.count) return;
    pull_sources_.pop();
    from.pulls.pop();
    if (!from.pulls.empty()) pull_sources_.push(r.source);
    r.queued = false;
    r.granted += chunk;
    outstanding_ += chunk;
    ++stats_.grants;
    queue_pull(index);
    LinkPacket& packet = new_packet(PacketType::kGrant, r.source, 0, r.message);
    packet.header().total = r.granted;
    packet.prepare(0, 1, false);
    send_later(packet);
  }
}

/// Late grants of a message that failed are the one packet that may come for a message that is no
/// more.
void Interface::granted(const Packet& header) {
  const std::uint32_t index = header.message & 0xFFU;
  AIPU_ASSERT(index < contexts_.size(), "{}: a grant for message {:#x}", name(), header.message);
  Context& context = contexts_[index];
  if (context.use == Use::kFree || message_of(index) != header.message ||
      context.rule != regs::abi::kRuleNone || context.granted == kUnasked) {
    return;
  }
  context.granted = std::max(context.granted, header.total);  // grants may overtake each other
  if (context.place == Place::kGrant) queue_reader(index);
}

void Interface::return_mark(const Packet& header) {
  ++stats_.marked;
  if (((config_.rate_classes >> header.traffic_class) & 1U) == 0) return;
  Peer& from = peer(header.source);
  if (now_ps() < from.slow_down_after) return;
  from.slow_down_after = now_ps() + config_.mark_interval.count;
  LinkPacket& packet = new_packet(PacketType::kSlowDown, header.source, 0, 0);
  packet.prepare(0, 1, false);
  send_later(packet);
}

}  // namespace aipu::directcom
