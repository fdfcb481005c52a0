/* SPDX-License-Identifier: Apache-2.0
 *
 * Grouped-query attention over the cache in HBM, decode and prefill alike: an online softmax over
 * tiles of positions. An item is (sequence, kv head, block of rows, split of the context); with
 * more than one split each item leaves its partial result for kernel_merge.
 */
#include "firmware/kernels/kernels.h"

typedef struct {
  uint32_t sequence, head, row, rows; /* rows: of the block; row: first, within the sequence */
  uint32_t split;
  uint32_t index;
} item_t;

/* Areas of an item: q, scores and weights in half of the input area, out and state in an
 * accumulator. Lowering sees to it that they fit (cut_attention). */
typedef struct {
  uint32_t q, out, scores, weights, state;
} areas_t;

static uint32_t blocks_of(const hc_attention_args_t* a) {
  return (a->span.rows_per_sequence + a->block_rows - 1u) / a->block_rows;
}

static uint32_t items_of(const hc_attention_args_t* a, uint32_t splits) {
  return a->span.rows / a->span.rows_per_sequence * a->kv_heads * blocks_of(a) * splits;
}

static item_t item_at(const hc_attention_args_t* a, uint32_t index, uint32_t splits) {
  const uint32_t blocks = blocks_of(a);
  item_t item = {.index = index, .split = index % splits};
  uint32_t rest = index / splits;
  item.row = rest % blocks * a->block_rows;
  rest /= blocks;
  item.head = rest % a->kv_heads;
  item.sequence = rest / a->kv_heads;
  item.rows = rt_min(a->block_rows, a->span.rows_per_sequence - item.row);
  return item;
}

static areas_t areas_of(const hc_attention_args_t* a, uint32_t turn) {
  const uint32_t group = a->q_heads / a->kv_heads;
  const uint32_t m = a->block_rows * group;
  areas_t s;
  s.q = rt_area(HC_SRAM_INPUT) + turn * (HC_SRAM_INPUT_BYTES / 2u);
  s.scores = s.q + rt_align64(m * a->head_dim * rt_size_of(a->dtype));
  s.weights = s.scores + rt_align64(m * a->tile_positions * 4u);
  s.out = rt_area(turn == 0 ? HC_SRAM_ACC0 : HC_SRAM_ACC1);
  s.state = s.out + rt_align64(m * a->head_dim * 4u);
  return s;
}

/* Address of (row of the item, its first query head) in a [rows x q_heads x d] buffer. */
static uint64_t at_row(const hc_attention_args_t* a, const item_t* item, uint32_t size) {
  const uint32_t group = a->q_heads / a->kv_heads;
  const uint32_t row = item->sequence * a->span.rows_per_sequence + item->row;
  return ((uint64_t)row * a->q_heads + item->head * group) * a->head_dim * size;
}

/* Loads K or V. What the step itself appended comes through the store queue, which waits for it;
 * the load queue goes on with weights. Readers wait for INPUT and FILLED alike. */
static rt_tile_t load_tile(hc_gaddr_t src, uint32_t bytes, int fresh_positions) {
  if (!fresh_positions) return rt_stream_load(src, bytes);
  rt_tile_t tile = rt_stream_take(bytes);
  rt_input_after(src, tile.sram, hc_line(bytes),
                 hc_when2(HC_COUNTER_FREED, tile.freed, HC_COUNTER_PHASE, rt.phase));
  tile.filled = rt.fills;
  return tile;
}

