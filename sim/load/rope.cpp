// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
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

// YaRN, "NTK-by-parts": B. Peng, J. Quesnelle, H. Fan, E. Shippole, "YaRN: Efficient Context Window
// Extension of Large Language Models", 2023, section 3.2, with the bounds rounded outwards to whole
// pairs as its published code does. Pair i of D/2 turns L theta^(-2i/D) / 2 pi times in the trained
// context L.
double yarn_pair(double turns, const ModelConfig& config) {
  const double context = config.rope_scaling.original_max_positions;
  return config.head_dim * std::log(context / (turns * kTwoPi)) /
         (2.0 * std::log(config.rope_theta));
}

double yarn(double frequency, std::size_t pair, const ModelConfig& config) {
  constexpr double kLeastRamp = 1e-3;  // of pairs, where both bounds are the same
  const RopeScaling& scaling = config.rope_scaling;
  const double last = config.head_dim - 1.0;
  const double begin = std::clamp(std::floor(yarn_pair(scaling.beta_fast, config)), 0.0, last);
  const double end = std::clamp(std::ceil(yarn_pair(scaling.beta_slow, config)), 0.0, last);
  const double length = std::max(end - begin, kLeastRamp);
  const double stretched = std::clamp((static_cast<double>(pair) - begin) / length, 0.0, 1.0);
  return frequency * (1.0 - stretched) + frequency / scaling.factor * stretched;
}

double scaled(double frequency, std::size_t pair, const ModelConfig& config) {
  const RopeScaling& scaling = config.rope_scaling;
  switch (scaling.kind) {
    case RopeScaling::Kind::kNone:
      return frequency;
    case RopeScaling::Kind::kLinear:
      return frequency / scaling.factor;
    case RopeScaling::Kind::kLlama3:
      return llama3(frequency, scaling);
    case RopeScaling::Kind::kYarn:
      return yarn(frequency, pair, config);
  }
  return frequency;
}

}  // namespace

double yarn_attention_factor(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

std::vector<float> rope_frequencies(const ModelConfig& config) {
  std::vector<float> frequencies(config.head_dim / 2);
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double exponent = 2.0 * static_cast<double>(i) / config.head_dim;
    frequencies[i] = static_cast<float>(scaled(std::pow(config.rope_theta, -exponent), i, config));
  }
  return frequencies;
}

}  // namespace aipu::load
