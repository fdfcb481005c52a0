// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kLine = 64;
// Program header and list come first.
constexpr std::uint64_t kControlStart = std::uint64_t{8} << 20U;

}  // namespace

Builder::Builder(const config::Board& board, std::uint32_t aipus)
    : board_(board),
      next_control_(kControlStart),
      next_hbm_(board.simulation.real_hbm.count),
      launches_(aipus),
      first_(aipus) {}

Gaddr Builder::take(Gaddr (*make)(std::uint64_t), std::uint64_t& next, std::uint64_t limit,
                    std::uint64_t bytes, std::uint64_t alignment, const char* memory) {
  const std::uint64_t at = (next + alignment - 1) / alignment * alignment;
  if (at > limit || bytes > limit - at) {
    throw ConfigError(
        "", fmt::format("{} bytes more do not fit the {} bytes of {}", bytes, limit, memory));
  }
  next = at + bytes;
  return make(at);
}

Gaddr Builder::control(std::uint64_t bytes) {
  const auto make = [](std::uint64_t offset) { return Gaddr::hbm(offset); };
  return take(make, next_control_, board_.simulation.real_hbm.count, bytes, kPage,
              "HBM that is real in every mode (simulation.real_hbm)");
}

Gaddr Builder::hbm(std::uint64_t bytes) {
  const auto make = [](std::uint64_t offset) { return Gaddr::hbm(offset); };
  return take(make, next_hbm_, board_.aipu.hbm.capacity.count, bytes, kPage,
              "HBM (aipu.hbm.capacity)");
}

Gaddr Builder::shared(std::uint64_t bytes) {
  const auto make = [](std::uint64_t offset) { return Gaddr::shared(offset); };
  return take(make, next_shared_, board_.aipu.sram.shared_size.count, bytes, kLine,
              "shared SRAM (aipu.sram.shared_size)");
}

void Builder::write(std::uint32_t aipu, Gaddr at, const void* data, std::uint64_t bytes) {
  const bool control = at.space() == Gaddr::hbm(0).space() &&
                       at.offset() + bytes <= board_.simulation.real_hbm.count;
  if (!control && !functional()) return;
  const auto* begin = static_cast<const std::uint8_t*>(data);
  writes_.push_back({aipu, at, {begin, begin + bytes}});
}

void Builder::launch(std::uint32_t aipu, const hc_launch_t& entry) {
  launches_[aipu].push_back(entry);
}

void Builder::measure(std::uint32_t aipu) {
  AIPU_ASSERT(first_[aipu] == 0, "the measured part of AIPU {} began twice", aipu);
  first_[aipu] = launches_[aipu].size();
}

}  // namespace aipu::kernel
