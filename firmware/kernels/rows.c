/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels that work row by row: embedding, residual + RMSNorm, RoPE + cache append, stage
 * hand-over. Rows are dealt to the cores and taken in blocks that fit the input area.
 */
#include "firmware/kernels/kernels.h"

static const uint32_t kOne = 0x3f800000u; /* 1.0f */

/* Between blocks of rows the input area is used again: what it held must have been stored. */
static void reuse_input(uint32_t first, uint32_t begin) {
  if (first != begin) hc_counter_wait(HC_COUNTER_STORED, rt.stores);
}

static hc_wait_t vector_done(void) {
  return hc_when(HC_COUNTER_VECTOR, rt.vectors);
}

static void vector(uint32_t opcode, const hc_vector_t* v, hc_wait_t wait, hc_add_t also) {
  hc_vector(opcode, v, wait, hc_add(HC_COUNTER_VECTOR, 1), also);
  ++rt.vectors;
}

/* Copies a few words to real SRAM and waits for them: the hart reads them as ordinary memory. */
static const uint32_t* fetch_words(hc_gaddr_t src, uint32_t bytes) {
  const uint32_t scratch = rt_area(HC_SRAM_SCRATCH);
  rt_input(src, scratch, hc_line(bytes));
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
  return (const uint32_t*)(uintptr_t)scratch;
}

void kernel_embed(const hc_launch_t* launch) {
  const hc_embed_args_t* a = &launch->args.embed;
  const rt_range_t rows = rt_deal(a->rows, 1, launch);
  const uint32_t row = a->hidden * rt_size_of(a->dtype);
  const uint32_t input = rt_area(HC_SRAM_INPUT);
  const uint32_t* ids = fetch_words(a->ids + 4u * rows.begin, 4u * (rows.end - rows.begin));
  for (uint32_t r = rows.begin; r < rows.end; ++r) {
    reuse_input(r, rows.begin);
    rt_input(a->table + (uint64_t)ids[r - rows.begin] * row, input, hc_line(row));
    /* A wider row has no room in place: the result lies behind it. */
    const uint32_t wide = input + rt_align64(row);
    const hc_vector_t v = {.src0 = input,
                           .dst = wide,
                           .rows = 1,
                           .cols = a->hidden,
                           .ld_src0 = a->hidden,
                           .ld_dst = a->hidden,
                           .dtype_src0 = a->dtype,
                           .imm0 = kOne};
    vector(HC_VECTOR_OP_CONVERT, &v, hc_when(HC_COUNTER_INPUT, rt.inputs), HC_NO_ADD);
    rt_store(wide, a->x + (uint64_t)r * a->hidden * 4u, hc_line(a->hidden * 4u), vector_done(),
             r + 1 == rows.end ? kernel_done() : HC_NO_ADD);
  }
}

/* x[block] += delta[block] in SRAM; both are loaded here. Returns what readers of x wait for. */
static hc_wait_t residual(uint64_t x, uint64_t delta, uint32_t delta_dtype, uint32_t rows,
                          uint32_t hidden, uint32_t x_sram, uint32_t delta_sram) {
  rt_input(x, x_sram, hc_line(rows * hidden * 4u));
  if (delta_dtype == HC_NO_DELTA) return hc_when(HC_COUNTER_INPUT, rt.inputs);
  rt_input(delta, delta_sram, hc_line(rows * hidden * rt_size_of(delta_dtype)));
  const hc_vector_t add = {.src0 = x_sram,
                           .src1 = delta_sram,
                           .dst = x_sram,
                           .rows = rows,
                           .cols = hidden,
                           .ld_src0 = hidden,
                           .ld_src1 = hidden,
                           .ld_dst = hidden,
                           .dtype_src1 = delta_dtype};
  vector(HC_VECTOR_OP_ADD, &add, hc_when(HC_COUNTER_INPUT, rt.inputs), HC_NO_ADD);
  return vector_done();
}

