// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hw/base/gaddr.h"

namespace aipu::workload {
namespace {

std::uint64_t hbm(std::uint64_t offset) {
  return Gaddr::hbm(offset).raw;
}
std::uint64_t shared(std::uint64_t offset) {
  return Gaddr::shared(offset).raw;
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

hc_launch_t entry(hc_kernel kernel, std::uint32_t cores, bool signals = true) {
  hc_launch_t e{};
  e.kernel = kernel;
  e.core_count = cores;
  e.phase_signals = signals ? cores : 0;
  return e;
}

hc_rows_t span_of(const Pass& pass) {
  return {pass.rows, pass.rows_per_sequence, pass.first_sequence};
}

hc_launch_t gemm_entry(const PassContext& c, const GemmTiling& t, std::uint64_t weights,
                       std::uint64_t input, std::uint64_t output, hc_epilogue epilogue,
                       DType out_dtype) {
  hc_launch_t e = entry(HC_KERNEL_GEMM, t.cores);
  hc_gemm_args_t& a = e.args.gemm;
  a.a = input;
  a.w = hbm(weights);
  a.out = output;
  a.rows = c.pass.rows;
  a.k = t.k;
  a.cols = t.cols;
  a.unit = t.unit;
  a.tile_n = t.tile_n;
  a.tile_k = t.tile_k;
  a.core_stride_lo = static_cast<std::uint32_t>(t.core_stride);
  a.core_stride_hi = static_cast<std::uint32_t>(t.core_stride >> 32U);
  a.dtype = static_cast<std::uint32_t>(t.dtype);
  a.out_dtype = static_cast<std::uint32_t>(out_dtype);
  a.epilogue = epilogue;
  a.a_stride = t.k * size_of(t.dtype);
  a.out_stride = t.cols * size_of(out_dtype);
  a.resident = t.resident(c.pass.rows) ? 1 : 0;
  a.rank = c.place.part.rank;
  a.ranks = c.job.plan.tp;
  a.first_aipu = c.first_aipu();
  a.slice = c.place.part.slice;
  return e;
}

/// Messages that the scatter of one rank sends to the owner `rank`: one for each piece of a column
/// tile that lies in its slice.
std::uint32_t pieces_for(const GemmTiling& t, std::uint32_t slice, std::uint32_t rank) {
  std::uint32_t pieces = 0;
  const std::uint64_t low = std::uint64_t{slice} * rank, high = low + slice;
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    const std::uint32_t end = t.first_column(core + 1);
    for (std::uint32_t n = t.first_column(core); n < end; n += t.tile_n) {
      const std::uint32_t stop = std::min(n + t.tile_n, end);
      if (n < high && stop > low) ++pieces;
    }
  }
  return pieces;
}

/// A GEMM whose result is the residual's delta: summed over ranks, or stored as it is with one.
hc_launch_t delta_entry(const PassContext& c, const GemmTiling& t, std::uint64_t weights,
                        std::uint64_t input) {
  if (c.job.plan.tp == 1) {
    return gemm_entry(c, t, weights, shared(input), shared(c.place.delta), HC_EPILOGUE_STORE,
                      c.job.formats.exchange);
  }
  hc_launch_t e = gemm_entry(c, t, weights, shared(input), shared(c.place.inbox),
                             HC_EPILOGUE_REDUCE, c.job.formats.exchange);
  e.phase_signals = 0;
  e.reduce_signals = c.job.plan.tp * pieces_for(t, c.place.part.slice, c.place.part.rank);
  return e;
}

}  // namespace

std::uint32_t reduce_cores(const Job& job, std::uint32_t rank, std::uint32_t cores) {
  const Part part = part_of(job.model, job.plan, rank);
  return std::min(
      cores, static_cast<std::uint32_t>(ceil_div(part.columns.count, reduce_unit(job, cores))));
}

hc_launch_t embed_entry(const PassContext& c) {
  hc_launch_t e = entry(HC_KERNEL_EMBED, c.row_cores());
  hc_embed_args_t& a = e.args.embed;
  a.ids = hbm(c.pass.prompt ? c.place.prompt + 4ULL * c.pass.prompt_offset : c.place.ids);
  a.table = hbm(c.place.embedding);
  a.x = shared(c.place.x);
  a.rows = c.pass.rows;
  a.hidden = c.job.model.hidden;
  a.dtype = c.operand_dtype();
  return e;
}

hc_launch_t norm_entry(const PassContext& c, std::uint32_t own_norm, bool delta) {
  hc_launch_t e = entry(HC_KERNEL_NORM, c.row_cores());
  hc_norm_args_t& a = e.args.norm;
  a.x = shared(c.place.x);
  a.delta = shared(c.place.delta);
  a.weight = hbm(c.place.norm(own_norm, c.job.model.hidden));
  a.y = shared(c.place.y);
  a.rows = c.pass.rows;
  a.hidden = c.job.model.hidden;
  a.delta_dtype = delta ? c.exchange_dtype() : HC_NO_DELTA;
  a.y_dtype = c.operand_dtype();
  a.epsilon = bits_of(static_cast<float>(c.job.model.rms_eps));
  return e;
}

hc_launch_t qkv_entry(const PassContext& c, std::uint32_t own_layer) {
  return gemm_entry(c, c.place.gemms.qkv, c.place.layers[own_layer], shared(c.place.y),
                    shared(c.place.qkv), HC_EPILOGUE_STORE, DType::kF32);
}

hc_launch_t rope_entry(const PassContext& c, std::uint32_t own_layer) {
  hc_launch_t e = entry(HC_KERNEL_ROPE, c.row_cores());
  hc_rope_args_t& a = e.args.rope;
  a.qkv = shared(c.place.qkv);
  a.q = shared(c.place.q);
  a.table = hbm(c.place.rope);
  a.k_cache = hbm(c.place.k_cache(own_layer));
  a.v_cache = hbm(c.place.v_cache(own_layer));
  a.sequence_stride = c.place.sequence_stride;
  a.head_stride = c.place.head_stride;
  a.span = span_of(c.pass);
  a.q_heads = c.place.part.query_heads.count;
  a.kv_heads = c.place.part.kv_heads.count;
  a.head_dim = c.job.model.head_dim;
  a.dtype = c.operand_dtype();
  a.kv_dtype = static_cast<std::uint32_t>(c.job.formats.kv);
  return e;
}

hc_launch_t attention_entry(const PassContext& c, std::uint32_t own_layer) {
  hc_launch_t e = entry(HC_KERNEL_ATTENTION, std::min(c.machine.cores, c.cut.items));
  hc_attention_args_t& a = e.args.attention;
  a.q = shared(c.place.q);
  a.k_cache = hbm(c.place.k_cache(own_layer));
  a.v_cache = hbm(c.place.v_cache(own_layer));
  a.out = shared(c.place.attention);
  a.partial = shared(c.place.partial);
  a.state = shared(c.place.state);
  a.sequence_stride = c.place.sequence_stride;
  a.head_stride = c.place.head_stride;
  a.span = span_of(c.pass);
  a.q_heads = c.place.part.query_heads.count;
  a.kv_heads = c.place.part.kv_heads.count;
  a.head_dim = c.job.model.head_dim;
  a.dtype = c.operand_dtype();
  a.kv_dtype = static_cast<std::uint32_t>(c.job.formats.kv);
  a.block_rows = c.cut.block_rows;
  a.splits = c.cut.splits;
  a.tile_positions = c.cut.tile_positions;
  a.scale = bits_of(1.0F / std::sqrt(static_cast<float>(c.job.model.head_dim)));
  return e;
}

hc_launch_t merge_entry(const PassContext& c, std::uint32_t own_layer) {
  hc_launch_t e = attention_entry(c, own_layer);
  e.kernel = HC_KERNEL_MERGE;
  e.core_count = e.phase_signals = std::min(c.machine.cores, c.cut.items / c.cut.splits);
  return e;
}

hc_launch_t out_entry(const PassContext& c, std::uint32_t own_layer) {
  return delta_entry(c, c.place.gemms.out, c.place.out_weights(own_layer), c.place.attention);
}

hc_launch_t gate_up_entry(const PassContext& c, std::uint32_t own_layer) {
  return gemm_entry(c, c.place.gemms.gate_up, c.place.gate_up_weights(own_layer), shared(c.place.y),
                    shared(c.place.hidden), HC_EPILOGUE_SWIGLU, c.job.formats.operand);
}

hc_launch_t down_entry(const PassContext& c, std::uint32_t own_layer) {
  return delta_entry(c, c.place.gemms.down, c.place.down_weights(own_layer), c.place.hidden);
}

hc_launch_t reduce_entry(const PassContext& c) {
  const Part& part = c.place.part;
  hc_launch_t e = entry(HC_KERNEL_REDUCE, reduce_cores(c.job, part.rank, c.machine.cores), false);
  for (std::uint32_t rank = 0; rank < c.job.plan.tp; ++rank) {
    e.gather_signals += reduce_cores(c.job, rank, c.machine.cores);
  }
  hc_reduce_args_t& a = e.args.reduce;
  a.inbox = shared(c.place.inbox);
  a.delta = shared(c.place.delta);
  a.rows = c.pass.rows;
  a.slice = part.slice;
  a.first_column = part.columns.begin;
  a.columns = part.columns.count;
  a.rank = part.rank;
  a.ranks = c.job.plan.tp;
  a.first_aipu = c.first_aipu();
  a.dtype = c.exchange_dtype();
  a.delta_stride = c.job.model.hidden * size_of(c.job.formats.exchange);
  a.unit = reduce_unit(c.job, c.machine.cores);
  return e;
}

hc_launch_t head_entry(const PassContext& c) {
  const GemmTiling& t = c.place.gemms.head;
  hc_launch_t e = gemm_entry(c, t, c.place.head, shared(c.place.y), shared(c.place.candidates),
                             HC_EPILOGUE_ARGMAX, DType::kF32);
  hc_gemm_args_t& a = e.args.gemm;
  const std::uint32_t sequences = c.pass.rows / c.pass.rows_per_sequence;
  a.a += std::uint64_t{c.pass.rows_per_sequence - 1} * a.a_stride;
  a.a_stride *= c.pass.rows_per_sequence;
  a.rows = sequences;
  a.resident = t.resident(sequences) ? 1 : 0;
  a.first_column = c.place.part.vocabulary.begin;
  return e;
}

hc_launch_t candidates_entry(const PassContext& c) {
  hc_launch_t e = entry(HC_KERNEL_CANDIDATES, 1, false);
  e.gather_signals = c.job.plan.tp;
  hc_candidates_args_t& a = e.args.candidates;
  a.candidates = shared(c.place.candidates);
  a.gathered = shared(c.place.gathered);
  a.rows = c.pass.rows / c.pass.rows_per_sequence;
  a.cores = c.place.gemms.head.cores;
  a.rank = c.place.part.rank;
  a.ranks = c.job.plan.tp;
  a.first_aipu = c.first_aipu();
  return e;
}

hc_launch_t sample_entry(const PassContext& c) {
  hc_launch_t e = entry(HC_KERNEL_SAMPLE, 1);
  hc_sample_args_t& a = e.args.sample;
  a.gathered = shared(c.place.gathered);
  a.ids = hbm(c.place.ids + 4ULL * c.pass.first_sequence);
  a.rows = c.pass.rows / c.pass.rows_per_sequence;
  a.ranks = c.job.plan.tp;
  a.report = c.pass.report && c.place.part.rank == 0 ? 1 : 0;
  a.forward_first = c.place.part.rank;  // the same rank of the first stage
  a.forward_count = c.job.plan.pp > 1 ? 1 : 0;
  return e;
}

hc_launch_t send_entry(const PassContext& c) {
  hc_launch_t e = entry(HC_KERNEL_SEND, c.row_cores());
  hc_send_args_t& a = e.args.send;
  a.x = shared(c.place.x);
  a.delta = shared(c.place.delta);
  a.rows = c.pass.rows;
  a.hidden = c.job.model.hidden;
  a.delta_dtype = c.exchange_dtype();
  a.destination = c.place.part.aipu + c.job.plan.tp;
  return e;
}

hc_launch_t position_entry(const Pass& pass, std::uint32_t cores) {
  hc_launch_t e = entry(HC_KERNEL_POSITION, cores, false);
  e.args.position.add = pass.advance ? 1 : 0;
  e.args.position.value = pass.advance ? 1 : pass.position;
  return e;
}

hc_launch_t exit_entry(std::uint32_t cores) {
  return entry(HC_KERNEL_EXIT, cores, false);
}

}  // namespace aipu::workload
