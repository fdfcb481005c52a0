/* SPDX-License-Identifier: Apache-2.0
 *
 * Caches of keys and values: rows are appended, pages are sent to other AIPUs.
 */
#include "firmware/kernels/flash.h"
#include "firmware/kernels/kernels.h"

/* One operand of an append. */
typedef struct {
  const hc_cache_t* cache;
  uint64_t rows;
  uint32_t stride, width, scale;
  uint32_t in, out; /* areas: rows as they come, rows in the cache's format */
} operand_t;

static int converts(const hc_append_args_t* a, uint32_t scale) {
  const uint32_t one = 0x3f800000u; /* 1.0f */
  return a->dtype != a->kv_dtype || scale != one;
}

/* Rows [row, row + rows) of the step into SRAM, converted there; returns where they are. */
static uint32_t take_rows(const hc_append_args_t* a, const operand_t* o, uint32_t row,
                          uint32_t rows) {
  const uint32_t cols = a->kv_heads * o->width, bytes = cols * rt_size_of(a->dtype);
  const uint64_t from = o->rows + (uint64_t)row * o->stride;
  rt_input(from, o->in,
           o->stride == bytes ? hc_line(rows * bytes) : hc_rows(bytes, rows, o->stride, bytes));
  if (!converts(a, o->scale)) return o->in;
  const hc_vector_t v = {.src0 = o->in,
                         .dst = o->out,
                         .rows = rows,
                         .cols = cols,
                         .ld_src0 = cols,
                         .ld_dst = cols,
                         .dtype_src0 = a->dtype,
                         .dtype_dst = a->kv_dtype,
                         .imm0 = o->scale};
  hc_vector(HC_VECTOR_OP_CONVERT, &v, hc_when(HC_COUNTER_INPUT, rt.inputs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
  return o->out;
}

/* One command for each page: all heads of its positions. */
static void put_rows(const hc_append_args_t* a, paged_t* pages, const operand_t* o,
                     uint32_t sequence, uint32_t first, uint32_t count, uint32_t sram) {
  const uint32_t bytes = o->width * rt_size_of(a->kv_dtype), row = a->kv_heads * bytes;
  const hc_wait_t ready = converts(a, o->scale) ? hc_when(HC_COUNTER_VECTOR, rt.vectors)
                                                : hc_when(HC_COUNTER_INPUT, rt.inputs);
  const uint32_t end = first + count;
  while (first < end) {
    const paged_run_t run = paged_run(pages, o->cache, sequence, first, end - first);
    const hc_shape_t shape = {.bytes = bytes,
                              .rows = run.count,
                              .src_stride = row,
                              .dst_stride = o->cache->position,
                              .planes = a->kv_heads,
                              .src_plane = bytes,
                              .dst_plane = o->cache->head};
    rt_store(sram, run.at, shape, ready, HC_NO_ADD);
    first += run.count;
    sram += run.count * row;
  }
}

/* Rows [row, row + count) of a sequence, as far as their positions belong to this AIPU. */
static void append_run(const hc_append_args_t* a, paged_t* pages, const operand_t* operands,
                       uint32_t sequence, uint32_t row, uint32_t count) {
  const int32_t at = (int32_t)(paged_start(pages, sequence) + row - a->context_first);
  const uint32_t skip = at < 0 ? rt_min((uint32_t)-at, count) : 0;
  const uint32_t first = (uint32_t)(at + (int32_t)skip);
  if (skip == count || first >= a->context_positions) return;
  const uint32_t rows = rt_min(count - skip, a->context_positions - first);
  if (pages->stride != 0) paged_want(pages, (first + rows + a->page - 1u) >> pages->shift);
  for (const operand_t* o = operands; o < operands + 2 && o->rows != 0; ++o) {
    const uint32_t sram = take_rows(a, o, sequence * a->rows_per_sequence + row + skip, rows);
    put_rows(a, pages, o, a->first_sequence + sequence, first, rows, sram);
  }
}

/* Areas of K and V in one half of the input area. */
static void lay_out(const hc_append_args_t* a, uint32_t half, operand_t operands[2]) {
  uint32_t at = rt_area(HC_SRAM_INPUT) + half * (HC_SRAM_INPUT_BYTES / 2u);
  for (operand_t* o = operands; o < operands + 2; ++o) {
    const uint32_t numbers = a->run * a->kv_heads * o->width;
    o->in = at;
    o->out = o->in + rt_align64(numbers * rt_size_of(a->dtype));
    at = o->out + rt_align64(numbers * rt_size_of(a->kv_dtype));
  }
}

void kernel_append(const hc_launch_t* launch) {
  const hc_append_args_t* a = &launch->args.append;
  const uint32_t sequences = a->rows / a->rows_per_sequence;
  const uint32_t runs = flash_ceil(a->rows_per_sequence, a->run), units = sequences * runs;
  const uint32_t core = rt.core - launch->first_core;
  if (core >= units) return;
  paged_t pages =
      paged_begin(a->table, a->table_stride, a->page, a->starts, a->first_sequence, sequences);
  operand_t operands[2] = {{.cache = &a->k,
                            .rows = a->k_rows,
                            .stride = a->k_stride,
                            .width = a->key_width,
                            .scale = a->k_scale},
                           {.cache = &a->v,
                            .rows = a->v_rows,
                            .stride = a->v_stride,
                            .width = a->value_width,
                            .scale = a->v_scale}};
  uint32_t stored[2] = {0, 0}, turn = 0;
  for (uint32_t unit = core; unit < units; unit += launch->core_count, ++turn) {
    const uint32_t sequence = unit / runs, row = (unit - sequence * runs) * a->run;
    hc_counter_wait(HC_COUNTER_STORED, stored[turn % 2u]);
    lay_out(a, turn % 2u, operands);
    append_run(a, &pages, operands, sequence, row, rt_min(a->run, a->rows_per_sequence - row));
    stored[turn % 2u] = rt.stores;
  }
  rt_stream_words_lost(); /* tables come through the load queue */
  rt_fence(hc_when(HC_COUNTER_STORED, rt.stores), kernel_done());
}

/* Pages a core takes at a time: both lists lie in scratch. */
#define LIST_PAGES 256u

static void put_pages(const hc_transfer_args_t* a, uint32_t layer, uint32_t pages,
                      const uint32_t* from, const uint32_t* to) {
  const uint64_t src = a->src + layer * a->src_layer, dst = a->dst + layer * a->dst_layer;
  for (uint32_t i = 0; i < pages; ++i) {
    for (uint32_t piece = 0; piece < a->pieces; ++piece) {
      const uint64_t at = dst + to[i] * a->dst_page + piece * a->dst_piece;
      hc_put_paced(src + from[i] * a->src_page + piece * a->src_piece,
                   rt_on_aipu(at, a->destination), hc_line(a->bytes),
                   (enum hc_traffic_class)a->traffic_class, a->pace, hc_add_all(HC_COUNTER_GATHER),
                   rt_ready(), hc_add(HC_COUNTER_SENT, 1), HC_NO_ADD);
      ++rt.sends;
    }
  }
}

void kernel_transfer(const hc_launch_t* launch) {
  const hc_transfer_args_t* a = &launch->args.transfer;
  const rt_range_t own = rt_deal(a->pages, 1, launch);
  const uint32_t from = rt_area(HC_SRAM_SCRATCH), to = from + LIST_PAGES * 4u;
  const uint32_t most = rt_min(LIST_PAGES, own.end - own.begin);
  for (uint32_t layer = 0; layer < a->layers; ++layer) {
    for (uint32_t first = own.begin; first < own.end; first += most) {
      const uint32_t pages = rt_min(most, own.end - first);
      if (layer == 0 || most < own.end - own.begin) {
        rt_input(a->src_pages + 4u * first, from, hc_line(pages * 4u));
        rt_input(a->dst_pages + 4u * first, to, hc_line(pages * 4u));
        hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
      }
      put_pages(a, layer, pages, rt_words(from), rt_words(to));
    }
  }
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
}
