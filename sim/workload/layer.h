// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/program/launch.h"
#include "sim/workload/placement.h"

namespace aipu::workload {

/// What the lowering of one pass needs everywhere.
struct PassContext {
  const Job& job;
  const Machine& machine;
  const Placement& place;
  const Pass& pass;
  AttentionCut cut;

  std::uint32_t exchange_dtype() const { return static_cast<std::uint32_t>(job.formats.exchange); }
  std::uint32_t operand_dtype() const { return static_cast<std::uint32_t>(job.formats.operand); }
  std::uint32_t first_aipu() const { return place.part.stage * job.plan.tp; }
  std::uint32_t row_cores() const { return pass.rows < machine.cores ? pass.rows : machine.cores; }
};

/// One launch entry each; see hw/program/launch.h for what they do. Every core in the range
/// signals.
hc_launch_t embed_entry(const PassContext& c);
hc_launch_t norm_entry(const PassContext& c, std::uint32_t own_norm, bool delta);
hc_launch_t qkv_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t rope_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t attention_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t merge_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t out_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t gate_up_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t down_entry(const PassContext& c, std::uint32_t own_layer);
hc_launch_t reduce_entry(const PassContext& c);
hc_launch_t head_entry(const PassContext& c);
hc_launch_t candidates_entry(const PassContext& c);
hc_launch_t sample_entry(const PassContext& c);
hc_launch_t send_entry(const PassContext& c);
hc_launch_t position_entry(const Pass& pass, std::uint32_t cores);
hc_launch_t exit_entry(std::uint32_t cores);

/// Cores that take part in the reduce of rank `rank`; 0 where it owns no columns.
std::uint32_t reduce_cores(const Job& job, std::uint32_t rank, std::uint32_t cores);

}  // namespace aipu::workload