void kernel_norm(const hc_launch_t* launch) {
  const hc_norm_args_t* a = &launch->args.norm;
  const rt_range_t rows = rt_deal(a->rows, 1, launch);
  const uint32_t y_size = rt_size_of(a->y_dtype);
  const uint32_t delta_size = a->delta_dtype == HC_NO_DELTA ? 0 : rt_size_of(a->delta_dtype);
  const uint32_t block = HC_SRAM_INPUT_BYTES / (a->hidden * (4u + y_size + delta_size) + 64u);
  const uint32_t x = rt_area(HC_SRAM_INPUT);
  const rt_tile_t weight = rt_stream_load(a->weight, a->hidden * 4u);
  for (uint32_t first = rows.begin; first < rows.end; first += block) {
    const uint32_t count = rt_min(block, rows.end - first);
    const int last = first + count >= rows.end;
    const uint32_t y = x + count * a->hidden * 4u;
    const uint64_t offset = (uint64_t)first * a->hidden;
    reuse_input(first, rows.begin);
    const hc_wait_t summed =
        residual(a->x + offset * 4u, a->delta + offset * delta_size, a->delta_dtype, count,
                 a->hidden, x, y + count * a->hidden * y_size);
    const hc_vector_t norm = {.src0 = x,
                              .src1 = weight.sram,
                              .dst = y,
                              .rows = count,
                              .cols = a->hidden,
                              .ld_src0 = a->hidden,
                              .ld_dst = a->hidden,
                              .dtype_dst = a->y_dtype,
                              .imm0 = a->epsilon};
    vector(HC_VECTOR_OP_RMSNORM, &norm,
           hc_when2(HC_COUNTER_FILLED, weight.filled, summed.word & 0x3fu, summed.target0),
           last ? hc_add(HC_COUNTER_FREED, 1) : HC_NO_ADD);
    if (delta_size != 0) {
      rt_store(x, a->x + offset * 4u, hc_line(count * a->hidden * 4u), summed, HC_NO_ADD);
    }
    rt_store(y, a->y + offset * y_size, hc_line(count * a->hidden * y_size), vector_done(),
             last ? kernel_done() : HC_NO_ADD);
  }
}

void kernel_send(const hc_launch_t* launch) {
  const hc_send_args_t* a = &launch->args.send;
  const rt_range_t rows = rt_deal(a->rows, 1, launch);
  const uint32_t delta_size = rt_size_of(a->delta_dtype);
  const uint32_t block = HC_SRAM_INPUT_BYTES / (a->hidden * (4u + delta_size));
  const uint32_t x = rt_area(HC_SRAM_INPUT);
  for (uint32_t first = rows.begin; first < rows.end; first += block) {
    const uint32_t count = rt_min(block, rows.end - first);
    const uint64_t offset = (uint64_t)first * a->hidden;
    if (first != rows.begin) hc_counter_wait(HC_COUNTER_SENT, rt.sends);
    const hc_wait_t summed =
        residual(a->x + offset * 4u, a->delta + offset * delta_size, a->delta_dtype, count,
                 a->hidden, x, x + count * a->hidden * 4u);
    rt_send(x, a->x + offset * 4u, a->destination, hc_line(count * a->hidden * 4u), HC_CLASS_BULK,
            summed, first + count >= rows.end ? hc_add_all(HC_COUNTER_GATHER) : HC_NO_ADD);
  }
  /* The input area may be used again when the messages have left it. */
  rt.fenced_sends = rt.sends;
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
}

/* q, k and v of one row in SRAM: rotated, converted, stored. */
static void rope_row(const hc_rope_args_t* a, uint32_t sram, uint32_t table, uint32_t row,
                     hc_wait_t ready, hc_add_t table_freed, hc_add_t done) {
  const uint32_t d = a->head_dim;
  const uint32_t q_size = rt_size_of(a->dtype), kv_size = rt_size_of(a->kv_dtype);
  const uint32_t q_cols = a->q_heads * d, kv_cols = a->kv_heads * d;
  const uint32_t k = sram + q_cols * 4u, v = k + kv_cols * 4u;
  const uint32_t sequence = a->span.first_sequence + row / a->span.rows_per_sequence;
  const uint32_t position = rt.position + row % a->span.rows_per_sequence;
  const uint64_t at = sequence * a->sequence_stride + (uint64_t)position * d * kv_size;

  hc_vector_t op = {.src0 = sram,
                    .src1 = table,
                    .dst = sram,
                    .rows = a->q_heads,
                    .cols = d,
                    .ld_src0 = d,
                    .ld_src1 = d,
                    .ld_dst = d,
                    .dtype_dst = a->dtype,
                    .param0 = a->q_heads,
                    .imm0 = kOne};
  vector(HC_VECTOR_OP_ROPE, &op, ready, HC_NO_ADD);
  rt_store(sram, a->q + (uint64_t)row * q_cols * q_size, hc_line(q_cols * q_size), vector_done(),
           HC_NO_ADD);
  op.src0 = op.dst = k;
  op.rows = op.param0 = a->kv_heads;
  op.dtype_dst = a->kv_dtype;
  vector(HC_VECTOR_OP_ROPE, &op, hc_now(), table_freed);
  const hc_shape_t heads = hc_rows(d * kv_size, a->kv_heads, d * kv_size, (uint32_t)a->head_stride);
  rt_store(k, a->k_cache + at, heads, vector_done(), HC_NO_ADD);
  op.src0 = op.dst = v;
  vector(HC_VECTOR_OP_CONVERT, &op, hc_now(), HC_NO_ADD);
  rt_store(v, a->v_cache + at, heads, vector_done(), done);
}

