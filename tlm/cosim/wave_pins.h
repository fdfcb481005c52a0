// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tlm/cosim/passed_pins.h"

namespace aipu::cosim {

/// The ticks whose waves are written, and where. The rest of the run costs nothing.
struct WaveWindow {
  std::string path;
  std::uint64_t from = 0;    ///< tick
  std::uint64_t to = ~0ULL;  ///< last tick
  std::uint64_t tick_ps = 1'000;
};

class WavePins final : public PassedPins {
 public:
  WavePins(std::unique_ptr<SwitchPins> to, WaveWindow window)
      : PassedPins(std::move(to)), window_(std::move(window)) {}

  void jump(std::uint64_t tick) override {
    tick_ = tick;
    PassedPins::jump(tick);
    if (open_ && tick_ > window_.to) close();
  }
  void clock(bool second) override {
    if (!open_ && !written_ && tick_ >= window_.from && tick_ <= window_.to) {
      PassedPins::open_waves(window_.path, window_.tick_ps);
      open_ = true;
    }
    PassedPins::clock(second);
    if (++tick_ > window_.to && open_) close();
  }
  /// Whether there was a clock in the window: else there is no file.
  bool written() const { return open_ || written_; }

 private:
  void close() {
    PassedPins::close_waves(0);
    open_ = false;
    written_ = true;
  }

  const WaveWindow window_;
  std::uint64_t tick_ = 0;  ///< of the next clock
  bool open_ = false;
  bool written_ = false;
};

}  // namespace aipu::cosim
