// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace aipu {

/// The candidate that a mistyped word most likely meant, or "" when none is close. A swap of two
/// neighbouring letters counts as one slip; a third of the word may be wrong, up to 3 slips. Ties:
/// the first.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

/// "; did you mean 'x'?" for the nearest candidate, else "; known: a, b, c" (nothing without any).
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace aipu
