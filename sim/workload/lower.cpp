// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/lower.h"

#include <fmt/format.h>

#include "hw/base/assert.h"
#include "sim/workload/layer.h"

namespace aipu::workload {
namespace {

/// Appends entries and keeps the counts that marks need.
class Lowering {
 public:
  Lowering(const Job& job, const Machine& machine, const Placement& place)
      : job_(job), machine_(machine), place_(place) {}

  void stretch(const Stretch& stretch) {
    AIPU_ASSERT(program_.header.segments < HC_PROGRAM_SEGMENTS, "{} segments", HC_PROGRAM_SEGMENTS);
    hc_segment_t& segment = program_.header.segment[program_.header.segments++];
    segment.first = static_cast<std::uint32_t>(program_.entries.size());
    for (const Pass& pass : stretch.passes)
      this->pass(pass);
    segment.count = static_cast<std::uint32_t>(program_.entries.size()) - segment.first;
    segment.repeat = stretch.repeat;
  }

  Program finish() {
    hc_segment_t& segment = program_.header.segment[program_.header.segments++];
    segment.first = static_cast<std::uint32_t>(program_.entries.size());
    segment.count = segment.repeat = 1;
    add(exit_entry(machine_.cores));
    program_.header.magic = HC_PROGRAM_MAGIC;
    return std::move(program_);
  }

 private:
  void add(const hc_launch_t& entry) {
    phase_ += entry.phase_signals;
    gather_ += entry.gather_signals + entry.wait_gather;
    program_.entries.push_back(entry);
  }

  void mark(const std::string& name) { program_.marks.push_back({name, phase_, gather_}); }

  /// The first kernel of a stage waits for what the stage before (or the last one) sends it.
  void add_first(hc_launch_t entry, std::uint32_t messages) {
    entry.wait_gather = messages;
    add(entry);
  }

  void pass(const Pass& pass) {
    const PassContext c{job_, machine_, place_, pass,
                        cut_attention(job_, place_.part, pass, machine_.cores)};
    add(position_entry(pass, machine_.cores));
    const bool staged = job_.plan.pp > 1;
    if (place_.part.first_stage()) {
      add_first(embed_entry(c), staged && passes_ > 0 ? 1 : 0);
      mark("embed");
    }
    for (std::uint32_t layer = 0; layer < place_.part.layers.count; ++layer)
      this->layer(c, layer);
    if (place_.part.stage + 1 != job_.plan.pp) {
      add(send_entry(c));
      mark("send");
    } else if (pass.sample || staged) {
      add(norm_entry(c, 2 * place_.part.layers.count, true));
      add(head_entry(c));
      add(candidates_entry(c));
      add(sample_entry(c));
      mark("head");
    }
    ++passes_;
  }

  void layer(const PassContext& c, std::uint32_t layer) {
    const bool handed = layer == 0 && !place_.part.first_stage();
    add_first(norm_entry(c, 2 * layer, layer != 0), handed ? c.row_cores() : 0);
    add(qkv_entry(c, layer));
    add(rope_entry(c, layer));
    add(attention_entry(c, layer));
    if (c.cut.splits > 1) add(merge_entry(c, layer));
    add(out_entry(c, layer));
    if (job_.plan.tp > 1) add(reduce_entry(c));
    add(norm_entry(c, 2 * layer + 1, true));
    add(gate_up_entry(c, layer));
    add(down_entry(c, layer));
    if (job_.plan.tp > 1) add(reduce_entry(c));
    mark(fmt::format("layer {}", place_.part.layers.begin + layer));
  }

  const Job& job_;
  const Machine& machine_;
  const Placement& place_;
  Program program_;
  std::uint32_t phase_ = 0, gather_ = 0, passes_ = 0;
};

}  // namespace

Program lower(const Job& job, const Machine& machine, const std::vector<Placement>& placements,
              std::uint32_t aipu) {
  Lowering lowering(job, machine, placements[aipu]);
  for (const Stretch& stretch : job.stretches)
    lowering.stretch(stretch);
  return lowering.finish();
}

}  // namespace aipu::workload
