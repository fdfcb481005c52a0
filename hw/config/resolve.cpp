// SPDX-License-Identifier: Apache-2.0
#include "hw/config/resolve.h"

#include <cctype>
#include <cstddef>
#include <fmt/format.h>
#include <xxhash.h>

#include "hw/base/schema.h"

namespace aipu::config {
namespace {

bool is_plain(const std::string& text) {
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.') {
      return false;
    }
  }
  return true;
}

std::string quoted(const std::string& text) {
  if (is_plain(text)) return text;
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += fmt::format("\\{}", c);
    } else if (code < 0x20U) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      result += c;
    }
  }
  return result + "\"";
}

void print(std::string& out, const SchemaEntry& group, std::size_t indent) {
  for (const SchemaEntry& entry : group.entries) {
    out.append(indent, ' ');
    if (entry.group) {
      out += entry.name + ":\n";
      print(out, entry, indent + 2);
      continue;
    }
    const std::string text = print_value(entry.type, entry.value);
    const bool free_text = entry.type.kind == ValueType::Kind::kText && entry.type.form == nullptr;
    out += fmt::format("{}: {}\n", entry.name, free_text ? quoted(text) : text);
  }
}

}  // namespace

std::string to_yaml(const Board& board) {
  std::string out;
  print(out, schema().describe(board), 0);
  return out;
}

std::string to_yaml(const hbm::Config& device) {
  std::string out;
  print(out, hbm::schema().describe(device), 0);
  return out;
}

std::uint64_t hash(const Board& board) {
  const std::string text = to_yaml(board);
  return XXH64(text.data(), text.size(), 0);
}

}  // namespace aipu::config
