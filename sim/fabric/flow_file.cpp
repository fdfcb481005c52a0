// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/flow_file.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/directcom/config.h"
#include "sim/fabric/table.h"

namespace aipu::fabric {
namespace {

constexpr const char* kForm = "source,destination,bytes,start_ns[,class]";
constexpr std::size_t kColumns = 4;  // and a class
constexpr std::uint64_t kMostBytes = 1ULL << 40U;
constexpr double kLatest = 1e15;  // ns

std::uint64_t read_number(const Table& table, const char* name, const std::string& text,
                          std::uint64_t low, std::uint64_t high) {
  const auto number = whole_number(text);
  if (number && *number >= low && *number <= high) return *number;
  table.fail(fmt::format("{} '{}': not a whole number of {}..{}", name, shown(text), low, high));
}

Flow read_flow(const Table& table, const std::string& line, std::uint32_t nodes) {
  const auto columns = fields(line);
  if (columns.size() != kColumns && columns.size() != kColumns + 1) {
    table.fail(fmt::format("{} columns; a line reads {}", columns.size(), kForm));
  }
  Flow flow;
  flow.source = static_cast<std::uint32_t>(read_number(table, "source", columns[0], 0, nodes - 1));
  flow.destination =
      static_cast<std::uint32_t>(read_number(table, "destination", columns[1], 0, nodes - 1));
  flow.bytes = read_number(table, "bytes", columns[2], 1, kMostBytes);
  const auto start = decimal(columns[3]);
  if (!start || *start < 0 || *start > kLatest) {
    table.fail(
        fmt::format("start_ns '{}': not a time of 0..{:.0e} ns", shown(columns[3]), kLatest));
  }
  flow.start_ns = *start;
  if (columns.size() > kColumns) {
    flow.traffic_class = static_cast<std::uint8_t>(
        read_number(table, "class", columns[4], 0, directcom::kClasses - 1));
  }
  return flow;
}

/// Columns have one order: a header with another would be misread.
void check_header(const Table& table, const std::string& line) {
  const std::vector<std::string> names{"source", "destination", "bytes", "start_ns", "class"};
  const auto columns = fields(line);
  const bool known = columns.size() >= kColumns && columns.size() <= names.size() &&
                     std::equal(columns.begin(), columns.end(), names.begin());
  if (!known) table.fail(fmt::format("header '{}'; it reads {}", shown(line), kForm));
}

}  // namespace

std::vector<Flow> read_flows(const std::string& path, std::uint32_t nodes) {
  Table table(path);
  std::vector<Flow> flows;
  bool first = true;
  for (std::string line; table.next(line); first = false) {
    if (first && fields(line).front() == "source") {
      check_header(table, line);
      continue;
    }
    flows.push_back(read_flow(table, line, nodes));
  }
  if (flows.empty()) throw ConfigError(path, fmt::format("no flow in it; a line reads {}", kForm));
  return flows;
}

}  // namespace aipu::fabric
