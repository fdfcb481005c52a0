// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/cost.h"

#include <algorithm>

namespace aipu::workload {
namespace {

std::uint64_t weights_of(const GemmTiling& t) {
  return std::uint64_t{t.k} * t.cols * t.width * size_of(t.dtype);
}

std::uint64_t flops_of(const GemmTiling& t, std::uint64_t rows) {
  return 2 * rows * t.k * t.cols * t.width;
}

/// Positions that the blocks of one sequence and head read, summed, and the same times rows.
struct Reach {
  std::uint64_t positions = 0, rows_times_positions = 0;
};

Reach reach(const PassContext& c) {
  Reach sum;
  const std::uint32_t rows = c.pass.rows_per_sequence;
  for (std::uint32_t row = 0; row < rows; row += c.cut.block_rows) {
    const std::uint32_t block = std::min(c.cut.block_rows, rows - row);
    const std::uint64_t positions = std::uint64_t{c.pass.position} + row + block;
    sum.positions += positions;
    sum.rows_times_positions += positions * block;
  }
  return sum;
}

}  // namespace

Cost& Cost::operator+=(const Cost& o) {
  flops += o.flops;
  weights += o.weights;
  kv_read += o.kv_read;
  kv_written += o.kv_written;
  other += o.other;
  return *this;
}

Cost Cost::operator*(std::uint64_t n) const {
  return {flops * n, weights * n, kv_read * n, kv_written * n, other * n};
}

Cost layer_cost(const PassContext& c) {
  const Gemms& g = c.place.gemms;
  const std::uint64_t d = c.job.model.head_dim, rows = c.pass.rows;
  const std::uint64_t sequences = rows / c.pass.rows_per_sequence;
  const std::uint64_t kv_heads = c.place.part.kv_heads.count;
  const std::uint64_t position_bytes = 2 * d * size_of(c.job.formats.kv);
  const Reach r = reach(c);
  Cost cost;
  for (const GemmTiling* t : {&g.qkv, &g.out, &g.gate_up, &g.down}) {
    cost.weights += weights_of(*t);
    cost.flops += flops_of(*t, rows);
  }
  cost.flops += 4 * d * c.place.part.query_heads.count * sequences * r.rows_times_positions;
  cost.kv_read = sequences * kv_heads * r.positions * position_bytes;
  cost.kv_written = rows * kv_heads * position_bytes;
  // Every core that normalises rows loads the weights; every row loads its line of the RoPE table.
  cost.other = 2ULL * c.row_cores() * c.job.model.hidden * 4 + rows * d * 4;
  return cost;
}

Cost ends_cost(const PassContext& c) {
  const std::uint64_t hidden = c.job.model.hidden;
  const std::uint64_t sequences = c.pass.rows / c.pass.rows_per_sequence;
  const bool staged = c.job.plan.pp > 1;
  const bool samples = c.pass.sample || staged;
  Cost cost;
  if (c.place.part.first_stage()) {
    cost.other += c.pass.rows * (4 + hidden * size_of(c.job.formats.operand));
    if (staged && samples) cost.other += sequences * 4;  // the ids that the last stage sends
  }
  if (c.place.part.stage + 1 == c.job.plan.pp && samples) {
    cost.weights += weights_of(c.place.gemms.head);
    cost.flops += flops_of(c.place.gemms.head, sequences);
    cost.other += c.row_cores() * hidden * 4 + sequences * 4;
  }
  return cost;
}

Cost job_cost(const Job& job, const Machine& machine, const Placement& place,
              const Program& program) {
  Cost total;
  std::uint32_t position = 0;
  for (const Stretch& stretch : job.stretches) {
    for (std::uint32_t turn = 0; turn < stretch.repeat; ++turn) {
      for (Pass pass : stretch.passes) {
        position = pass.position = pass.advance ? position + 1 : pass.position;
        const PassContext c{job, machine, place, pass,
                            cut_attention(job, place.part, pass, machine.cores)};
        total += layer_cost(c) * place.part.layers.count;
        total += ends_cost(c);
      }
    }
  }
  std::uint64_t launches = 0;
  for (std::uint32_t i = 0; i < program.header.segments; ++i) {
    launches += std::uint64_t{program.header.segment[i].count} * program.header.segment[i].repeat;
  }
  total.other += sizeof(hc_program_t) + launches * HC_LAUNCH_BYTES;
  return total;
}

}  // namespace aipu::workload
