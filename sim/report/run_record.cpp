// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_record.h"

namespace aipu::report {

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
  if (step_ps == 0) return 0;
  return flops /
         (step_s() * board.aipus * peak_flops(board.aipu, workload::formats_of(dtype).operand));
}

}  // namespace aipu::report
