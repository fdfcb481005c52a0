// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "tlm/cosim/switch_pins.h"

namespace aipu::cosim {

/// The made-up flits behind a header: every bit a function of the packet's number and the flit's
/// place in it, and a function that can be undone, so that logs and snapshots need not hold them.
struct Payload {
  std::uint32_t packet = 0;
  std::uint32_t place = 0;  ///< 1.. : the header is flit 0
};

constexpr std::uint64_t kPayloadFactor = 0x9E3779B97F4A7C15ULL;
/// kPayloadFactor times this is 1, modulo 2^64.
constexpr std::uint64_t kPayloadInverse = 0xF1DE83E19937733DULL;
static_assert(kPayloadFactor * kPayloadInverse == 1);

inline SwitchPins::Flit payload_flit(const Payload& payload) {
  const std::uint64_t low = (std::uint64_t{payload.packet} << 32U | payload.place) * kPayloadFactor;
  const auto word0 = static_cast<std::uint32_t>(low);
  const auto word1 = static_cast<std::uint32_t>(low >> 32U);
  return {word0, word1, ~word0, ~word1};
}

/// Whose payload the 128 bits are, if they are any.
inline std::optional<Payload> payload_of(std::uint64_t low, std::uint64_t high) {
  constexpr std::uint32_t kLongest = 128;
  if (high != ~low) return std::nullopt;
  const std::uint64_t value = low * kPayloadInverse;
  const Payload payload{static_cast<std::uint32_t>(value >> 32U),
                        static_cast<std::uint32_t>(value)};
  if (payload.place == 0 || payload.place >= kLongest) return std::nullopt;
  return payload;
}

}  // namespace aipu::cosim
