// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace aipu::fabric {

/// A number with so many decimals; the same run prints the same text.
inline double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace aipu::fabric
