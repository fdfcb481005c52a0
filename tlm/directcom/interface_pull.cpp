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
  packet.header().pull_class = message.traffic_class;
  packet.prepare(0, 1, false);
  send_later(packet);
}

void Interface::announced(const Packet& header) {
  const std::uint32_t index = receiving(header);
  Receiving& r = receiving_[index];
  ++stats_.pulled;
  r.announced = true;
  r.pace = header.pace;
  r.traffic_class = header.pull_class;
  r.total = header.total;
  r.granted = config_.paced(config_.eager, header.pace);
  AIPU_ASSERT(r.landed <= r.granted, "{}: {} bytes landed unasked from AIPU {}", name(), r.landed,
              header.source);
  outstanding_ += r.granted - r.landed;
  queue_pull(index);
  grant_pull();
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
  Ring<std::uint32_t>& pulls = peer(r.source).pulls[r.traffic_class];
  if (pulls.empty()) pull_sources_[r.traffic_class].push(r.source);
  pulls.push(index);
  r.queued = true;
  ++pulls_;
}

void Interface::withdraw_pull(std::uint32_t index) {
  Receiving& r = receiving_[index];
  r.queued = false;
  --pulls_;
  Ring<std::uint32_t>& pulls = peer(r.source).pulls[r.traffic_class];
  for (std::size_t n = pulls.size(); n > 0; --n) {
    if (const std::uint32_t other = pulls.pop(); other != index) pulls.push(other);
  }
  if (!pulls.empty()) return;
  Ring<std::uint16_t>& sources = pull_sources_[r.traffic_class];
  for (std::size_t n = sources.size(); n > 0; --n) {
    if (const std::uint16_t other = sources.pop(); other != r.source) sources.push(other);
  }
}

/// Takes the message whose turn it is out of its queue: classes as on a lane, then sources, then
/// messages of a source.
std::uint32_t Interface::next_pull() {
  ClassScheduler::Flits flits{};
  std::uint32_t waiting = 0;
  for (std::uint32_t c = 0; c < kClasses; ++c) {
    if (pull_sources_[c].empty()) continue;
    waiting |= 1U << c;
    const std::uint32_t first = peer(pull_sources_[c].front()).pulls[c].front();
    flits[c] = config_.flits(next_chunk(receiving_[first]));
  }
  const std::uint32_t c = pull_classes_.choose(flits, waiting);
  const std::uint16_t source = pull_sources_[c].pop();
  Ring<std::uint32_t>& pulls = peer(source).pulls[c];
  const std::uint32_t index = pulls.pop();
  if (!pulls.empty()) pull_sources_[c].push(source);
  --pulls_;
  receiving_[index].queued = false;
  return index;
}

/// At most one: landing bytes clock the grants, so that whoever announces first cannot take the
/// whole window.
void Interface::grant_pull() {
  if (pulls_ == 0 || outstanding_ + config_.pull_chunk.count > config_.pull_window.count) return;
  const std::uint32_t index = next_pull();
  Receiving& r = receiving_[index];
  const std::uint64_t chunk = next_chunk(r);
  r.granted += chunk;
  outstanding_ += chunk;
  ++stats_.grants;
  queue_pull(index);
  LinkPacket& packet = new_packet(PacketType::kGrant, r.source, 0, r.message);
  packet.header().total = r.granted;
  packet.prepare(0, 1, false);
  send_later(packet);
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
