// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/switch_kind.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sstream>

#include "hw/base/error.h"

namespace aipu::directcom {
namespace {

struct Name {
  const char* name;
  SwitchKind kind;
};
constexpr Name kNames[] = {
    {"tlm", SwitchKind::kTlm}, {"rtl", SwitchKind::kRtl}, {"lockstep", SwitchKind::kLockstep}};

[[noreturn]] void refuse(const std::string& word, const std::string& why) {
  throw ConfigError(
      "", fmt::format("'{}': {}; valid: switch[N]=tlm|rtl|lockstep, N or * for all", word, why));
}

struct Choice {
  bool all = false;
  std::size_t index = 0;
  SwitchKind kind = SwitchKind::kTlm;
};

Choice read_choice(const std::string& word) {
  static const std::string kStart = "switch[";
  static const std::string kMiddle = "]=";
  const std::size_t middle = word.find(kMiddle);
  if (word.compare(0, kStart.size(), kStart) != 0 || middle == std::string::npos)
    refuse(word, "names no switch");
  const std::string which = word.substr(kStart.size(), middle - kStart.size());
  const std::string what = word.substr(middle + kMiddle.size());
  Choice choice;
  choice.all = which == "*";
  if (!choice.all) {
    const char* const end = which.data() + which.size();
    const auto [stop, error] = std::from_chars(which.data(), end, choice.index);
    if (error != std::errc() || stop != end) refuse(word, "no number of a switch");
  }
  const auto* const found = std::find_if(std::begin(kNames), std::end(kNames),
                                         [&](const Name& name) { return name.name == what; });
  if (found == std::end(kNames)) refuse(word, "no kind of switch");
  choice.kind = found->kind;
  return choice;
}

}  // namespace

std::vector<SwitchKind> read_switch_kinds(const std::string& text, std::size_t switches) {
  std::vector<SwitchKind> kinds(switches, SwitchKind::kTlm);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const Choice choice = read_choice(word);
    if (choice.all) {
      std::fill(kinds.begin(), kinds.end(), choice.kind);
    } else if (choice.index < switches) {
      kinds[choice.index] = choice.kind;
    } else if (switches == 0) {
      refuse(word, "there are no switches");
    } else {
      refuse(word, fmt::format("there are switches 0..{}", switches - 1));
    }
  }
  return kinds;
}

}  // namespace aipu::directcom