void kernel_rope(const hc_launch_t* launch) {
  const hc_rope_args_t* a = &launch->args.rope;
  const rt_range_t rows = rt_deal(a->span.rows, 1, launch);
  const uint32_t row_bytes = (a->q_heads + 2u * a->kv_heads) * a->head_dim * 4u;
  const uint32_t block = HC_SRAM_INPUT_BYTES / row_bytes;
  const uint32_t input = rt_area(HC_SRAM_INPUT);
  for (uint32_t row = rows.begin; row < rows.end; ++row) {
    const uint32_t inside = (row - rows.begin) % block;
    if (inside == 0) {
      reuse_input(row, rows.begin);
      rt_input(a->qkv + (uint64_t)row * row_bytes, input,
               hc_line(rt_min(block, rows.end - row) * row_bytes));
    }
    const uint32_t position = rt.position + row % a->span.rows_per_sequence;
    const rt_tile_t table =
        rt_stream_load(a->table + (uint64_t)position * a->head_dim * 4u, a->head_dim * 4u);
    rope_row(a, input + inside * row_bytes, table.sram, row,
             hc_when2(HC_COUNTER_FILLED, table.filled, HC_COUNTER_INPUT, rt.inputs),
             hc_add(HC_COUNTER_FREED, 1), row + 1 == rows.end ? kernel_done() : HC_NO_ADD);
  }
}

void kernel_candidates(const hc_launch_t* launch) {
  const hc_candidates_args_t* a = &launch->args.candidates;
  const uint32_t pairs = a->rows * 8u;
  const uint32_t list = rt_area(HC_SRAM_INPUT), best = rt_area(HC_SRAM_SEND);
  rt_input(a->candidates, list, hc_line(a->cores * pairs));
  const hc_vector_t merge = {.src0 = list,
                             .dst = best,
                             .rows = a->rows,
                             .cols = 1,
                             .param0 = a->cores,
                             .plane_stride = pairs};
  vector(HC_VECTOR_OP_ARGMAX_MERGE, &merge, hc_when(HC_COUNTER_INPUT, rt.inputs), HC_NO_ADD);
  for (uint32_t i = 0; i < a->ranks; ++i) {
    const uint32_t rank = (a->rank + i) % a->ranks;
    rt_send(best, a->gathered + (uint64_t)a->rank * pairs, a->first_aipu + rank, hc_line(pairs),
            HC_CLASS_TENSOR, vector_done(), hc_add_all(HC_COUNTER_GATHER));
  }
}

void kernel_sample(const hc_launch_t* launch) {
  const hc_sample_args_t* a = &launch->args.sample;
  const uint32_t pairs = a->rows * 8u;
  const uint32_t list = rt_area(HC_SRAM_INPUT), best = rt_area(HC_SRAM_SEND) + 0x4000u;
  const hc_shape_t indices = hc_rows(4, a->rows, 8, 4);
  rt_input(a->gathered, list, hc_line(a->ranks * pairs));
  const hc_vector_t merge = {.src0 = list,
                             .dst = best,
                             .rows = a->rows,
                             .cols = 1,
                             .param0 = a->ranks,
                             .plane_stride = pairs};
  vector(HC_VECTOR_OP_ARGMAX_MERGE, &merge, hc_when(HC_COUNTER_INPUT, rt.inputs), HC_NO_ADD);
  for (uint32_t i = 0; i < a->forward_count; ++i) {
    const uint32_t aipu = a->forward_first + i;
    rt_send(best + 4u, a->ids, aipu, indices, HC_CLASS_CONTROL, vector_done(),
            hc_add_all(HC_COUNTER_GATHER));
  }
  rt_store(best + 4u, a->ids, indices, vector_done(), kernel_done());
  if (!a->report) return;
  const uint32_t scratch = rt_area(HC_SRAM_SCRATCH);
  rt_store(best + 4u, rt_local(scratch), indices, vector_done(), HC_NO_ADD);
  hc_counter_wait(HC_COUNTER_STORED, rt.stores);
  for (uint32_t r = 0; r < a->rows; ++r)
    hc_mail(((volatile uint32_t*)(uintptr_t)scratch)[r]);
}
