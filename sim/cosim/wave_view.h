// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aipu::cosim {

/// What a view of waves is made for.
struct WavePlace {
  std::string dump;         ///< the wave file
  std::uint32_t ports = 4;  ///< of the model
  std::uint32_t speedup = 1;
  std::uint32_t port = 0;  ///< that views of one port show
  std::uint64_t tick = 0;  ///< that the marker is on
  std::uint64_t tick_ps = 1'000;
  bool shell = false;  ///< the file has the signals of the SystemC side
};

/// The names of waveforms/views.
std::vector<std::string> wave_views();

/// A GTKWave save file from waveforms/views/NAME.gtkw, filled in (waveforms/README.md).
std::string wave_view(const std::string& name, const WavePlace& place);

}  // namespace aipu::cosim
