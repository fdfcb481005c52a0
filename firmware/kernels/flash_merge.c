/* SPDX-License-Identifier: Apache-2.0
 *
 * Joins the partial results of attention: the planes that splits of the context, on this AIPU or
 * others, left for each block. A unit is merge_rows rows of scores of a block.
 */
#include "firmware/kernels/flash.h"
#include "firmware/kernels/kernels.h"

typedef struct {
  uint32_t planes, states, out; /* areas */
  uint32_t stored;              /* HC_COUNTER_STORED that says that they are free */
} areas_t;

/* Two units are in flight, in halves of the input area. */
static areas_t areas_of(const flash_t* f, uint32_t turn) {
  const hc_flash_args_t* a = f->args;
  areas_t s = {.planes = rt_area(HC_SRAM_INPUT) + turn * (HC_SRAM_INPUT_BYTES / 2u)};
  s.states = s.planes + rt_align64(a->planes * a->merge_rows * a->value_width * 4u);
  s.out = s.states + rt_align64(a->planes * a->merge_rows * 8u);
  return s;
}

/* Rows [row, row + rows) of the scores of a block: whole rows of the sequence, or heads of one. */
static void store_rows(const flash_t* f, uint32_t block, uint32_t row, uint32_t rows,
                       uint32_t sram) {
  const hc_flash_args_t* a = f->args;
  const uint32_t unit = block / f->blocks, index = block - unit * f->blocks;
  const uint32_t sequence = unit / a->kv_heads, head = unit - sequence * a->kv_heads;
  const uint32_t rows_before = index / f->head_blocks;
  const uint32_t heads_before = index - rows_before * f->head_blocks;
  const uint32_t down = row / a->block_heads, across = row - down * a->block_heads;
  const uint32_t width = a->value_width * f->size;
  const uint32_t heads = rt_min(rows, a->block_heads);
  const uint64_t at_row = sequence * a->rows_per_sequence + rows_before * a->block_rows + down;
  const uint32_t at_head = (head * f->head_blocks + heads_before) * a->block_heads + across;
  rt_store(sram, a->out + (at_row * a->q_heads + at_head) * width,
           hc_rows(heads * width, rows / heads, heads * width, a->q_heads * width),
           hc_when(HC_COUNTER_VECTOR, rt.vectors), HC_NO_ADD);
}

static void merge_rows(const flash_t* f, uint32_t block, uint32_t m, uint32_t row, areas_t* s) {
  const hc_flash_args_t* a = f->args;
  const uint32_t rows = rt_min(a->merge_rows, m - row), width = a->value_width;
  const uint64_t planes = a->partial + (uint64_t)block * a->planes * f->plane;
  hc_counter_wait(HC_COUNTER_STORED, s->stored);
  rt_input(planes + (uint64_t)row * width * 4u, s->planes,
           hc_rows(rows * width * 4u, a->planes, f->plane, rows * width * 4u));
  rt_input(planes + (uint64_t)m * width * 4u + row * 8u, s->states,
           hc_rows(rows * 8u, a->planes, f->plane, rows * 8u));
  const hc_vector_t v = {.src0 = s->planes,
                         .src2 = s->states,
                         .dst = s->out,
                         .rows = rows,
                         .cols = width,
                         .ld_src0 = width,
                         .ld_dst = width,
                         .dtype_dst = a->dtype,
                         .param0 = a->planes,
                         .plane_stride = rows * width * 4u,
                         .plane_stride2 = rows * 8u};
  hc_vector(HC_VECTOR_OP_MERGE_PARTIALS, &v, hc_when(HC_COUNTER_INPUT, rt.inputs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
  store_rows(f, block, row, rows, s->out);
  s->stored = rt.stores;
}

void kernel_flash_merge(const hc_launch_t* launch) {
  const hc_flash_args_t* a = &launch->args.flash;
  const flash_t f = flash_begin(a);
  const uint32_t chunks = flash_ceil(f.capacity, a->merge_rows);
  const uint32_t units = f.sequences * a->kv_heads * f.blocks * chunks;
  const uint32_t core = rt.core - launch->first_core;
  if (core >= units) return;
  areas_t areas[2] = {areas_of(&f, 0), areas_of(&f, 1)};
  uint32_t turn = 0;
  for (uint32_t unit = core; unit < units; unit += launch->core_count) {
    const uint32_t block = unit / chunks, row = (unit - block * chunks) * a->merge_rows;
    const uint32_t first = block % f.blocks / f.head_blocks * a->block_rows;
    const uint32_t m = rt_min(a->block_rows, a->rows_per_sequence - first) * a->block_heads;
    if (row < m) merge_rows(&f, block, m, row, &areas[turn++ % 2u]);
  }
  rt_fence(hc_when(HC_COUNTER_STORED, rt.stores), kernel_done());
}
