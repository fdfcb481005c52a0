// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/placement.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/program/launch.h"
#include "hw/program/sram_map.h"

namespace aipu::workload {
namespace {

constexpr std::uint32_t kMostPrefillRows = 128;
constexpr std::uint32_t kScoreRows = 64;  // most rows of a score tile
constexpr std::uint32_t kMostSplits = 16;
constexpr std::uint32_t kTilePositions = 128;  // positions of a K or V tile
constexpr std::uint64_t kAlign = 4096;
constexpr std::uint32_t kProgramRoom = 4U << 20U;  // entries before the token ids: 16 Ki launches

/// Hands out addresses one after another.
class Cursor {
 public:
  explicit Cursor(std::uint64_t at) : at_(at) {}
  std::uint64_t take(std::uint64_t bytes) {
    const std::uint64_t here = at_;
    at_ = align_up(at_ + bytes, kAlign);
    return here;
  }
  std::uint64_t at() const { return at_; }

 private:
  std::uint64_t at_;
};

Gemms tile_all(const Job& job, const Part& part, std::uint32_t cores) {
  const auto& m = job.model;
  const DType t = job.formats.operand;
  const std::uint32_t q = part.query_heads.count * m.head_dim;
  const std::uint32_t kv = part.kv_heads.count * m.head_dim;
  const std::uint32_t rows = job.most_rows;
  return {tile_gemm(rows, m.hidden, q + 2 * kv, 1, t, cores),
          tile_gemm(rows, q, m.hidden, 1, t, cores),
          tile_gemm(rows, m.hidden, part.ffn.count, 2, t, cores),
          tile_gemm(rows, part.ffn.count, m.hidden, 1, t, cores),
          tile_gemm(rows, m.hidden, part.vocabulary.count, 1, t, cores)};
}

void place_shared(const Job& job, const Machine& machine, Placement& p) {
  const auto& m = job.model;
  const std::uint64_t rows = job.most_rows;
  const std::uint64_t operand = size_of(job.formats.operand),
                      exchange = size_of(job.formats.exchange);
  const std::uint64_t q = std::uint64_t{p.part.query_heads.count} * m.head_dim;
  const std::uint64_t kv = std::uint64_t{p.part.kv_heads.count} * m.head_dim;
  Cursor at(0);
  p.x = at.take(rows * m.hidden * 4);
  p.delta = at.take(rows * m.hidden * exchange);
  p.y = at.take(rows * m.hidden * operand);
  p.qkv = at.take(rows * (q + 2 * kv) * 4);
  p.q = at.take(rows * q * operand);
  p.attention = at.take(rows * q * operand);
  p.hidden = at.take(rows * p.part.ffn.count * operand);
  p.inbox = at.take(job.plan.tp * rows * p.part.slice * exchange);
  std::uint64_t partial = 0;
  for (const Stretch& stretch : job.stretches) {
    for (const Pass& pass : stretch.passes) {
      const AttentionCut cut = cut_attention(job, p.part, pass, machine.cores);
      if (cut.splits > 1)
        partial = std::max<std::uint64_t>(partial, std::uint64_t{cut.items} * cut.block_heads_rows);
    }
  }
  p.partial = at.take(partial * m.head_dim * 4);
  p.state = at.take(partial * 8);
  p.candidates = at.take(std::uint64_t{machine.cores} * job.sequences * 8);
  p.gathered = at.take(std::uint64_t{job.plan.tp} * job.sequences * 8);
  p.shared_end = at.at();
}

void place_hbm(const Job& job, const Machine& machine, Placement& p) {
  const auto& m = job.model;
  Cursor control(HC_PROGRAM_ENTRIES);
  p.program = 0;
  control.take(kProgramRoom);
  p.prompt = control.take(std::uint64_t{job.positions} * job.sequences * 4);
  p.ids = control.take(std::uint64_t{job.sequences} * 4);
  p.rope = control.take(std::uint64_t{job.positions} * m.head_dim * 4);
  if (control.at() > machine.real_hbm.count) {
    throw UserError(
        ExitCode::kUsage,
        fmt::format("programs, token ids and tables need {} bytes, simulation.real_hbm is {}",
                    control.at(), machine.real_hbm.count));
  }
  Cursor at(machine.real_hbm.count);
  const std::uint32_t layers = p.part.layers.count;
  p.norms = at.take((2ULL * layers + 1) * m.hidden * 4);
  if (p.part.first_stage()) {
    p.embedding = at.take(std::uint64_t{m.vocab} * m.hidden * size_of(job.formats.operand));
  }
  const Gemms& g = p.gemms;
  for (std::uint32_t layer = 0; layer < layers; ++layer) {
    p.layers.push_back(at.take(g.qkv.bytes() + g.out.bytes() + g.gate_up.bytes() + g.down.bytes()));
  }
  if (p.part.stage + 1 == job.plan.pp) p.head = at.take(g.head.bytes());
  p.head_stride = std::uint64_t{job.positions} * m.head_dim * size_of(job.formats.kv);
  p.sequence_stride = p.head_stride * p.part.kv_heads.count;
  p.cache_bytes = p.sequence_stride * job.sequences;
  p.cache = at.take(2ULL * layers * p.cache_bytes);
  p.hbm_end = at.at();
}

void check_hbm(const Job& job, const Machine& machine, const Placement& p) {
  if (p.hbm_end <= machine.hbm.count) return;
  const std::uint64_t cache = 2ULL * p.part.layers.count * p.cache_bytes;
  const std::uint64_t weights = p.cache;
  const std::uint64_t over = p.hbm_end - machine.hbm.count;
  if (weights >= machine.hbm.count) {
    throw UserError(
        ExitCode::kUsage,
        fmt::format("the weights need {} bytes of the {} bytes of HBM of an AIPU, {} too many; "
                    "use more AIPUs or a smaller format",
                    weights, machine.hbm.count, weights - machine.hbm.count));
  }
  const std::uint64_t per_position = cache / (std::uint64_t{job.sequences} * job.positions);
  const std::uint64_t room =
      (machine.hbm.count - weights) / std::max<std::uint64_t>(1, per_position);
  throw UserError(
      ExitCode::kUsage,
      fmt::format(
          "the KV cache of {} sequences x {} positions needs {} bytes beside {} bytes of weights, "
          "{} more than the {} bytes of HBM of an AIPU; {} sequences of {} positions or {} "
          "sequences "
          "of {} positions would fit",
          job.sequences, job.positions, cache, weights, over, machine.hbm.count,
          room / job.positions, job.positions, job.sequences, room / job.sequences));
}

/// Rows of a score tile for which the areas of firmware/kernels/attention.c fit: q, scores and
/// weights (also the result) half of the input area, the F32 output and the state an accumulator.
std::uint32_t score_rows(const Job& job) {
  const std::uint32_t d = job.model.head_dim, size = size_of(job.formats.operand);
  const std::uint32_t input = d * size + kTilePositions * 4U + std::max(kTilePositions, d) * size;
  const std::uint32_t output = d * 4U + 8U;
  constexpr std::uint32_t kPadding = 3U * 64U;
  return std::min({kScoreRows, (HC_SRAM_INPUT_BYTES / 2U - kPadding) / input,
                   (HC_SRAM_ACC_BYTES - kPadding) / output});
}

/// Something that must fit in a part of a core's SRAM.
struct Need {
  std::uint64_t bytes, room;
  const char* what;
};

/// What the kernels keep in a core (firmware/kernels), whatever the number of rows, and with it.
std::vector<Need> core_needs(const Job& job, const Machine& machine, const Placement& p) {
  const auto& m = job.model;
  const std::uint64_t operand = size_of(job.formats.operand);
  const std::uint64_t heads = p.part.query_heads.count + 2ULL * p.part.kv_heads.count;
  const std::uint64_t group = p.part.query_heads.count / p.part.kv_heads.count;
  const std::uint64_t pairs = std::uint64_t{job.sequences} * 8;  // best value and index of each
  const std::uint64_t summed = job.plan.tp == 1 || reduce_unit(job, machine.cores) != 0 ? 0 : 1;
  return {
      {m.hidden * (4 + operand + size_of(job.formats.exchange)) + 64ULL, HC_SRAM_INPUT_BYTES,
       "a row of the hidden size in norm"},
      {heads * m.head_dim * 4, HC_SRAM_INPUT_BYTES, "a row of q, k and v"},
      {group, score_rows(job), "rows of the query heads of one key-value head"},
      {job.most_rows, most_gemm_rows(), "rows of a pass in the accumulators"},
      {summed, 0, "a column of partial sums of a pass"},
      {2 * pairs, HC_SRAM_SEND_BYTES / 2, "candidates of a pass"},
      {pairs * std::max(job.plan.tp, p.gemms.head.cores), HC_SRAM_INPUT_BYTES,
       "candidates of all cores"},
  };
}

const Need* unmet(const std::vector<Need>& needs) {
  const auto found = std::find_if(needs.begin(), needs.end(),
                                  [](const Need& need) { return need.bytes > need.room; });
  return found == needs.end() ? nullptr : &*found;
}

}  // namespace

std::uint32_t reduce_unit(const Job& job, std::uint32_t cores) {
  const std::uint64_t column = std::uint64_t{job.most_rows} * size_of(job.formats.exchange);
  const std::uint32_t slice = part_of(job.model, job.plan, 0).slice;
  for (std::uint32_t unit = 128; unit >= 4; unit /= 2) {
    const std::uint64_t columns =
        ceil_div(ceil_div(slice, unit), cores) * unit;  // of the busiest core
    if (columns * column <= HC_SRAM_SEND_BYTES &&
        columns * column * job.plan.tp <= HC_SRAM_INPUT_BYTES) {
      return unit;
    }
  }
  return 0;
}

AttentionCut cut_attention(const Job& job, const Part& part, const Pass& pass,
                           std::uint32_t cores) {
  AttentionCut cut;
  const std::uint32_t group = part.query_heads.count / part.kv_heads.count;
  cut.block_rows = std::max(1U, std::min(pass.rows_per_sequence, score_rows(job) / group));
  cut.blocks = static_cast<std::uint32_t>(ceil_div(pass.rows_per_sequence, cut.block_rows));
  cut.tile_positions = kTilePositions;
  const std::uint32_t whole = pass.rows / pass.rows_per_sequence * part.kv_heads.count * cut.blocks;
  const auto tiles = static_cast<std::uint32_t>(ceil_div(job.positions, cut.tile_positions));
  cut.block_heads_rows = cut.block_rows * group;
  // A core that joins the splits of an item has all of them in its input area.
  const std::uint32_t partial = cut.block_heads_rows * job.model.head_dim * 4U;
  cut.splits = std::max(1U, std::min({cores / whole, kMostSplits, tiles,
                                      std::uint32_t{HC_SRAM_INPUT_BYTES} / partial}));
  cut.items = whole * cut.splits;
  return cut;
}

Placement place(const Job& job, const Machine& machine, std::uint32_t aipu) {
  Placement p;
  p.part = part_of(job.model, job.plan, aipu);
  p.gemms = tile_all(job, p.part, machine.cores);
  place_hbm(job, machine, p);
  place_shared(job, machine, p);
  check_hbm(job, machine, p);
  if (p.shared_end > machine.shared.count) {
    throw UserError(
        ExitCode::kUsage,
        fmt::format("{} rows in one pass need {} bytes of the {} bytes of shared SRAM; a "
                    "smaller batch fits",
                    job.most_rows, p.shared_end, machine.shared.count));
  }
  const auto needs = core_needs(job, machine, p);
  if (const Need* need = unmet(needs); need != nullptr) {
    throw UserError(
        ExitCode::kUsage,
        fmt::format("a core has no room for {}: {} of at most {}; use a smaller batch, more "
                    "ranks (tp) or a smaller format",
                    need->what, need->bytes, need->room));
  }
  return p;
}

std::uint32_t prefill_rows(const Job& job, const Machine& machine, std::uint32_t tokens) {
  for (std::uint32_t rows = std::min(kMostPrefillRows, tokens); rows > 1; rows = (rows + 1) / 2) {
    Job trial = job;
    trial.most_rows = rows;
    trial.stretches = {{{Pass{rows, rows}}, 1}};
    Placement p;
    p.part = part_of(job.model, job.plan, 0);
    p.gemms = tile_all(trial, p.part, machine.cores);
    place_shared(trial, machine, p);
    if (p.shared_end <= machine.shared.count && unmet(core_needs(trial, machine, p)) == nullptr)
      return rows;
  }
  return 1;
}

}  // namespace aipu::workload
