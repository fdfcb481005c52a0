// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/stuck.h"

#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu::fabric {
namespace {

constexpr std::uint64_t kHang = 4'000'000;  // cycles; the longest links are far shorter

}  // namespace

void HangDetector::check(const directcom::Network& network, std::uint64_t arrived) {
  if (arrived != arrived_ || network.in_flight() == 0) {
    arrived_ = arrived;
    since_ = network.now();
    return;
  }
  if (network.now() - since_ < kHang) return;
  throw UserError(ExitCode::kLimit,
                  fmt::format("{} packets under way, but none has arrived since cycle {}\n{}",
                              network.in_flight(), since_, network.stuck()));
}

}  // namespace aipu::fabric
