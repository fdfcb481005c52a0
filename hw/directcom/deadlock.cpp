// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "hw/base/error.h"
#include "hw/directcom/routes.h"

namespace aipu::directcom {
namespace {

using Ports = PortSet<4>;

/// The channel that ends at an input of a switch.
struct Channel {
  std::uint32_t at = 0;
  std::uint32_t port = 0;
};

/// Channel a waits for channel b when packets of some destination can come by a and be given b.
///
/// Packets wait in pools, one for each group at an input, and all outputs of a group are reached
/// through the same pool. A packet may be given any output of its group, so each of them is an edge
/// here, and pool sharing adds none. Channels to nodes always drain and wait for nothing.
///
/// Coarser than the machine: pools of different groups of a channel do not wait for each other, so
/// a short circle (a ring of four) may never stop. It is refused all the same: whether a fabric can
/// hang shall not depend on how its buffers are divided.
class Dependencies {
 public:
  explicit Dependencies(const Routes& routes) : routes_(routes), t_(routes.topology()) {
    for (const Topology::Switch& s : t_.switches) {
      given_.emplace_back(s.ports);
      first_.push_back(channels_);
      channels_ += s.ports;
    }
    std::vector<bool> done;  // by kind: nodes of one kind are reached alike
    for (std::uint32_t node = 0; node < t_.nodes; ++node) {
      const std::uint32_t kind = routes_.kind_of(node);
      if (kind >= done.size()) done.resize(kind + 1, false);
      if (!done[kind]) follow(node);
      done[kind] = true;
    }
  }

  /// The channels of a circle in order, or nothing.
  std::vector<Channel> circle() const;

 private:
  const std::vector<std::uint16_t>* group(std::uint32_t at, std::uint32_t node) const {
    const RoutingTable& table = routes_.table(at);
    const std::uint16_t g = table.group_of[node];
    return g == RoutingTable::kNoGroup ? nullptr : &table.groups[g];
  }

  void follow(std::uint32_t destination);
  std::uint32_t number(const Channel& c) const { return first_[c.at] + c.port; }
  template <typename Visit>
  void for_each_next(const Channel& c, Visit&& visit) const {
    given_[c.at][c.port].for_each([&](std::uint32_t out) {
      const Neighbour& n = routes_.neighbour(c.at, out);
      visit(Channel{n.index, n.port});
    });
  }
  bool search(const Channel& start, std::vector<char>& state, Channel& found) const;
  std::vector<Channel> shortest(const Channel& start) const;

  const Routes& routes_;
  const Topology& t_;
  std::vector<std::vector<Ports>> given_;  ///< switch x input: outputs that packets are given
  std::vector<std::uint32_t> first_;       ///< number of a switch's first channel
  std::uint32_t channels_ = 0;
};

/// Adds what packets to one destination do, from every node.
void Dependencies::follow(std::uint32_t destination) {
  std::vector<Ports> arrives(t_.switches.size());
  std::vector<std::uint32_t> queue;
  const auto enter = [&](const Neighbour& n) {
    if (arrives[n.index].empty()) queue.push_back(n.index);
    arrives[n.index].insert(n.port);
  };
  for (std::uint32_t node = 0; node < t_.nodes; ++node) {
    for (std::uint32_t l = 0; l < t_.lanes; ++l) {
      const Neighbour& lane = routes_.lane(node, l);
      if (group(lane.index, destination) != nullptr) enter(lane);
    }
  }
  for (std::size_t next = 0; next < queue.size();) {  // grows
    const std::uint32_t at = queue[next++];
    for (const std::uint16_t port : *group(at, destination)) {
      const Neighbour& n = routes_.neighbour(at, port);
      if (!n.node) enter(n);
    }
  }
  for (const std::uint32_t at : queue) {
    Ports outputs;
    for (const std::uint16_t port : *group(at, destination)) {
      if (!routes_.neighbour(at, port).node) outputs.insert(port);
    }
    arrives[at].for_each([&](std::uint32_t input) { given_[at][input] |= outputs; });
  }
}

enum State : char { kNew, kOpen, kDone };

/// Depth first from `start`; whether it met an open channel, `found`.
bool Dependencies::search(const Channel& start, std::vector<char>& state, Channel& found) const {
  struct Step {
    Channel channel;
    Ports left;  ///< outputs not followed yet
  };
  std::vector<Step> path;
  const auto open = [&](const Channel& c) {
    state[number(c)] = kOpen;
    path.push_back({c, given_[c.at][c.port]});
  };
  open(start);
  while (!path.empty()) {
    Step& step = path.back();
    if (step.left.empty()) {
      state[number(step.channel)] = kDone;
      path.pop_back();
      continue;
    }
    const std::uint32_t out = step.left.round_robin(0);
    step.left.erase(out);
    const Neighbour& n = routes_.neighbour(step.channel.at, out);
    const Channel next{n.index, n.port};
    if (state[number(next)] == kOpen) {
      found = next;
      return true;
    }
    if (state[number(next)] == kNew) open(next);
  }
  return false;
}

/// The shortest circle through a channel that is on one.
std::vector<Channel> Dependencies::shortest(const Channel& start) const {
  std::vector<Channel> queue{start};
  std::vector<std::uint32_t> before(channels_, channels_);  // place in queue
  std::vector<Channel> circle;
  for (std::uint32_t i = 0; circle.empty(); ++i) {
    for_each_next(Channel(queue[i]), [&](const Channel& next) {
      if (before[number(next)] != channels_) return;
      before[number(next)] = i;
      queue.push_back(next);
      if (number(next) != number(start)) return;
      for (std::uint32_t back = i; back != 0; back = before[number(queue[back])])
        circle.push_back(queue[back]);
      circle.push_back(start);
    });
  }
  std::reverse(circle.begin(), circle.end());
  return circle;
}

std::vector<Channel> Dependencies::circle() const {
  std::vector<char> state(channels_, kNew);
  for (std::uint32_t at = 0; at < t_.switches.size(); ++at) {
    for (std::uint32_t port = 0; port < t_.switches[at].ports; ++port) {
      Channel found;
      if (state[first_[at] + port] == kNew && search({at, port}, state, found))
        return shortest(found);
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> Routes::dependency_cycle() const {
  std::vector<std::string> names;
  for (const Channel& c : Dependencies(*this).circle()) {
    const Neighbour& from = neighbour(c.at, c.port);
    names.push_back(fmt::format("{}>{}", name_of(topology_, {from.node, from.index, from.port}),
                                name_of(topology_, {false, c.at, c.port})));
  }
  if (!names.empty()) names.push_back(names.front());
  return names;
}

void check_deadlock_free(const Routes& routes, const std::string& where) {
  const std::vector<std::string> cycle = routes.dependency_cycle();
  if (cycle.empty()) return;
  throw ConfigError(where, fmt::format("routes can deadlock: {}; links must not wait for each "
                                       "other in a circle, as with up*/down* routes",
                                       fmt::join(cycle, " -> ")));
}

}  // namespace aipu::directcom
