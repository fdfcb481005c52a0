// SPDX-License-Identifier: Apache-2.0
#include "hw/config/topology_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "hw/base/error.h"
#include "hw/base/nearest.h"
#include "hw/config/yaml_document.h"

namespace aipu::config {
namespace {

using directcom::Topology;

constexpr const char* kNode = "node";
constexpr std::size_t kMaxDigits = 9;    // fits 32 bits
constexpr std::uint32_t kMaxLevel = 15;  // a report has a column for each

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The number that digits spell; nothing for other text or one too long to be meant.
std::optional<std::uint32_t> number_of(const std::string& text) {
  if (!all_digits(text) || text.size() > kMaxDigits) return std::nullopt;
  return static_cast<std::uint32_t>(std::stoul(text));
}

/// `name.7` in two; without a number behind the last dot it is all name.
std::pair<std::string, std::string> split_port(const std::string& text) {
  const auto dot = text.rfind('.');
  if (dot == std::string::npos || !all_digits(text.substr(dot + 1))) return {text, ""};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

bool names_a_node(const std::string& text) {
  return text.rfind(kNode, 0) == 0 && all_digits(text.substr(std::string(kNode).size()));
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  TopologyFile read(const YAML::Node& root) {
    const Map map = read_map(root, "", {"name", "nodes", "lanes", "switches", "links", "routes"});
    t_.name = std::filesystem::path(file_).stem().string();
    if (const YAML::Node* name = find(map, "name")) t_.name = text(*name, "name");
    t_.nodes = number(need(map, root, "nodes"), "nodes", 1, directcom::kMaxNodes);
    if (const YAML::Node* n = find(map, "lanes"))
      t_.lanes = number(*n, "lanes", 1, directcom::kMaxLanes);
    for (const YAML::Node& item : list(need(map, root, "switches"), "switches"))
      read_switch(item);
    const YAML::Node& links = need(map, root, "links");
    read_links(links);
    directcom::check_topology(t_, place(links));
    result_.place = place(root);
    if (const YAML::Node* routes = find(map, "routes")) read_routes(*routes);
    result_.topology = std::move(t_);
    return std::move(result_);
  }

 private:
  using Map = std::map<std::string, YAML::Node>;
  /// An end of a link as it is written.
  struct End {
    Topology::End end;
    bool given = false;  ///< its port or lane
    YAML::Node node;
  };

  std::string place(const YAML::Node& node) const { return place_of(file_, node.Mark()); }
  [[noreturn]] void fail(const YAML::Node& node, const std::string& message) const {
    throw ConfigError(place(node), message);
  }

  Map read_map(const YAML::Node& node, const std::string& what,
               const std::vector<std::string>& known) const {
    const std::string of = what.empty() ? "" : what + ": ";
    if (!node.IsMap()) fail(node, fmt::format("{}takes a map of {}", of, fmt::join(known, ", ")));
    Map map;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) fail(entry.first, "a key must be a plain name");
      const std::string& key = entry.first.Scalar();
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail(entry.first, fmt::format("{}unknown key '{}'{}", of, key, suggestion(key, known)));
      if (!map.emplace(key, entry.second).second) fail(entry.first, of + key + ": given twice");
    }
    return map;
  }

  static const YAML::Node* find(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  }
  const YAML::Node& need(const Map& map, const YAML::Node& of, const std::string& key) const {
    if (const YAML::Node* found = find(map, key)) return *found;
    fail(of, fmt::format("'{}' is missing", key));
  }

  std::string text(const YAML::Node& node, const std::string& what) const {
    if (!node.IsScalar() || node.Scalar().empty()) fail(node, what + ": takes a name");
    return node.Scalar();
  }
  std::uint32_t number(const YAML::Node& node, const std::string& what, std::uint32_t first,
                       std::uint32_t last) const {
    const auto value = number_of(node.IsScalar() ? node.Scalar() : "");
    if (value && *value >= first && *value <= last) return *value;
    fail(node,
         fmt::format("{}: {} is not a whole number between {} and {}", what,
                     node.IsScalar() ? "'" + node.Scalar() + "'" : "a list or map", first, last));
  }
  std::vector<YAML::Node> list(const YAML::Node& node, const std::string& what) const {
    if (!node.IsSequence()) fail(node, what + ": takes a list");
    return {node.begin(), node.end()};
  }

