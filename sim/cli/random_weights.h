// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/workload/image.h"

namespace aipu::cli {

/// Weights for a model without any: every element is a function of the seed and its place, so that
/// a plan does not change them. Small enough that activations keep their size from layer to layer.
workload::WeightSource random_weights(std::uint64_t seed);

}  // namespace aipu::cli
