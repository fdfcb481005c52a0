// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_record.h"

namespace aipu::report {
namespace {

/// Of all AIPUs together.
double peak(const RunRecord& run) {
  return run.board.aipus * peak_flops(run.board.aipu, workload::formats_of(run.dtype).operand);
}

}  // namespace

double peak_flops(const config::Chip& chip, DType operand) {
  const auto& t = chip.tensor;
  const std::uint32_t bytes = size_of(operand);
  const std::uint32_t depth = bytes == 1   ? t.depth_8bit
                              : bytes == 2 ? t.depth_16bit
                                           : t.depth_32bit;
  const std::uint64_t per_cycle = std::uint64_t{2} * chip.cores * t.array_m * t.array_n * depth;
  return static_cast<double>(per_cycle) * static_cast<double>(chip.clock.count);
}

double RunRecord::mfu() const {
  return step_ps == 0 ? 0 : static_cast<double>(flops) / (step_s() * peak(*this));
}

double RunRecord::step_uncertainty() const {
  if (uncertainty < 0 || step_ps == 0) return -1;
  return uncertainty * static_cast<double>(step_ps - simulated_ps) / static_cast<double>(step_ps);
}

double RunRecord::hbm_bound_s() const {
  const auto rate = static_cast<double>(hbm::peak_bytes_per_second(board.aipu.hbm)) * board.aipus;
  return static_cast<double>(hbm_bytes) / rate;
}

double RunRecord::tensor_bound_s() const {
  return static_cast<double>(flops) / peak(*this);
}

}  // namespace aipu::report
