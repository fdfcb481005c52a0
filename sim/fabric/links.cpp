// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/links.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "hw/base/assert.h"
#include "sim/fabric/rounded.h"

namespace aipu::fabric {
namespace {

using directcom::Topology;

constexpr int kDigits = 6;  // of a part of a time

bool leads_up(const Topology& topology, const Topology::End& from, const Topology::End& to) {
  if (from.node || to.node) return from.node;
  return topology.switches[from.index].level < topology.switches[to.index].level;
}

}  // namespace

std::vector<LinkShare> link_shares(const Topology& topology, const Accounts& before,
                                   const Accounts& after) {
  AIPU_ASSERT(before.empty() || before.size() == after.size(), "{} links became {}", before.size(),
              after.size());
  std::vector<LinkShare> shares;
  shares.reserve(after.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto& now = after[i];
    const auto then = before.empty() ? directcom::Network::LinkAccount{} : before[i];
    const Topology::Link& link = topology.links[now.link];
    const Topology::End& from = now.forward ? link.a : link.b;
    const Topology::End& to = now.forward ? link.b : link.a;
    LinkShare share{now.link,
                    directcom::name_of(topology, from),
                    directcom::name_of(topology, to),
                    link.tier,
                    leads_up(topology, from, to),
                    {static_cast<double>(now.busy - then.busy),
                     static_cast<double>(now.no_packet - then.no_packet),
                     static_cast<double>(now.no_credit - then.no_credit),
                     static_cast<double>(now.lost_arbitration - then.lost_arbitration)}};
    double all = 0;
    for (const double cycles : share.parts)
      all += cycles;
    for (double& part : share.parts)
      part = all > 0 ? part / all : 0;
    shares.push_back(std::move(share));
  }
  return shares;
}

std::vector<TierShare> tier_shares(const std::vector<LinkShare>& links) {
  std::map<std::pair<std::uint32_t, bool>, TierShare> tiers;  // upwards before downwards
  for (std::size_t i = 0; i < links.size(); ++i) {
    const LinkShare& link = links[i];
    TierShare& tier = tiers[{link.tier, !link.up}];
    tier.tier = link.tier;
    tier.up = link.up;
    ++tier.links;
    for (std::size_t s = 0; s < kLinkStates; ++s)
      tier.parts[s] += link.parts[s];
    if (tier.links == 1 || link.parts[kBusy] > tier.busiest) {
      tier.busiest = link.parts[kBusy];
      tier.busiest_link = i;
    }
  }
  std::vector<TierShare> result;
  for (auto& [key, tier] : tiers) {
    for (double& part : tier.parts)
      part /= tier.links;
    result.push_back(tier);
  }
  return result;
}

std::string name_of(const TierShare& tier) {
  return fmt::format("tier {} {}", tier.tier, tier.up ? "up" : "down");
}

nlohmann::ordered_json to_json(const std::vector<LinkShare>& links) {
  auto out = nlohmann::ordered_json::array();
  for (const LinkShare& link : links) {
    nlohmann::ordered_json one{{"from", link.from}, {"to", link.to}, {"tier", link.tier}};
    for (std::size_t s = 0; s < kLinkStates; ++s)
      one[kLinkStateNames[s]] = rounded(link.parts[s], kDigits);
    out.push_back(std::move(one));
  }
  return out;
}

nlohmann::ordered_json to_json(const std::vector<TierShare>& tiers,
                               const std::vector<LinkShare>& links) {
  auto out = nlohmann::ordered_json::array();
  for (const TierShare& tier : tiers) {
    nlohmann::ordered_json one{
        {"tier", tier.tier}, {"direction", tier.up ? "up" : "down"}, {"links", tier.links}};
    for (std::size_t s = 0; s < kLinkStates; ++s)
      one[kLinkStateNames[s]] = rounded(tier.parts[s], kDigits);
    one["busiest"] = rounded(tier.busiest, kDigits);
    one["busiest_from"] = links[tier.busiest_link].from;
    one["busiest_to"] = links[tier.busiest_link].to;
    out.push_back(std::move(one));
  }
  return out;
}

std::string to_csv(const std::vector<LinkShare>& links) {
  std::string out = fmt::format("from,to,tier,direction,{}\n", fmt::join(kLinkStateNames, ","));
  for (const LinkShare& link : links) {
    out += fmt::format("{},{},{},{}", link.from, link.to, link.tier, link.up ? "up" : "down");
    for (const double part : link.parts)
      out += fmt::format(",{:.6f}", part);
    out += "\n";
  }
  return out;
}

void print(std::ostream& out, const std::vector<TierShare>& tiers,
           const std::vector<LinkShare>& links) {
  out << fmt::format("{:<18}{:>8}{:>10}{:>12}{:>12}{:>18}  {}\n", "links, % of time", "links",
                     "busy", "no packet", "no credit", "lost arbitration", "busiest");
  for (const TierShare& tier : tiers) {
    out << fmt::format("  {:<16}{:>8}{:>10.1f}{:>12.1f}{:>12.1f}{:>18.1f}  {:.1f} {}>{}\n",
                       name_of(tier), tier.links, 100 * tier.parts[kBusy],
                       100 * tier.parts[kNoPacket], 100 * tier.parts[kNoCredit],
                       100 * tier.parts[kLostArbitration], 100 * tier.busiest,
                       links[tier.busiest_link].from, links[tier.busiest_link].to);
  }
}

}  // namespace aipu::fabric
