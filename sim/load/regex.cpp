// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sim/load/regex.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <pcre2.h>

#include "hw/base/error.h"
#include "sim/load/utf8.h"

namespace aipu::load {

namespace {

std::string message_of(int error) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(error, text.data(), text.size());
  return {text.begin(), std::find(text.begin(), text.end(), PCRE2_UCHAR{0})};
}

struct FreeMatchData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

PCRE2_SPTR units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());  // same width, other signedness
}

}  // namespace

Regex::Regex(const std::string& pattern, const std::string& place) : place_(place) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code =
      pcre2_compile(units(pattern), pattern.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF,
                    &error, &offset, nullptr);
  if (code == nullptr) {
    throw ConfigError(
        place, fmt::format("not a valid pattern, at character {}: {}", offset, message_of(error)));
  }
  code_ = std::shared_ptr<const void>(code, [code](const void*) { pcre2_code_free(code); });
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // the interpreter serves where it fails
}

std::vector<Regex::Match> Regex::find_all(std::string_view text) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const std::unique_ptr<pcre2_match_data, FreeMatchData> data(
      pcre2_match_data_create_from_pattern(code, nullptr));
  std::vector<Match> matches;
  std::size_t from = 0;
  while (from < text.size()) {
    const int result = pcre2_match(code, units(text), text.size(), from, 0, data.get(), nullptr);
    if (result == PCRE2_ERROR_NOMATCH) break;
    if (result < 0) {
      throw ConfigError(place_,
                        fmt::format("the pattern fails on this text: {}", message_of(result)));
    }
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
    if (range[1] > range[0] && range[0] >= from) {
      matches.push_back({range[0], range[1]});
      from = range[1];
    } else {  // an empty match: go on after the next character
      from = std::max(from, range[0]);
      from += std::max<std::size_t>(1, utf8_length(text.substr(std::min(from, text.size()))));
    }
  }
  return matches;
}

}  // namespace aipu::load
