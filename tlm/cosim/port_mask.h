// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu::cosim {

/// Calls `visit(port)` for every port of a mask, lowest first.
template <typename Visit>
void for_each_bit(std::uint64_t bits, Visit&& visit) {
  for (; bits != 0; bits &= bits - 1)
    visit(static_cast<std::uint32_t>(__builtin_ctzll(bits)));
}

constexpr std::uint64_t one(std::uint32_t port) {
  return 1ULL << port;
}

}  // namespace aipu::cosim