  void read_switch(const YAML::Node& node) {
    const Map map = read_map(node, "switch", {"name", "ports", "level"});
    const YAML::Node& name_node = need(map, node, "name");
    Topology::Switch s;
    s.name = text(name_node, "name");
    if (names_a_node(s.name) || !split_port(s.name).second.empty()) {
      fail(name_node, fmt::format("name: '{}' reads as a node or a port; a switch needs another, "
                                  "such as a or leaf0",
                                  s.name));
    }
    const auto index = static_cast<std::uint32_t>(t_.switches.size());
    if (!switches_.emplace(s.name, index).second)
      fail(name_node, fmt::format("name: there are two switches '{}'", s.name));
    s.ports = number(need(map, node, "ports"), s.name + ": ports", 1, directcom::kMaxPorts);
    if (const YAML::Node* level = find(map, "level"))
      s.level = number(*level, s.name + ": level", 0, kMaxLevel);
    t_.switches.push_back(std::move(s));
  }

  std::uint32_t switch_called(const YAML::Node& node, const std::string& name) const {
    const auto found = switches_.find(name);
    if (found != switches_.end()) return found->second;
    std::vector<std::string> known;
    for (const Topology::Switch& s : t_.switches)
      known.push_back(s.name);
    fail(node, fmt::format("unknown switch '{}'{}", name, suggestion(name, known)));
  }

  std::uint32_t node_called(const YAML::Node& node, const std::string& digits) const {
    const auto index = number_of(digits);
    if (index && *index < t_.nodes) return *index;
    fail(node, fmt::format("unknown node '{}'; nodes are 0 to {}", digits, t_.nodes - 1));
  }

  std::uint32_t size_of(const Topology::End& end) const {
    return end.node ? t_.lanes : t_.switches[end.index].ports;
  }

  End read_end(const YAML::Node& node) const {
    const std::string whole = text(node, "link");
    const auto [name, port] = split_port(whole);
    End e;
    e.node = node;
    e.end.node = names_a_node(name);
    e.end.index = e.end.node ? node_called(node, name.substr(std::string(kNode).size()))
                             : switch_called(node, name);
    e.given = !port.empty();
    if (!e.given) return e;
    const std::uint32_t size = size_of(e.end);
    const auto value = number_of(port);
    if (!value || *value >= size) {
      const char* what = e.end.node ? "lane" : "port";
      fail(node,
           fmt::format("'{}': there is no such {}; {}s are 0 to {}", whole, what, what, size - 1));
    }
    e.end.port = *value;
    return e;
  }

  void take(const End& e) {
    const auto [entry, free] =
        used_.emplace(std::make_tuple(e.end.node, e.end.index, e.end.port), place(e.node));
    if (free) return;
    fail(e.node, fmt::format("{} {} is used twice, first at {}", e.end.node ? "lane" : "port",
                             directcom::name_of(t_, e.end), entry->second));
  }

  void take_free(End& e) {
    const std::uint32_t size = size_of(e.end);
    while (used_.count({e.end.node, e.end.index, e.end.port}) != 0) {
      if (++e.end.port < size) continue;
      fail(e.node, fmt::format("'{}' has no {} left; {} are linked", e.node.Scalar(),
                               e.end.node ? "lane" : "port", size));
    }
    take(e);
  }

