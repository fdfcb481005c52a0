/* SPDX-License-Identifier: Apache-2.0
 *
 * out = a . w by blocks: matrix times vector, large products and the experts of a layer are one
 * program. What differs is how much of `a` a core keeps (all of it: resident) and how large its
 * accumulators are. Tiles come through the stream ring in the order of their use, rows of `a`
 * before the weights, so that the loads of a step run while the array works on the one before it.
 */
#include "firmware/kernels/kernels.h"

#define F32_ONE 0x3f800000u

typedef struct {
  const hc_matmul_args_t* args;
  uint32_t size;      /* bytes of an operand */
  uint32_t width;     /* accumulator columns of a column of the result */
  uint32_t acc_dtype; /* of the accumulators */
  uint32_t acc, part_bytes;
  uint32_t part;   /* accumulator that comes next */
  uint32_t used;   /* accumulators used so far, at most all */
  uint32_t scales; /* resident: address of the scales of a */
  int started;     /* the first product was issued */
  uint32_t stored[HC_MATMUL_MOST_PARTS];
} matmul_t;

/* Rows of one group of the result. */
typedef struct {
  hc_gaddr_t a, scale_a, out, w;
  uint32_t rows;
} group_t;

/* Rows [row, row + rows) x columns [column, column + cols) of a group. */
typedef struct {
  uint32_t row, rows, column, cols;
  hc_gaddr_t w; /* next tile of weights */
  uint32_t parts;
} block_t;

/* One step of k: its tiles in SRAM. */
typedef struct {
  uint32_t k0, k, k_blocks;
  uint32_t b, scale_b;
  uint32_t a[HC_MATMUL_MOST_PARTS], scale_a[HC_MATMUL_MOST_PARTS];
  uint32_t filled;
} step_t;

static uint32_t align64(uint32_t bytes) {
  return (bytes + 63u) & ~63u;
}
static uint32_t blocks_of(uint32_t count, uint32_t unit) {
  return unit == 0 ? 1u : (count + unit - 1u) / unit;
}

/* Loads rows into the ring tile at `sram`. */
static void load_rows(hc_gaddr_t src, uint32_t sram, hc_shape_t shape, uint32_t freed) {
  hc_dma_copy(HC_ABI_QUEUE_LOAD, src, rt_local(sram), shape, hc_when(HC_COUNTER_FREED, freed),
              hc_add(HC_COUNTER_FILLED, 1), HC_NO_ADD);
  ++rt.fills;
}

/* Rows of scales: all of them, or the one that they share. */
static uint32_t scale_rows(const hc_matmul_args_t* args, uint32_t rows) {
  return args->scale_a_stride == 0 ? 1u : rows;
}

/* All of `a` and its scales into the input area. */
static void load_resident(matmul_t* g, const group_t* group) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t row = args->k * g->size;
  rt_fence_sends();
  rt_input(group->a, rt_area(HC_SRAM_INPUT), hc_rows(row, group->rows, args->a_stride, row));
  if (args->scale_a == 0) return;
  const uint32_t scales = blocks_of(args->k, args->scale_k) * 4u;
  g->scales = rt_area(HC_SRAM_INPUT) + align64(group->rows * row);
  rt_input(group->scale_a, g->scales,
           hc_rows(scales, scale_rows(args, group->rows), args->scale_a_stride, scales));
}

/* A[rows of part p, k of the step] and its scales, one tile of the ring. */
static void load_part(matmul_t* g, const group_t* group, const block_t* block, step_t* step,
                      uint32_t p) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t first = p * args->part_m;
  const uint32_t rows = rt_min(args->part_m, block->rows - first);
  const uint32_t row = step->k * g->size;
  const uint32_t bytes = align64(rows * row);
  const uint32_t scales = args->scale_a == 0 ? 0 : step->k_blocks * 4u;
  const uint32_t scaled = scale_rows(args, rows);
  const rt_tile_t tile = rt_stream_take(bytes + scaled * scales);
  const uint32_t at = block->row + first;
  step->a[p] = tile.sram;
  load_rows(group->a + (uint64_t)at * args->a_stride + step->k0 * g->size, tile.sram,
            hc_rows(row, rows, args->a_stride, row), tile.freed);
  if (scales == 0) return;
  step->scale_a[p] = tile.sram + bytes;
  const uint32_t before = args->scale_k == 0 ? 0 : step->k0 / args->scale_k * 4u;
  load_rows(group->scale_a + (uint64_t)at * args->scale_a_stride + before, step->scale_a[p],
            hc_rows(scales, scaled, args->scale_a_stride, scales), tile.freed);
}

