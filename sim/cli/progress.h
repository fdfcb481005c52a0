// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace aipu::cli {

/// One line on stderr that says how far a run is: updated in place on a terminal, else a line every
/// ten seconds. Only the host's clock decides when; nothing of it reaches a file.
class Progress {
 public:
  /// `unit`: what is counted, "layers" or "tokens". A silent one says nothing.
  Progress(std::string unit, std::uint64_t total, bool silent);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void done_one() { ++done_; }
  /// Called often; prints when it is time.
  void update(std::uint64_t now_ps);
  /// Clears the line before other text is printed.
  void clear();

 private:
  using HostClock = std::chrono::steady_clock;

  std::string line(std::uint64_t now_ps, double host_seconds) const;

  const std::string unit_;
  const std::uint64_t total_;
  const bool silent_, in_place_;
  const HostClock::time_point start_;
  HostClock::time_point last_;
  std::uint64_t done_ = 0;
  std::size_t shown_ = 0;  ///< characters on the terminal
};

/// "1.234 ms".
std::string time_text(std::uint64_t ps);

}  // namespace aipu::cli