  void read_links(const YAML::Node& links) {
    std::vector<std::pair<End, End>> ends;
    for (const YAML::Node& item : list(links, "links")) {
      if (!item.IsSequence() || item.size() != 2)
        fail(item, "links: a link takes its two ends, such as [node0.0, a.3]");
      ends.emplace_back(read_end(item[0]), read_end(item[1]));
      const auto& [a, b] = ends.back();
      if (a.end.node && b.end.node)
        fail(item, "links: two nodes; a node's lane must lead to a switch");
    }
    for (const auto& [a, b] : ends) {
      if (a.given) take(a);
      if (b.given) take(b);
    }
    for (auto& [a, b] : ends) {
      if (!a.given) take_free(a);
      if (!b.given) take_free(b);
      t_.links.push_back({a.end, b.end, tier(a.end, b.end)});
    }
  }

  std::uint32_t tier(const Topology::End& a, const Topology::End& b) const {
    if (a.node || b.node) return 0;
    return std::max({1U, t_.switches[a.index].level, t_.switches[b.index].level});
  }

  void read_routes(const YAML::Node& node) {
    result_.place = place(node);
    if (node.IsScalar()) {
      const std::string& rule = node.Scalar();
      if (rule != "shortest" && rule != "updown") {
        fail(node,
             fmt::format("routes: unknown rule '{}'; takes shortest, updown or a list", rule));
      }
      if (rule == "updown") result_.rule = TopologyFile::Rule::kUpDown;
      return;
    }
    for (const YAML::Node& item : list(node, "routes")) {
      const Map map = read_map(item, "route", {"at", "to", "ports"});
      TopologyFile::Route route;
      route.place = place(item);
      const YAML::Node& at = need(map, item, "at");
      route.at = switch_called(at, text(at, "at"));
      const YAML::Node& to = need(map, item, "to");
      for (const YAML::Node& n : to.IsSequence() ? list(to, "to") : std::vector<YAML::Node>{to})
        read_destinations(n, route.to);
      const YAML::Node& ports = need(map, item, "ports");
      for (const YAML::Node& p :
           ports.IsSequence() ? list(ports, "ports") : std::vector<YAML::Node>{ports}) {
        const std::uint32_t last = t_.switches[route.at].ports - 1;
        route.ports.push_back(static_cast<std::uint16_t>(number(p, "ports", 0, last)));
      }
      if (route.to.empty()) fail(to, "to: takes at least one node");
      if (route.ports.empty()) fail(ports, "ports: takes at least one port");
      result_.routes.push_back(std::move(route));
    }
  }

  /// `3`, `node3`, `4-7` or `all`.
  void read_destinations(const YAML::Node& node, std::vector<std::uint32_t>& to) const {
    std::string value = text(node, "to");
    std::uint32_t first = 0;
    std::uint32_t last = t_.nodes - 1;
    const auto dash = value.find('-');
    if (names_a_node(value)) value = value.substr(std::string(kNode).size());
    if (value != "all") {
      first = node_called(node, value.substr(0, dash));
      last = dash == std::string::npos ? first : node_called(node, value.substr(dash + 1));
    }
    if (last < first) fail(node, fmt::format("to: the range '{}' is empty", value));
    for (std::uint32_t n = first; n <= last; ++n)
      to.push_back(n);
  }

  const std::string& file_;
  TopologyFile result_;
  Topology t_;
  std::map<std::string, std::uint32_t> switches_;
  std::map<std::tuple<bool, std::uint32_t, std::uint32_t>, std::string> used_;  ///< and where
};

}  // namespace

void TopologyFile::apply(directcom::Routes& shortest) const {
  if (rule == Rule::kUpDown) directcom::route_up_down(shortest);
  for (const Route& route : routes) {
    try {
      shortest.set(route.at, route.to, route.ports);
    } catch (const ConfigError& error) {
      throw ConfigError(route.place, error.what());
    }
  }
}

TopologyFile load_topology_text(const std::string& text, const std::string& file) {
  const YAML::Node document = load_document(text, file);
  if (document.IsNull())
    throw ConfigError(file, "no topology in it; takes nodes, switches and links");
  return Reader(file).read(document);
}

TopologyFile load_topology(const std::string& path) {
  const std::optional<std::string> text = read_text(path);
  if (!text) throw IoError(path, "cannot be read");
  return load_topology_text(*text, path);
}

}  // namespace aipu::config