/* Where A of the step lies in the input area. */
static void find_resident(const matmul_t* g, step_t* step) {
  const hc_matmul_args_t* args = g->args;
  step->a[0] = rt_area(HC_SRAM_INPUT) + step->k0 * g->size;
  if (args->scale_a == 0) return;
  step->scale_a[0] = g->scales + (args->scale_k == 0 ? 0 : step->k0 / args->scale_k * 4u);
}

static void load_step(matmul_t* g, const group_t* group, block_t* block, step_t* step) {
  const hc_matmul_args_t* args = g->args;
  step->k_blocks = blocks_of(step->k, args->scale_k);
  if (args->resident) {
    find_resident(g, step);
  } else {
    for (uint32_t p = 0; p < block->parts; ++p)
      load_part(g, group, block, step, p);
  }
  const uint32_t columns = block->cols * g->width;
  const uint32_t scales =
      args->scaled_b ? align64(step->k_blocks * blocks_of(columns, args->scale_n) * 4u) : 0;
  const uint32_t bytes = scales + align64(step->k * columns * g->size);
  const rt_tile_t tile = rt_stream_load(block->w, bytes);
  block->w += bytes;
  step->scale_b = scales == 0 ? 0 : tile.sram;
  step->b = tile.sram + scales;
  step->filled = tile.filled;
}

/* What the first product of a step waits for beside its tiles; later ones follow it in order. */
static hc_wait_t product_wait(matmul_t* g, const step_t* step, uint32_t slot) {
  if (!g->started) {
    g->started = 1;
    return hc_when2(HC_COUNTER_FILLED, step->filled, HC_COUNTER_INPUT, rt.inputs);
  }
  if (step->k0 == 0 && g->used == g->args->parts) {
    return hc_when2(HC_COUNTER_FILLED, step->filled, HC_COUNTER_STORED, g->stored[slot]);
  }
  return hc_when(HC_COUNTER_FILLED, step->filled);
}

static uint32_t accumulator(const matmul_t* g, uint32_t slot) {
  return g->acc + slot * g->part_bytes;
}
static uint32_t next_slot(const matmul_t* g, uint32_t slot) {
  return slot + 1u == g->args->parts ? 0 : slot + 1u;
}

static void multiply(matmul_t* g, const block_t* block, const step_t* step) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t columns = block->cols * g->width;
  const uint32_t k_scales = args->resident ? blocks_of(args->k, args->scale_k) : step->k_blocks;
  hc_mac_t mac = {.b = step->b,
                  .n = columns,
                  .k = step->k,
                  .lda = args->resident ? args->k : step->k,
                  .ldb = columns,
                  .ldc = columns,
                  .dtype_a = args->dtype,
                  .dtype_b = args->dtype,
                  .accumulate = step->k0 != 0,
                  .scale_b = step->scale_b,
                  .ld_scale_a = args->scale_a_stride == 0 ? 0 : k_scales,
                  .ld_scale_b = blocks_of(columns, args->scale_n),
                  .scale_k = args->scale_k,
                  .scale_n = args->scale_n};
  const int complete = step->k0 + step->k >= args->k;
  uint32_t slot = g->part;
  for (uint32_t p = 0; p < block->parts; ++p, slot = next_slot(g, slot)) {
    mac.a = step->a[p];
    mac.scale_a = step->scale_a[p];
    mac.c = accumulator(g, slot);
    mac.m = rt_min(args->part_m, block->rows - p * args->part_m);
    const uint32_t consumed = (args->resident ? 0 : 1u) + (p + 1u == block->parts ? 1u : 0);
    hc_tensor_mac(&mac, product_wait(g, step, slot), hc_add(HC_COUNTER_FREED, consumed),
                  complete ? hc_add(HC_COUNTER_MAC, 1) : HC_NO_ADD);
    if (step->k0 == 0 && g->used < args->parts) ++g->used;
  }
}

