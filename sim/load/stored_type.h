// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace aipu::load {

/// Number formats of weights on disk that can be loaded.
enum class StoredType : std::uint8_t { kF32, kBf16, kF16 };

constexpr std::size_t size_of(StoredType t) {
  return t == StoredType::kF32 ? 4 : 2;
}

/// "F32", "BF16" or "F16".
const char* to_string(StoredType t);

/// Widens `count` little-endian elements to float, exactly. `from` needs no alignment.
void widen(StoredType type, const std::byte* from, std::size_t count, float* to);

}  // namespace aipu::load
