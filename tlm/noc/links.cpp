// SPDX-License-Identifier: Apache-2.0
#include "tlm/noc/links.h"

#include <algorithm>

namespace aipu::noc {

Links::Links(const Config& config, Clock clock, std::uint32_t ports, std::uint32_t cores)
    : topology_(config),
      clock_(clock),
      width_(config.link_width.count),
      hop_ps_(clock.span(config.hop_latency).count),
      cycle_ps_(clock.span(Cycles(1)).count),
      first_port_(topology_.links()),
      first_core_(first_port_ + 2 * ports),
      links_(first_core_ + 2 * cores),
      flow_(topology_.links()),
      branches_(topology_.links()) {}

std::uint64_t Links::serialisation(std::uint64_t bytes) const {
  return clock_.span(Cycles(ceil_div(bytes, width_))).count;
}

Links::Front Links::enter(std::uint64_t now, std::uint64_t start, const Packet& packet,
                          std::uint64_t duration, std::uint64_t& accepted) {
  Front front{start, start + duration};
  if (packet.entry != kNone) pass(now, packet.entry, duration, front);
  accepted = front.tail;
  hop(front);
  return front;
}

Links::Passage Links::send(std::uint64_t now, std::uint64_t start, const Packet& packet) {
  const std::uint64_t duration = serialisation(packet.bytes);
  Passage passage;
  Front front = enter(now, start, packet, duration, passage.accepted);
  topology_.walk(packet.from, packet.to, packet.order, [&](std::uint32_t link) {
    pass(now, link, duration, front);
    hop(front);
    ++passage.hops;
  });
  if (packet.exit != kNone) pass(now, packet.exit, duration, front);
  passage.landed = front.tail;
  return passage;
}

void Links::add_flow(std::uint32_t from, std::uint32_t to, Order order, std::uint64_t bytes) {
  flow_bytes_ += bytes;
  topology_.walk(from, to, order, [&](std::uint32_t link) {
    if (flow_[link] == 0) flow_links_.push_back(link);
    flow_[link] += bytes;
    flow_hop_bytes_ += bytes;
  });
}

Links::Passage Links::book_flow(std::uint64_t now, std::uint64_t start, std::uint32_t port_link) {
  Front port{start, start};
  pass(now, port_link, serialisation(flow_bytes_), port);
  Passage passage{port.tail, port.tail, 0};
  for (const std::uint32_t link : flow_links_) {
    Front front{start, start};
    pass(now, link, serialisation(flow_[link]), front);
    passage.landed = std::max(passage.landed, front.tail);
    flow_[link] = 0;
  }
  flow_links_.clear();
  flow_bytes_ = flow_hop_bytes_ = 0;
  return passage;
}

void Links::begin_tree(std::uint64_t now, std::uint64_t start, const Packet& packet) {
  ++tree_;
  tree_duration_ = serialisation(packet.bytes);
  tree_from_ = packet.from;
  root_ = enter(now, start, packet, tree_duration_, tree_accepted_);
}

Links::Passage Links::branch(std::uint64_t now, std::uint32_t to, std::uint32_t exit) {
  Passage passage;
  passage.accepted = tree_accepted_;
  Front front = root_;
  topology_.walk(tree_from_, to, Order::kXFirst, [&](std::uint32_t link) {
    Branch& branch = branches_[link];
    if (branch.tree != tree_) {
      pass(now, link, tree_duration_, front);
      hop(front);
      branch = {tree_, front};
      ++passage.hops;
    } else {
      front = branch.front;
    }
  });
  if (exit != kNone) pass(now, exit, tree_duration_, front);
  passage.landed = front.tail;
  return passage;
}

std::uint64_t Links::busy(std::uint64_t now) const {
  std::uint64_t sum = 0;
  for (const Timeline& link : links_)
    sum += link.busy(now);
  return sum;
}

}  // namespace aipu::noc
