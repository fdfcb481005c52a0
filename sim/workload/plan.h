// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "hw/base/dtype.h"
#include "sim/load/model_config.h"

namespace aipu::workload {

/// How a model is spread over AIPUs: `tp` ranks share every layer, `pp` stages share the layers.
/// AIPU number = stage * tp + rank.
struct Plan {
  std::uint32_t tp = 1;
  std::uint32_t pp = 1;
  std::uint32_t aipus() const { return tp * pp; }
};

/// Reads "tp=4,pp=2"; throws ConfigError naming what is wrong. A part not given is 1.
Plan parse_plan(const std::string& text);

/// The plan for `aipus` where none is given: the largest tp that the heads allow, the rest stages.
Plan default_plan(const load::ModelConfig& model, std::uint32_t aipus);

/// Throws ConfigError where the plan does not fit the model: query heads must divide over tp,
/// key-value heads must divide or be replicated, every stage needs a layer, the counts must
/// multiply to `aipus`.
void check_plan(const load::ModelConfig& model, const Plan& plan, std::uint32_t aipus);

/// [begin, begin + count) of something split over ranks.
struct Share {
  std::uint32_t begin = 0;
  std::uint32_t count = 0;
};
/// Split as evenly as whole numbers allow.
constexpr Share even_share(std::uint32_t total, std::uint32_t index, std::uint32_t parts) {
  const auto begin = static_cast<std::uint32_t>(std::uint64_t{total} * index / parts);
  const auto end = static_cast<std::uint32_t>(std::uint64_t{total} * (index + 1) / parts);
  return {begin, end - begin};
}
/// Split in equal slices of a multiple of `unit`; the last ranks may have less, or nothing.
Share slice_share(std::uint32_t total, std::uint32_t index, std::uint32_t parts,
                  std::uint32_t unit);

/// What one AIPU has of the model.
struct Part {
  std::uint32_t aipu = 0, rank = 0, stage = 0;
  Share layers;  ///< of the whole model
  Share query_heads;
  Share kv_heads;           ///< replicated when there are more ranks than heads
  Share ffn;                ///< columns of gate and up, rows of down
  Share vocabulary;         ///< columns of the head
  Share columns;            ///< of the hidden size, that it sums in a reduce-scatter
  std::uint32_t slice = 0;  ///< width of a full slice of the hidden size
  bool first_stage() const { return stage == 0; }
};
Part part_of(const load::ModelConfig& model, const Plan& plan, std::uint32_t aipu);

/// Number formats of a run.
struct Formats {
  DType operand = DType::kBf16;   ///< weights and activations as they enter the tensor engine
  DType kv = DType::kBf16;        ///< cache
  DType exchange = DType::kBf16;  ///< partial sums and sums on DirectCom, and delta
};
/// fp32 (for checking), bf16, or fp8 (operands and cache FP8 E4M3, exchange BF16).
Formats formats_of(const std::string& name);

}  // namespace aipu::workload
