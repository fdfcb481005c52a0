// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/subsystem.h"

#include <fmt/format.h>

namespace aipu::hbm {

Subsystem::Subsystem(const sc_core::sc_module_name& name, const Config& config, Storage& storage)
    : Memory(name, config, storage, kMaxRequest),
      channels_(std::make_unique<Channels>(config, static_cast<Effects&>(*this))) {
  SC_METHOD(run);
  sensitive << event_;
  dont_initialize();
}

void Subsystem::take_effect(std::uint32_t request, std::uint32_t offset, std::uint32_t bytes) {
  if (!pending_[request].phantom) move(*pending_[request].payload, offset, bytes);
}

// The tick to which all controllers have come.
Tick Subsystem::settled() const {
  return channels_->settle(now_ps());
}

ControllerCounts Subsystem::counts(std::uint32_t channel) const {
  return channels_->controller(channel).counts(settled());
}

BusShares Subsystem::shares(std::uint32_t channel) const {
  return channels_->controller(channel).shares(settled());
}

std::vector<std::uint64_t> Subsystem::bank_accesses(std::uint32_t channel) const {
  settled();
  return channels_->controller(channel).bank_accesses();
}

void Subsystem::log_to(std::uint32_t channel, CommandSink* sink) {
  channels_->controller(channel).log_to(sink);
}

const Memory::Stats& Subsystem::stats() const {
  const Tick now = settled();
  std::uint64_t activates = 0;
  std::uint64_t hits = 0;
  std::uint64_t refreshes = 0;
  std::uint64_t atoms = 0;
  for (std::uint32_t i = 0; i < channels_->size(); ++i) {
    const ControllerCounts counts = channels_->controller(i).counts(now);
    activates += counts.commands[kAct];
    hits += counts.row_hits;
    refreshes += counts.commands[kRefab] + counts.commands[kRefpb];
    atoms += counts.accesses[kRead] + counts.accesses[kWrite];
  }
  const auto raise = [](Counter& counter, std::uint64_t value) {
    counter += value - counter.value();
  };
  raise(stats_.activates, activates);
  raise(stats_.row_hits, hits);
  raise(stats_.row_misses, atoms - hits);
  raise(stats_.refreshes, refreshes);
  raise(stats_.atoms, atoms);
  return stats_;
}

std::vector<TimeShare> Subsystem::time_shares(std::uint64_t now) const {
  const Tick until = channels_->settle(now);
  BusShares sum{};
  for (std::uint32_t c = 0; c < channels_->size(); ++c) {
    const BusShares shares = channels_->controller(c).shares(until);
    for (std::size_t i = 0; i < kCauses; ++i)
      sum[i] += shares[i];
  }
  // Ticks become whole picoseconds; what rounding leaves, below a tick, is idle.
  std::vector<TimeShare> result;
  std::uint64_t named = 0;
  for (std::size_t i = 0; i < kCauses; ++i) {
    const std::uint64_t ps = channels_->to_ps(sum[i]);
    named += ps;
    result.push_back({to_string(static_cast<Cause>(i)), ps});
  }
  result[index(Cause::kIdle)].picoseconds += now * servers() - named;
  return result;
}

std::string Subsystem::waiting_for() const {
  std::uint32_t queued = 0;
  for (std::uint32_t i = 0; i < channels_->size(); ++i) {
    const Controller& controller = channels_->controller(i);
    queued += controller.queued() + controller.waiting();
  }
  std::uint32_t unanswered = 0;
  for (const Port& port : ports_)
    unanswered += port.responding != kNone ? 1 : 0;
  if (queued == 0 && unanswered == 0) return {};
  return fmt::format("{} bursts queued, {} initiators owe END_RESP", queued, unanswered);
}

}  // namespace aipu::hbm
