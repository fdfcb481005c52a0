// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/debug_target.h"

#include <algorithm>

#include "sim/debug/registers.h"

namespace aipu::platform {

DebugTarget::DebugTarget(board::Board& board, const Symbols& symbols,
                         std::function<std::string()> hang, bool catches)
    : board_(board), symbols_(symbols), hang_(std::move(hang)), catches_(catches) {
  for (const auto& chip : board_.aipus) {
    for (const auto& core : chip->cores)
      places_.push_back({core->id(), core != chip->cores.back()});
  }
}

chip::Core& DebugTarget::core_of(std::size_t hart) const {
  return *aipu_of(hart).cores[places_[hart].id.core];
}

std::size_t DebugTarget::index_of(CoreId core) const {
  return core.aipu * board_.aipus.front()->cores.size() + core.core;
}

std::size_t DebugTarget::first_waiting() const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!core_of(i).hart.waiting_for().empty()) return i;
  }
  return 0;
}

std::string DebugTarget::activity(std::size_t hart) const {
  const chip::Core& core = core_of(hart);
  const std::string read = core.registers.blocking_read();
  const std::string state = core.hart.activity();
  return read.empty() ? state : state + ": " + read;
}

std::optional<std::uint64_t> DebugTarget::read_register(std::size_t hart, unsigned number) {
  return debug::read_register(hart_of(hart).core(), number);
}

bool DebugTarget::write_register(std::size_t hart, unsigned number, std::uint64_t value) {
  return debug::write_register(hart_of(hart).core(), number, value);
}

/// Where an address of a debugger's window leads; nothing for those of the hart.
std::optional<Gaddr> DebugTarget::windowed(std::uint64_t address) const {
  if (address >= kHbmWindow) return Gaddr::hbm(hbm_base_ + (address - kHbmWindow));
  if (address >= kSharedWindow) return Gaddr::shared(address - kSharedWindow);
  return std::nullopt;
}

std::uint64_t DebugTarget::read_memory(std::size_t hart, std::uint64_t address, std::uint8_t* data,
                                       std::uint64_t bytes) {
  const auto window = windowed(address);
  if (!window) return hart_of(hart).peek(static_cast<std::uint32_t>(address), data, bytes);
  return aipu_of(hart).loader.read(*window, data, bytes) ? bytes : 0;
}

bool DebugTarget::write_memory(std::size_t hart, std::uint64_t address, const std::uint8_t* data,
                               std::uint64_t bytes) {
  const auto window = windowed(address);
  if (window) return aipu_of(hart).loader.write(*window, data, bytes);
  return hart_of(hart).poke(static_cast<std::uint32_t>(address), data, bytes) == bytes;
}

void DebugTarget::set_breakpoints(const std::set<std::uint64_t>& points, std::size_t selected) {
  points_ = points;
  selected_ = selected;
  apply_points();
}

void DebugTarget::apply_points() {
  const auto shared = std::make_shared<cpu::Breakpoints>(points_);
  for (std::size_t i = 0; i < places_.size(); ++i)
    hart_of(i).core().set_breakpoints(places_[i].in_scope || i == selected_ ? shared : nullptr);
}

void DebugTarget::set_watches(const std::vector<cpu::WatchRange>& watches) {
  apply_watches(watches);
}

/// Takes out those of before, wherever they are.
void DebugTarget::apply_watches(const std::vector<cpu::WatchRange>& watches) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    auto& core = hart_of(i).core();
    for (const auto& range : watches_)
      core.set_watch(range, false);
    for (const auto& range : watches)
      core.set_watch(range, places_[i].in_scope);
  }
  watches_ = watches;
}

void DebugTarget::attach() {
  if (!catches_) return;
  for (std::size_t i = 0; i < places_.size(); ++i)
    hart_of(i).core().catch_traps(cpu::Debug::kFaults);
}

void DebugTarget::release() {
  points_.clear();
  watches_.clear();
  for (std::size_t i = 0; i < places_.size(); ++i)
    hart_of(i).core().forget_debugger();
}

}  // namespace aipu::platform
