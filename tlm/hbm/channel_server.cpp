// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/channel_server.h"

#include "hw/hbm/constraints.h"
#include "tlm/core/clock.h"

namespace aipu::hbm {

ServiceTimes::ServiceTimes(const Config& config, const Calibration& calibration)
    : turnaround(calibration.turnaround.count),
      bank(calibration.bank.count),
      bank_groups(config.bank_groups) {
  const std::uint64_t most = config.interleave / atom(config);
  const Clock clock(command_clock(config));
  const ConstraintTable table = constraints(config);
  const auto burst = static_cast<std::uint64_t>(table.burst / table.ticks_per_ck);
  const std::array<Picoseconds, kDirections> granule{calibration.read_granule,
                                                     calibration.write_granule};
  const std::uint64_t fixed = (config.controller_latency + config.phy_latency).count;
  latency = {calibration.read_latency.count + fixed, calibration.write_latency.count + fixed};
  for (std::uint64_t atoms = 0; atoms <= most; ++atoms) {
    data.push_back(clock.span(Cycles(burst * atoms)).count);
    for (const std::uint32_t d : {kRead, kWrite})
      service[d].push_back(std::max(data.back(), granule[d].count * atoms / most));
  }
}

ChannelServer::Account ChannelServer::account(std::uint64_t now) const {
  const std::uint64_t booked = served_.total();
  const std::uint64_t ahead = free_at_ > now ? free_at_ - std::max(now, run_began_) : 0;
  const std::uint64_t past = std::min(booked - std::min(ahead, booked), now);
  if (past == booked) return served_;
  const auto part = [&](std::uint64_t whole) {
    return static_cast<std::uint64_t>(static_cast<long double>(whole) *
                                      static_cast<long double>(past) /
                                      static_cast<long double>(booked));
  };
  Account account{0, part(served_.turnaround), part(served_.rows), part(served_.other)};
  account.data = past - account.total();
  return account;
}

}  // namespace aipu::hbm
