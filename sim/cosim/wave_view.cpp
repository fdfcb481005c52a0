// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/wave_view.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sstream>
#include <utility>

#include "hw/base/assert.h"

namespace aipu::cosim {
namespace {

struct View {
  const char* name;
  const char* text;
};

constexpr View kViews[] = {
#include <wave_views.inc>
};

/// Ticks that are to be seen before the marker.
constexpr std::uint64_t kBefore = 30;
constexpr double kTickPixels = 20;   // of one tick
constexpr double kZoomPixels = 200;  // whose time, as a power of two, GTKWave calls the zoom

using Values = std::vector<std::pair<std::string, std::string>>;

std::string filled(std::string line, const Values& values) {
  for (const auto& [key, value] : values) {
    for (std::size_t at = line.find(key); at != std::string::npos; at = line.find(key, at))
      line.replace(at, key.size(), value);
  }
  return line;
}

/// The highest bit of so many.
std::string top(std::uint32_t bits) {
  return fmt::format("{}:0", bits - 1);
}

Values values_of(const WavePlace& place) {
  const std::uint64_t start = place.tick - std::min(place.tick, kBefore);
  std::uint32_t width = 0;
  while (1U << width < place.ports)
    ++width;
  const double zoom = std::log2(static_cast<double>(place.tick_ps) * kZoomPixels / kTickPixels);
  return {{"{n}", top(place.ports)},
          {"{4n}", top(4 * place.ports)},
          {"{w}", top(width)},
          {"{4w}", top(4 * width)},
          {"{returns}", top(place.speedup * place.ports)},
          {"{zoom}", fmt::format("{:.6f}", -zoom)},
          {"{dump}", place.dump},
          {"{port}", std::to_string(place.port)},
          {"{marker}", std::to_string(place.tick * place.tick_ps)},
          {"{start}", std::to_string(start * place.tick_ps)}};
}

}  // namespace

std::vector<std::string> wave_views() {
  std::vector<std::string> names;
  for (const View& view : kViews)
    names.emplace_back(view.name);
  return names;
}

std::string wave_view(const std::string& name, const WavePlace& place) {
  const auto* const view = std::find_if(std::begin(kViews), std::end(kViews),
                                        [&](const View& v) { return v.name == name; });
  AIPU_ASSERT(view != std::end(kViews), "no view {}", name);
  const Values values = values_of(place);
  std::istringstream in(view->text);
  std::string all;
  std::string block;  // of `{each}` or `{shell}`
  std::uint32_t times = 0;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "{each}" || line == "{shell}") {
      inside = true;
      times = line == "{each}" ? place.ports : place.shell ? place.ports : 0;
      block.clear();
    } else if (line == "{end}") {
      inside = false;
      for (std::uint32_t p = 0; p < times; ++p)
        all += filled(block, {{"{p}", std::to_string(p)}});
    } else {
      (inside ? block : all) += filled(line, values) + "\n";
    }
  }
  return all;
}

}  // namespace aipu::cosim
