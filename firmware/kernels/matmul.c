/* SPDX-License-Identifier: Apache-2.0
 *
 * out = a . w by blocks: matrix times vector, large products and the experts of a layer are one
 * program. What differs is how much of `a` a core keeps (all of it: resident) and how large its
 * accumulators are. Every step of k has a slot of the stream ring, for its rows of `a`, their
 * scales and its tile of weights; the loads of a step run while the array works on those before.
 */
#include "firmware/kernels/matmul.h"

#define F32_ONE 0x3f800000u

/* All of `a` and its scales into the input area. */
static void load_resident(matmul_t* g, const group_t* group) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t row = args->k * g->size;
  rt_fence_sends();
  rt_input(group->a, rt_area(HC_SRAM_INPUT), hc_rows(row, group->rows, args->a_stride, row));
  if (args->scale_a == 0) return;
  const uint32_t scales = blocks_of(args->k, args->scale_k) * 4u;
  g->resident_scales = rt_area(HC_SRAM_INPUT) + rt_align64(group->rows * row);
  rt_input(group->scale_a, g->resident_scales,
           hc_rows(scales, scale_rows(args, group->rows), args->scale_a_stride, scales));
}

/* Brings a part into the output format at `result`; returns what its store waits for. */
static hc_wait_t convert(const matmul_t* g, const block_t* block, uint32_t rows, uint32_t src,
                         uint32_t result) {
  const hc_matmul_args_t* args = g->args;
  const hc_wait_t computed = hc_when(HC_COUNTER_MAC, rt.macs);
  if (src == result && args->out_dtype == g->acc_dtype && args->out_scale == F32_ONE) {
    return computed;
  }
  hc_vector_finish(args->pairs ? HC_VECTOR_OP_SWIGLU : HC_VECTOR_OP_CONVERT, src,
                   src + block->cols * 4u, result, rows, block->cols, block->columns, g->dtypes,
                   args->out_scale, computed, hc_add(HC_COUNTER_VECTOR, 1));
  return hc_when(HC_COUNTER_VECTOR, ++rt.vectors);
}

/* Stores a block by parts: in place, or from behind the accumulator where they have two sources. */
static void store(matmul_t* g, const group_t* group, const block_t* block) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t size = rt_size_of(args->out_dtype), row = block->cols * size;
  const uint32_t behind = rt_align64(block->rows * block->columns * 4u);
  uint32_t* stored = g->stored + g->set * g->parts;
  for (uint32_t first = 0; first < block->rows; first += args->part_m) {
    const uint32_t rows = rt_min(args->part_m, block->rows - first);
    const uint32_t src = block->c + first * block->columns * 4u;
    const uint32_t result = args->pairs ? block->c + behind + first * row : src;
    ++rt.macs;
    const hc_wait_t ready = convert(g, block, rows, src, result);
    const uint64_t at = (uint64_t)(block->row + first) * args->out_stride;
    rt_store(result, group->out + at + block->column * size,
             hc_rows(row, rows, row, args->out_stride), ready, HC_NO_ADD);
    *stored++ = rt.stores;
  }
}

static void place_block(const matmul_t* g, const group_t* group, block_t* block, uint32_t row_block,
                        uint32_t column_block) {
  const hc_matmul_args_t* args = g->args;
  block->row = row_block * args->block_m;
  block->column = column_block * args->block_n;
  block->rows = rt_min(args->block_m, group->rows - block->row);
  block->cols = rt_min(args->block_n, args->cols - block->column);
  block->columns = block->cols * g->width;
  block->c = g->acc + g->set * g->set_bytes;
  block->a = group->a + (uint64_t)block->row * args->a_stride;
  block->scale_a = group->scale_a + (uint64_t)block->row * args->scale_a_stride;
  block->w = group->w + (uint64_t)column_block * args->column_stride;
}

static void run_block(matmul_t* g, const group_t* group, block_t* block) {
  matmul_steps(g, block);
  store(g, group, block);
  if (g->used < g->sets) ++g->used;
  if (++g->set == g->sets) g->set = 0;
}

/* This core's blocks of a group: every core_count-th from `turn` on. Returns the turn in the next
 * group, so that small groups do not all burden the same cores. */
static uint32_t run_group(matmul_t* g, const group_t* group, uint32_t turn, uint32_t cores) {
  const uint32_t down = blocks_of(group->rows, g->args->block_m);
  const uint32_t blocks = down * blocks_of(g->args->cols, g->args->block_n);
  if (turn < blocks && g->args->resident) load_resident(g, group);
  for (; turn < blocks; turn += cores) {
    const uint32_t column = down == 1u ? turn : turn / down;
    block_t block;
    place_block(g, group, &block, turn - column * down, column);
    run_block(g, group, &block);
  }
  return turn - blocks;
}

