// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/delay.h"

#include "hw/base/error.h"

namespace aipu::hbm {
namespace {

const std::string kCycles = "CK";

std::optional<std::uint64_t> half_cycles(const std::string& number) {
  const auto point = number.find('.');
  const std::string whole = number.substr(0, point);
  if (whole.empty() || whole.size() > 9) return std::nullopt;
  if (whole.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const std::uint64_t halves = 2 * std::stoull(whole);
  if (point == std::string::npos) return halves;
  std::string fraction = number.substr(point + 1);
  while (fraction.size() > 1 && fraction.back() == '0')
    fraction.pop_back();
  if (fraction == "0") return halves;
  return fraction == "5" ? std::optional(halves + 1) : std::nullopt;
}

}  // namespace

std::optional<Delay> parse_delay(const std::string& text) {
  const auto end = text.find_first_not_of("0123456789.");
  if (end == std::string::npos || end == 0) return std::nullopt;
  const auto unit = text.find_first_not_of(' ', end);
  if (unit != std::string::npos && text.substr(unit) == kCycles) {
    const auto halves = half_cycles(text.substr(0, end));
    return halves ? std::optional(half_ck(*halves)) : std::nullopt;
  }
  try {
    const Value time = parse_value(value_type<Picoseconds>(), text, {});
    return Delay(Picoseconds(std::get<std::uint64_t>(time)));
  } catch (const ConfigError&) {
    return std::nullopt;
  }
}

std::string to_text(Delay delay) {
  if (delay.half_ck == 0) return aipu::to_text(Picoseconds(delay.ps));
  return std::to_string(delay.half_ck / 2) + (delay.half_ck % 2 == 0 ? " " : ".5 ") + kCycles;
}

}  // namespace aipu::hbm

namespace aipu {

const TextForm& TextCodec<hbm::Delay>::form() {
  static const TextForm form{"delay", "13.75 ns or 14 CK",
                             [](const std::string& text) -> std::optional<std::string> {
                               const auto delay = hbm::parse_delay(text);
                               return delay ? std::optional(hbm::to_text(*delay)) : std::nullopt;
                             }};
  return form;
}

}  // namespace aipu
