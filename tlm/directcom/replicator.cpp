// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/replicator.h"

#include <algorithm>
#include <tuple>

#include "hw/base/assert.h"

namespace aipu::directcom {

Replicator::Replicator(const SwitchConfig& config, std::uint32_t ports)
    : config_(config), inputs_(std::size_t{2} * ports), outputs_(ports) {}

void Replicator::offer(std::uint32_t output, std::uint32_t flits) {
  std::fill_n(outputs_[output].credits, kClasses, flits);
}

void Replicator::arrive(std::uint64_t cycle, const Packet& packet, const Ports& outputs) {
  Input& input = inputs_[packet.input];
  std::uint32_t& used = input.used[packet.traffic_class];
  used += packet.flits;
  AIPU_ASSERT(packet.input >= outputs_.size() || used <= config_.multicast_flits,
              "input {}, class {}: {} flits in a buffer of {}", packet.input, packet.traffic_class,
              used, config_.multicast_flits);
  input.queue[packet.traffic_class].push({packet, cycle + 1, outputs});
  ++waiting_;
}

void Replicator::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t traffic_class,
                        std::uint32_t flits) {
  outputs_[output].returning.push({cycle, traffic_class, flits});
}

void Replicator::granted(std::uint32_t output, std::uint64_t head, std::uint32_t flits) {
  outputs_[output].busy_until = head + flits + 1 - config_.pipeline.count;
  outputs_[output].had_turn = false;
}

std::uint64_t Replicator::room_at(const Output& output, std::uint32_t flits) const {
  const std::uint32_t ahead = config_.speedup == 1 ? 0 : config_.out_flits - flits;
  return output.busy_until <= ahead ? 0 : output.busy_until - ahead;
}

/// Class 0 first, then the longest waiting; of those that came in one cycle the lowest input.
void Replicator::find_heads(std::uint64_t cycle) {
  heads_.clear();
  for (std::uint32_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].free_at > cycle) continue;
    for (std::uint32_t c = 0; c < kClasses; ++c) {
      Ring<Entry>& queue = inputs_[i].queue[c];
      if (!queue.empty() && queue.front().ready <= cycle)
        heads_.push_back({i, c, queue.front().ready});
    }
  }
  std::sort(heads_.begin(), heads_.end(), [](const Head& a, const Head& b) {
    return std::make_tuple(a.traffic_class != 0, a.ready, a.input, a.traffic_class) <
           std::make_tuple(b.traffic_class != 0, b.ready, b.input, b.traffic_class);
  });
}

/// One reading of the packet, to every output that can take it now.
void Replicator::pass(std::uint64_t cycle, const Head& head, Turn turn) {
  Input& input = inputs_[head.input];
  if (input.free_at > cycle) return;
  Ring<Entry>& queue = input.queue[head.traffic_class];
  Entry& entry = queue.front();
  const Packet packet = entry.packet;
  const Ports wanted = entry.left;
  const std::uint64_t end = cycle + packet.flits;
  wanted.for_each([&](std::uint32_t o) {
    Output& output = outputs_[o];
    if (output.free_at > cycle || output.credits[packet.traffic_class] < packet.flits ||
        room_at(output, packet.flits) > cycle ||
        (turn == Turn::kBeforeCrossbar && output.had_turn)) {
      return;
    }
    const std::uint64_t start = std::max(output.busy_until, cycle);
    work_.copies.push_back({packet, static_cast<std::uint16_t>(o),
                            start + config_.pipeline.count - 1,
                            start + packet.flits - output.busy_until});
    output.busy_until = start + packet.flits;
    output.free_at = end;
    output.credits[packet.traffic_class] -= packet.flits;
    output.had_turn = true;
    input.free_at = end;
    entry.left.erase(o);
  });
  if (!entry.left.empty()) return;
  queue.pop();
  input.used[head.traffic_class] -= packet.flits;
  --waiting_;
  work_.freed.push_back({packet, end});
}

const Replicator::Work& Replicator::step(std::uint64_t cycle, Turn turn) {
  work_.copies.clear();
  work_.freed.clear();
  if (waiting_ == 0) return work_;
  for (Output& output : outputs_) {
    while (!output.returning.empty() && output.returning.front().cycle <= cycle) {
      const Credit credit = output.returning.pop();
      output.credits[credit.traffic_class] += credit.flits;
    }
  }
  find_heads(cycle);
  for (const Head& head : heads_)
    pass(cycle, head, turn);
  return work_;
}

std::uint64_t Replicator::next() const {
  std::uint64_t at = kNever;
  if (waiting_ == 0) return at;
  for (const Input& input : inputs_) {
    for (const Ring<Entry>& queue : input.queue) {
      if (queue.empty()) continue;
      const Entry& entry = queue.front();
      const std::uint64_t ready = std::max(entry.ready, input.free_at);
      entry.left.for_each([&](std::uint32_t o) {
        const Output& output = outputs_[o];
        if (output.credits[entry.packet.traffic_class] >= entry.packet.flits) {
          at = std::min(at, std::max({ready, output.free_at, room_at(output, entry.packet.flits)}));
        } else if (!output.returning.empty()) {
          at = std::min(at, std::max(ready, output.returning.front().cycle));
        }
      });
    }
  }
  return at;
}

}  // namespace aipu::directcom
