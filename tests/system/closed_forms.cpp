// SPDX-License-Identifier: Apache-2.0
#include "tests/system/closed_forms.h"

#include <algorithm>

#include "hw/program/launch.h"

namespace aipu::test {
namespace {

using workload::Pass;

/// One pass through the layers and ends that one AIPU has.
class PassCost {
 public:
  PassCost(const workload::Job& job, const workload::Part& part, const Pass& pass,
           std::uint32_t cores)
      : job_(job),
        part_(part),
        pass_(pass),
        cores_(cores),
        rows_(pass.rows),
        operand_(size_of(job.formats.operand)),
        kv_(size_of(job.formats.kv)) {}

  Expected all() {
    const std::uint64_t hidden = job_.model.hidden;
    if (part_.first_stage()) cost_.hbm_read += rows_ * (4 + hidden * operand_);  // id, embedding
    for (std::uint32_t i = 0; i < part_.layers.count; ++i)
      layer();
    const bool last = part_.stage + 1 == job_.plan.pp;
    if (last && (pass_.sample || job_.plan.pp > 1)) {
      const std::uint64_t sequences = rows_ / pass_.rows_per_sequence;
      norm();
      gemm(sequences, hidden, part_.vocabulary.count);
      cost_.hbm_written += sequences * 4;
    }
    // With stages, every rank of the first one gets a copy of the ids.
    if (part_.first_stage() && !last) cost_.hbm_written += rows_ / pass_.rows_per_sequence * 4;
    return cost_;
  }

 private:
  void layer() {
    const std::uint64_t hidden = job_.model.hidden, d = job_.model.head_dim;
    const std::uint64_t q = part_.query_heads.count * d, kv = part_.kv_heads.count * d;
    norm();
    gemm(rows_, hidden, q + 2 * kv);
    cost_.hbm_read += rows_ * d * 4;  // cos and sin of its position
    cost_.hbm_written += rows_ * 2 * kv * kv_;
    attention();
    gemm(rows_, q, hidden);
    norm();
    gemm(rows_, hidden, 2ULL * part_.ffn.count);
    gemm(rows_, part_.ffn.count, hidden);
  }

  /// Weights are read once, by the cores that own their columns.
  void gemm(std::uint64_t m, std::uint64_t k, std::uint64_t n) {
    cost_.flops += 2 * m * n * k;
    cost_.hbm_read += k * n * operand_;
  }

  /// Every core that has rows reads the weights of a norm.
  void norm() {
    const std::uint64_t cores = std::min<std::uint64_t>(rows_, cores_);
    cost_.hbm_read += cores * job_.model.hidden * 4;
  }

  /// Each block of rows reads K and V up to its last row and multiplies with all of it.
  void attention() {
    const workload::AttentionCut cut = workload::cut_attention(job_, part_, pass_, cores_);
    const std::uint64_t d = job_.model.head_dim;
    const std::uint64_t group = part_.query_heads.count / part_.kv_heads.count;
    for (std::uint32_t row = 0; row < pass_.rows_per_sequence; row += cut.block_rows) {
      const std::uint64_t block = std::min(cut.block_rows, pass_.rows_per_sequence - row);
      const std::uint64_t positions = pass_.position + row + block;
      const std::uint64_t times = rows_ / pass_.rows_per_sequence * part_.kv_heads.count;
      cost_.hbm_read += times * 2 * positions * d * kv_;
      cost_.flops += times * 2 * 2 * block * group * positions * d;
    }
  }

  const workload::Job& job_;
  const workload::Part& part_;
  const Pass& pass_;
  const std::uint32_t cores_;
  const std::uint64_t rows_, operand_, kv_;
  Expected cost_;
};

}  // namespace

Expected expected_of(const workload::Job& job, const workload::Placement& place,
                     std::uint32_t cores, std::uint64_t entries) {
  Expected sum;
  sum.hbm_read = sizeof(hc_program_t) + entries * HC_LAUNCH_BYTES;
  for (const workload::Stretch& stretch : job.stretches) {
    for (const Pass& pass : stretch.passes) {
      const Expected one = PassCost(job, place.part, pass, cores).all();
      sum.flops += stretch.repeat * one.flops;
      sum.hbm_read += stretch.repeat * one.hbm_read;
      sum.hbm_written += stretch.repeat * one.hbm_written;
    }
  }
  return sum;
}

}  // namespace aipu::test
