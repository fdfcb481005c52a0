// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/base/units.h"
#include "sim/load/model_config.h"
#include "sim/workload/plan.h"

namespace aipu::workload {

/// One pass of some rows through the model.
struct Pass {
  std::uint32_t rows = 1;
  std::uint32_t rows_per_sequence = 1;  ///< decode: 1; prefill: all rows are of one sequence
  std::uint32_t first_sequence = 0;
  bool advance = false;             ///< position += 1 instead of position = `position`
  std::uint32_t position = 0;       ///< of the first row
  bool prompt = false;              ///< token ids come from the prompt buffer, not the last sample
  std::uint32_t prompt_offset = 0;  ///< first id in it
  bool sample = true;               ///< the last row of each sequence is sampled
  bool report = false;              ///< and its id mailed to the host
};

/// Passes done `repeat` times, one after another.
struct Stretch {
  std::vector<Pass> passes;
  std::uint32_t repeat = 1;
};

/// What is to be simulated: a model, how it is spread, and the passes.
struct Job {
  load::ModelConfig model;
  Plan plan;
  Formats formats;
  std::uint32_t sequences = 1;  ///< that have a cache
  std::uint32_t positions = 0;  ///< room for them in the cache
  std::uint32_t most_rows = 1;  ///< of any pass
  std::vector<Stretch> stretches;
};

/// The parts of the machine that lowering has to know.
struct Machine {
  std::uint32_t cores = 32;  ///< compute cores of an AIPU
  Bytes hbm{};               ///< of one AIPU
  Bytes shared{};            ///< SRAM of one AIPU
  Bytes real_hbm{};          ///< at the start of HBM, always backed by bytes
};

/// Rows of a prefill pass: the largest power of two of at most 128 whose buffers fit.
std::uint32_t prefill_rows(const Job& job, const Machine& machine, std::uint32_t tokens);

}  // namespace aipu::workload
