// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aipu::load {

/// A compiled pattern over UTF-8 text with Unicode classes. Bytes that are not UTF-8 never match.
class Regex {
 public:
  struct Match {
    std::size_t begin;
    std::size_t end;
  };

  /// `place` names file and key in the ConfigError about a pattern that does not compile.
  Regex(const std::string& pattern, const std::string& place);

  /// Every non-empty match from left to right, without overlap.
  std::vector<Match> find_all(std::string_view text) const;

 private:
  std::shared_ptr<const void> code_;  // pcre2_code, kept out of this header
  std::string place_;
};

}  // namespace aipu::load
