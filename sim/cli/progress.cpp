// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/progress.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

namespace aipu::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::seconds kHeartbeat{10};

/// A terminal that can return to the start of its line. No colours or escapes are ever used.
bool can_redraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

std::string time_text(std::uint64_t ps) {
  const auto value = static_cast<double>(ps);
  if (ps >= 1'000'000'000'000) return fmt::format("{:.3f} s", value * 1e-12);
  if (ps >= 1'000'000'000) return fmt::format("{:.3f} ms", value * 1e-9);
  return fmt::format("{:.3f} us", value * 1e-6);
}

Progress::Progress(std::string unit, std::uint64_t total, bool silent)
    : unit_(std::move(unit)),
      total_(total),
      silent_(silent),
      in_place_(can_redraw()),
      start_(HostClock::now()),
      last_(start_) {}

Progress::~Progress() {
  clear();
}

std::string Progress::line(std::uint64_t now_ps, double host_seconds) const {
  const double speed = static_cast<double>(now_ps) * 1e-6 / std::max(host_seconds, 1e-3);
  std::string text = fmt::format("simulated {}, {} of {} {}, {:.3g} us/s", time_text(now_ps), done_,
                                 total_, unit_, speed);
  if (done_ != 0 && done_ < total_) {
    const double left =
        host_seconds * static_cast<double>(total_ - done_) / static_cast<double>(done_);
    text += fmt::format(", about {:.0f} s left", left);
  }
  return text;
}

void Progress::update(std::uint64_t now_ps) {
  const auto now = HostClock::now();
  if (silent_ ||
      now - last_ < (in_place_ ? HostClock::duration(kRedraw) : HostClock::duration(kHeartbeat)))
    return;
  last_ = now;
  const std::string text = line(now_ps, std::chrono::duration<double>(now - start_).count());
  if (!in_place_) {
    std::cerr << text << std::endl;
    return;
  }
  std::cerr << '\r' << text;
  if (text.size() < shown_) std::cerr << std::string(shown_ - text.size(), ' ');
  shown_ = std::max(shown_, text.size());
  std::cerr << std::flush;
}

void Progress::clear() {
  if (shown_ != 0) std::cerr << '\r' << std::string(shown_, ' ') << '\r' << std::flush;
  shown_ = 0;
}

}  // namespace aipu::cli
