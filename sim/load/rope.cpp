// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/load/model_config.h"

namespace aipu::load {

namespace {

constexpr double kTwoPi = 6.283185307179586476925;

// Waves that fit often into the trained context stay, those longer than it are stretched by
// `factor`, and those between are blended.
double llama3(double frequency, const RopeScaling& scaling) {
  const double turns = scaling.original_max_positions * frequency / kTwoPi;
  if (turns > scaling.high_freq_factor) return frequency;
  if (turns < scaling.low_freq_factor) return frequency / scaling.factor;
  const double keep =
      (turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor);
  return keep * frequency + (1.0 - keep) * frequency / scaling.factor;
}

double scaled(double frequency, const RopeScaling& scaling) {
  switch (scaling.kind) {
    case RopeScaling::Kind::kNone:
      return frequency;
    case RopeScaling::Kind::kLinear:
      return frequency / scaling.factor;
    case RopeScaling::Kind::kLlama3:
      return llama3(frequency, scaling);
  }
  return frequency;
}

}  // namespace

std::vector<float> rope_frequencies(const ModelConfig& config) {
  std::vector<float> frequencies(config.head_dim / 2);
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double exponent = 2.0 * static_cast<double>(i) / config.head_dim;
    frequencies[i] =
        static_cast<float>(scaled(std::pow(config.rope_theta, -exponent), config.rope_scaling));
  }
  return frequencies;
}

}  // namespace aipu::load