/* Waits until the core's engines have done all that was issued: its SRAM is free. */
static void wait_until_idle(void) {
  hc_counter_wait(HC_COUNTER_FREED, rt.stream.issued);
  hc_counter_wait(HC_COUNTER_MAC, rt.macs);
  hc_counter_wait(HC_COUNTER_VECTOR, rt.vectors);
  hc_counter_wait(HC_COUNTER_STORED, rt.stores);
  hc_counter_wait(HC_COUNTER_SENT, rt.sends);
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
}

/* The same areas of SRAM with another border between ring and accumulators. */
static void set_ring(uint32_t bytes) {
  wait_until_idle();
  rt.stream.size = bytes;
  rt.stream.virtual = rt.stream.offset = 0;
  rt.stream.released = rt.stream.issued;
}

static void begin(matmul_t* g, const hc_matmul_args_t* args) {
  const int scaled = args->scaled_b || args->scale_a != 0;
  g->args = args;
  g->size = rt_size_of(args->dtype);
  g->width = args->pairs ? 2u : 1u;
  g->acc_dtype =
      args->dtype == HC_ABI_DTYPE_INT8 && !scaled ? HC_ABI_DTYPE_INT32 : HC_ABI_DTYPE_F32;
  g->dtypes = g->acc_dtype << HC_VECTOR_FLAGS_DTYPE_SRC0_SHIFT |
              g->acc_dtype << HC_VECTOR_FLAGS_DTYPE_SRC1_SHIFT |
              args->out_dtype << HC_VECTOR_FLAGS_DTYPE_DST_SHIFT;
  g->acc = rt_area(args->ring == 0 ? HC_SRAM_ACC0 : HC_SRAM_STREAM + args->ring);
  const uint32_t elements = args->block_m * args->block_n;
  g->set_bytes = rt_align64(elements * g->width * 4u);
  if (args->pairs) g->set_bytes += rt_align64(elements * rt_size_of(args->out_dtype));
  g->sets = args->sets;
  g->set = g->used = 0;
  g->started = 0;
  g->parts = blocks_of(args->block_m, args->part_m);
  g->k_scales = blocks_of(args->block_k, args->scale_k);
  if (args->ring != 0) set_ring(args->ring);
  matmul_begin_slots(g);
  rt_stream_words_lost(); /* the load queue's: loads of this kernel repeat each other */
  if (args->resident) return;
  /* Activations come through the load queue: they are there before it begins. */
  hc_counter_wait(HC_COUNTER_PHASE, rt.phase);
  hc_counter_wait(HC_COUNTER_GATHER, rt.gather);
}

/* The table of groups, in the scratch area: what the hart issues next depends on it. */
static const hc_arrival_t* read_table(const hc_matmul_args_t* args) {
  const uint32_t at = rt_area(HC_SRAM_SCRATCH);
  hc_counter_wait(HC_COUNTER_SENT, rt.sends); /* messages may still be read from the area */
  rt_input(args->table, at, hc_line(args->groups * (uint32_t)sizeof(hc_arrival_t)));
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
  return (const hc_arrival_t*)rt_words(at);
}

static void run_groups(matmul_t* g, uint32_t turn, uint32_t cores) {
  const hc_matmul_args_t* args = g->args;
  const hc_arrival_t* table = read_table(args);
  for (uint32_t i = 0; i < args->groups; ++i) {
    if (table[i].count == 0) continue;
    const uint64_t first = args->group_rows == 0 ? table[i].first : i * args->group_rows;
    const group_t group = {.a = args->a + first * args->a_stride,
                           .scale_a = args->scale_a + first * args->scale_a_stride,
                           .out = args->out + first * args->out_stride,
                           .w = args->w + (uint64_t)i * args->group_stride,
                           .rows = table[i].count};
    turn = run_group(g, &group, turn, cores);
  }
}

void kernel_matmul(const hc_launch_t* launch) {
  const hc_matmul_args_t* args = &launch->args.matmul;
  const uint32_t index = rt.core - launch->first_core;
  matmul_t g; /* no initialiser: clearing it all costs more than the kernel does */
  begin(&g, args);
  if (args->table != 0) {
    run_groups(&g, index, launch->core_count);
  } else {
    const group_t all = {
        .a = args->a, .scale_a = args->scale_a, .out = args->out, .w = args->w, .rows = args->rows};
    run_group(&g, &all, index, launch->core_count);
  }
  matmul_end_slots(&g);
  rt_fence(rt_ready(), kernel_done());
  if (args->ring != 0) set_ring(HC_SRAM_STREAM_BYTES);
}