/* One tile of `count` positions from `first` on: scores, softmax step, weighted sum of V. */
static void attend(const hc_attention_args_t* a, const item_t* item, const areas_t* s,
                   uint32_t first, uint32_t count, int fresh) {
  const uint32_t group = a->q_heads / a->kv_heads, d = a->head_dim;
  const uint32_t m = item->rows * group;
  const uint32_t kv_row = d * rt_size_of(a->kv_dtype);
  const uint64_t at = (a->span.first_sequence + item->sequence) * a->sequence_stride +
                      item->head * a->head_stride + (uint64_t)first * kv_row;
  /* Positions of this step were appended by the kernel before; older ones need not wait for it. */
  const int fresh_positions = first + count > rt.position;
  const rt_tile_t k = load_tile(a->k_cache + at, count * kv_row, fresh_positions);
  const rt_tile_t v = load_tile(a->v_cache + at, count * kv_row, fresh_positions);

  const hc_mac_t scores = {.a = s->q,
                           .b = k.sram,
                           .c = s->scores,
                           .m = m,
                           .n = count,
                           .k = d,
                           .lda = d,
                           .ldb = d,
                           .ldc = count,
                           .dtype_a = a->dtype,
                           .dtype_b = a->kv_dtype,
                           .transpose_b = 1};
  hc_tensor_mac(&scores, hc_when2(HC_COUNTER_FILLED, k.filled, HC_COUNTER_INPUT, rt.inputs),
                hc_add(HC_COUNTER_FREED, 1), hc_add(HC_COUNTER_MAC, 1));
  ++rt.macs;
  const hc_vector_t step = {.src0 = s->scores,
                            .src2 = s->state,
                            .dst = s->weights,
                            .rows = m,
                            .cols = count,
                            .ld_src0 = count,
                            .ld_dst = count,
                            .dtype_dst = a->dtype,
                            .first = (uint32_t)fresh,
                            .imm0 = a->scale,
                            .param0 = rt.position + item->row + 1u - first,
                            .param1 = group,
                            .out = s->out,
                            .out_cols = d,
                            .ld_out = d};
  hc_vector(HC_VECTOR_OP_SOFTMAX_STEP, &step, hc_when(HC_COUNTER_MAC, rt.macs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
  const hc_mac_t sum = {.a = s->weights,
                        .b = v.sram,
                        .c = s->out,
                        .m = m,
                        .n = d,
                        .k = count,
                        .lda = count,
                        .ldb = d,
                        .ldc = d,
                        .dtype_a = a->dtype,
                        .dtype_b = a->kv_dtype,
                        .accumulate = fresh ? 0u : 1u};
  hc_tensor_mac(&sum, hc_when2(HC_COUNTER_FILLED, v.filled, HC_COUNTER_VECTOR, rt.vectors),
                hc_add(HC_COUNTER_FREED, 1), hc_add(HC_COUNTER_MAC, 1));
  ++rt.macs;
}

static void finish(const hc_attention_args_t* a, const item_t* item, const areas_t* s,
                   hc_add_t done) {
  const uint32_t group = a->q_heads / a->kv_heads, d = a->head_dim;
  const uint32_t m = item->rows * group, size = rt_size_of(a->dtype);
  const hc_vector_t end = {.src0 = s->out,
                           .src2 = s->state,
                           .dst = s->weights,
                           .rows = m,
                           .cols = d,
                           .ld_src0 = d,
                           .ld_dst = d,
                           .dtype_dst = a->dtype};
  hc_vector(HC_VECTOR_OP_SOFTMAX_END, &end, hc_when(HC_COUNTER_MAC, rt.macs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
  rt_store(s->weights, a->out + at_row(a, item, size),
           hc_rows(group * d * size, item->rows, group * d * size, a->q_heads * d * size),
           hc_when(HC_COUNTER_VECTOR, rt.vectors), done);
}

/* The unfinished result of one split; a split without positions has a sum of zero. */
static void leave_partial(const hc_attention_args_t* a, const item_t* item, const areas_t* s,
                          int empty, hc_add_t done) {
  const uint32_t m = a->block_rows * (a->q_heads / a->kv_heads);
  const hc_gaddr_t state = a->state + (uint64_t)item->index * m * 8u;
  if (empty) {
    hc_dma_fill(HC_ABI_QUEUE_STORE, 0, state, hc_line(m * 8u), rt_ready(),
                hc_add(HC_COUNTER_STORED, 1), done);
    ++rt.stores;
    return;
  }
  const uint32_t out = m * a->head_dim * 4u;
  const hc_wait_t ready = hc_when(HC_COUNTER_MAC, rt.macs);
  rt_store(s->out, a->partial + (uint64_t)item->index * out, hc_line(out), ready, HC_NO_ADD);
  rt_store(s->state, state, hc_line(m * 8u), ready, done);
}

static void attention_item(const hc_attention_args_t* a, const item_t* item, const areas_t* s,
                           hc_add_t done) {
  const uint32_t group = a->q_heads / a->kv_heads;
  const uint32_t row = group * a->head_dim * rt_size_of(a->dtype);
  const uint32_t positions = rt.position + item->row + item->rows;
  const uint32_t tiles = (positions + a->tile_positions - 1u) / a->tile_positions;
  const uint32_t begin = tiles * item->split / a->splits;
  const uint32_t end = tiles * (item->split + 1u) / a->splits;
  if (begin == end) {
    leave_partial(a, item, s, 1, done);
    return;
  }
  rt_input(a->q + at_row(a, item, rt_size_of(a->dtype)), s->q,
           hc_rows(row, item->rows, row * a->kv_heads, row));
  for (uint32_t t = begin; t < end; ++t) {
    const uint32_t first = t * a->tile_positions;
    attend(a, item, s, first, rt_min(a->tile_positions, positions - first), t == begin);
  }
  if (a->splits == 1) {
    finish(a, item, s, done);
  } else {
    leave_partial(a, item, s, 0, done);
  }
}

void kernel_attention(const hc_launch_t* launch) {
  const hc_attention_args_t* a = &launch->args.attention;
  const uint32_t items = items_of(a, a->splits);
  uint32_t stored[2] = {0, 0}, turn = 0;
  for (uint32_t i = rt.core - launch->first_core; i < items; i += launch->core_count) {
    const item_t item = item_at(a, i, a->splits);
    const areas_t areas = areas_of(a, turn % 2u);
    if (turn >= 2) hc_counter_wait(HC_COUNTER_STORED, stored[turn % 2u]);
    attention_item(a, &item, &areas, i + launch->core_count >= items ? kernel_done() : HC_NO_ADD);
    stored[turn++ % 2u] = rt.stores;
  }
}

/* Joins the splits of each (sequence, kv head, block). */
void kernel_merge(const hc_launch_t* launch) {
  const hc_attention_args_t* a = &launch->args.attention;
  const uint32_t items = items_of(a, 1), d = a->head_dim;
  const uint32_t group = a->q_heads / a->kv_heads, m = a->block_rows * group;
  const uint32_t plane = m * d * 4u, size = rt_size_of(a->dtype);
  uint32_t turn = 0;
  for (uint32_t i = rt.core - launch->first_core; i < items; i += launch->core_count, ++turn) {
    const item_t item = item_at(a, i, 1);
    const uint32_t partial = rt_area(HC_SRAM_INPUT), state = rt_area(HC_SRAM_ACC0);
    const uint32_t out = rt_area(HC_SRAM_ACC1);
    if (turn != 0) hc_counter_wait(HC_COUNTER_STORED, rt.stores);
    rt_input(a->partial + (uint64_t)i * a->splits * plane, partial, hc_line(a->splits * plane));
    rt_input(a->state + (uint64_t)i * a->splits * m * 8u, state, hc_line(a->splits * m * 8u));
    const hc_vector_t v = {.src0 = partial,
                           .src2 = state,
                           .dst = out,
                           .rows = item.rows * group,
                           .cols = d,
                           .ld_src0 = d,
                           .ld_dst = d,
                           .dtype_dst = a->dtype,
                           .param0 = a->splits,
                           .plane_stride = plane,
                           .plane_stride2 = m * 8u};
    hc_vector(HC_VECTOR_OP_MERGE_PARTIALS, &v, hc_when(HC_COUNTER_INPUT, rt.inputs),
              hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
    ++rt.vectors;
    rt_store(out, a->out + at_row(a, &item, size),
             hc_rows(group * d * size, item.rows, group * d * size, a->q_heads * d * size),
             hc_when(HC_COUNTER_VECTOR, rt.vectors),
             i + launch->core_count >= items ? kernel_done() : HC_NO_ADD);
  }
}
