// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace aipu::test {

/// Byte-pair encoding in the plainest form: look at every pair, join the best, start again. `rank`
/// gives the order of joining two pieces, lowest first, or nothing.
inline std::vector<std::string> naive_bpe(
    std::vector<std::string> pieces,
    const std::function<std::optional<double>(const std::string&, const std::string&)>& rank) {
  while (true) {
    double best = std::numeric_limits<double>::infinity();
    std::size_t at = pieces.size();
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto found = rank(pieces[i], pieces[i + 1]);
      if (found && *found < best) {
        best = *found;
        at = i;
      }
    }
    if (at == pieces.size()) return pieces;
    pieces[at] += pieces[at + 1];
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

}  // namespace aipu::test
