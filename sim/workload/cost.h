// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/workload/layer.h"
#include "sim/workload/lower.h"

namespace aipu::workload {

/// What a part of the program costs one AIPU, exactly: HBM bytes that cross its pins, tensor FLOPs
/// (two per product, without the padding of the array). A run must count the same.
struct Cost {
  std::uint64_t flops = 0;
  std::uint64_t weights = 0;  ///< bytes read: matrices
  std::uint64_t kv_read = 0;  ///< bytes read: K and V
  std::uint64_t kv_written = 0;
  std::uint64_t other = 0;  ///< bytes read or written: norm weights, RoPE rows, embedding rows, ids

  std::uint64_t bytes() const { return weights + kv_read + kv_written + other; }
  Cost& operator+=(const Cost& o);
  Cost operator*(std::uint64_t n) const;
};

/// One layer of a pass.
Cost layer_cost(const PassContext& c);
/// Embedding, final norm, head and sampling of a pass, as far as this AIPU does them.
Cost ends_cost(const PassContext& c);
/// Everything the AIPU does in a job, launch entries included. Repeated passes that advance are
/// followed position by position.
Cost job_cost(const Job& job, const Machine& machine, const Placement& place,
              const Program& program);

}  // namespace aipu::workload
