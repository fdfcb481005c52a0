// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

/// Bandwidth of a core's SRAM as its engines share it: a server of fixed bytes per cycle, first
/// come first served. Engines get at the bytes themselves by TLM DMI; this is only the time.
class MemoryPort {
 public:
  MemoryPort() = default;
  MemoryPort(const MemoryPort&) = delete;
  MemoryPort& operator=(const MemoryPort&) = delete;
  virtual ~MemoryPort() = default;

  /// Books `bytes` from `start_ps` on; returns when the last of them has passed (ps).
  virtual std::uint64_t book(std::uint64_t start_ps, std::uint64_t bytes) = 0;
};

}  // namespace aipu