/* Brings a part into the output format; returns what its store waits for, and where it lies. */
static hc_wait_t convert(const matmul_t* g, const block_t* block, uint32_t rows, uint32_t* result) {
  const hc_matmul_args_t* args = g->args;
  const hc_wait_t computed = hc_when(HC_COUNTER_MAC, rt.macs);
  const int as_it_is = args->out_dtype == g->acc_dtype && args->out_scale == F32_ONE;
  if (as_it_is && !args->pairs) return computed;
  const uint32_t columns = block->cols * g->width;
  hc_vector_t v = {.src0 = *result,
                   .src1 = *result + block->cols * 4u,
                   .rows = rows,
                   .cols = block->cols,
                   .ld_src0 = columns,
                   .ld_src1 = columns,
                   .ld_dst = block->cols,
                   .dtype_src0 = g->acc_dtype,
                   .dtype_dst = args->out_dtype,
                   .imm0 = args->out_scale};
  if (args->pairs) *result += align64(rows * columns * 4u); /* two sources: not in place */
  v.dst = *result;
  hc_vector(args->pairs ? HC_VECTOR_OP_SWIGLU : HC_VECTOR_OP_CONVERT, &v, computed,
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  return hc_when(HC_COUNTER_VECTOR, ++rt.vectors);
}

static void store(matmul_t* g, const group_t* group, const block_t* block) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t size = rt_size_of(args->out_dtype);
  const uint32_t row = block->cols * size;
  for (uint32_t first = 0; first < block->rows; first += args->part_m) {
    const uint32_t rows = rt_min(args->part_m, block->rows - first);
    uint32_t result = accumulator(g, g->part);
    ++rt.macs;
    const hc_wait_t ready = convert(g, block, rows, &result);
    const uint64_t at = (uint64_t)(block->row + first) * args->out_stride;
    rt_store(result, group->out + at + block->column * size,
             hc_rows(row, rows, row, args->out_stride), ready, HC_NO_ADD);
    g->stored[g->part] = rt.stores;
    g->part = next_slot(g, g->part);
  }
}

static void run_block(matmul_t* g, const group_t* group, uint32_t row_block,
                      uint32_t column_block) {
  const hc_matmul_args_t* args = g->args;
  block_t block = {.row = row_block * args->block_m,
                   .column = column_block * args->block_n,
                   .w = group->w + (uint64_t)column_block * args->column_stride};
  block.rows = rt_min(args->block_m, group->rows - block.row);
  block.cols = rt_min(args->block_n, args->cols - block.column);
  block.parts = blocks_of(block.rows, args->part_m);
  step_t step = {0};
  for (step.k0 = 0; step.k0 < args->k; step.k0 += args->block_k) {
    step.k = rt_min(args->block_k, args->k - step.k0);
    load_step(g, group, &block, &step);
    multiply(g, &block, &step);
  }
  store(g, group, &block);
}

/* This core's blocks of a group: every core_count-th from `turn` on. Returns the turn in the next
 * group, so that small groups do not all burden the same cores. */
static uint32_t run_group(matmul_t* g, const group_t* group, uint32_t turn, uint32_t cores) {
  const uint32_t down = blocks_of(group->rows, g->args->block_m);
  const uint32_t blocks = down * blocks_of(g->args->cols, g->args->block_n);
  if (turn < blocks && g->args->resident) load_resident(g, group);
  for (; turn < blocks; turn += cores)
    run_block(g, group, turn % down, turn / down);
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

/* The same areas of SRAM with another border between them. */
static void set_ring(uint32_t bytes) {
  wait_until_idle();
  rt.stream.size = bytes;
  rt.stream.offset = 0;
  rt.stream.released = rt.stream.issued;
}

static matmul_t begin(const hc_matmul_args_t* args) {
  matmul_t g = {.args = args, .size = rt_size_of(args->dtype), .width = args->pairs ? 2u : 1u};
  const int scaled = args->scaled_b || args->scale_a != 0;
  g.acc_dtype = args->dtype == HC_ABI_DTYPE_INT8 && !scaled ? HC_ABI_DTYPE_INT32 : HC_ABI_DTYPE_F32;
  g.acc = rt_area(args->ring == 0 ? HC_SRAM_ACC0 : HC_SRAM_STREAM + args->ring);
  g.part_bytes = align64(args->part_m * args->block_n * g.width * 4u);
  if (args->pairs) {
    g.part_bytes += align64(args->part_m * args->block_n * rt_size_of(args->out_dtype));
  }
  if (args->ring != 0) set_ring(args->ring);
  if (!args->resident) {
    /* Activations come through the load queue: they are there before it begins. */
    hc_counter_wait(HC_COUNTER_PHASE, rt.phase);
    hc_counter_wait(HC_COUNTER_GATHER, rt.gather);
  }
  return g;
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
  matmul_t g = begin(args);
  if (args->table != 0) {
    run_groups(&g, index, launch->core_count);
  } else {
    const group_t all = {
        .a = args->a, .scale_a = args->scale_a, .out = args->out, .w = args->w, .rows = args->rows};
    run_group(&g, &all, index, launch->core_count);
  }
  rt_fence(rt_ready(), kernel_done());
  if (args->ring != 0) set_ring(HC_SRAM_STREAM_BYTES);
}
