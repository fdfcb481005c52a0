/* SPDX-License-Identifier: Apache-2.0
 *
 * out = a . w by blocks: matrix times vector, large products and the experts of a layer are one
 * program. What differs is how much of `a` a core keeps (all of it: resident) and how large its
 * accumulators are. Every step of k has a slot of the stream ring, for its rows of `a`, their
 * scales and its tile of weights; the loads of a step run while the array works on those before.
 *
 * The hart must not be the limit: steps between the first and the last of a block are one product
 * each, and repeat the commands before with other addresses. The first and the last go by parts,
 * so that a part of the result is stored while the array works on others.
 */
#include "firmware/kernels/kernels.h"

#define F32_ONE 0x3f800000u

typedef struct {
  const hc_matmul_args_t* args;
  uint32_t size;      /* bytes of an operand */
  uint32_t width;     /* accumulator columns of a column of the result */
  uint32_t acc_dtype; /* of the accumulators */
  uint32_t dtypes;    /* the same and that of the result, as flags of the vector engine */
  uint32_t acc, set_bytes, sets, set; /* accumulators of a block: where, how many, which is next */
  uint32_t k_scales;                  /* of a whole step */
  uint32_t resident_scales;           /* address of the scales of `a`, resident */
  uint32_t scale_a_at, b_at;          /* in a slot */
  uint32_t slot_bytes, slots;
  uint32_t taken;            /* slots of this launch */
  uint32_t first, slot, end; /* the first one, the next one, end of the last one */
  uint32_t parts;            /* of a whole block */
  uint32_t used;             /* sets used so far, at most all */
  int started;               /* the first product was issued */
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
  uint32_t columns; /* of the accumulator */
  uint32_t c;       /* where it lies */
  uint32_t parts;
  hc_gaddr_t a, scale_a, w; /* next tiles */
} block_t;

/* One step of k. */
typedef struct {
  uint32_t k0, k, k_scales;
  uint32_t a, b, scale_a, scale_b; /* in SRAM */
} step_t;

static uint32_t align64(uint32_t bytes) {
  return (bytes + 63u) & ~63u;
}
/* Divisions take a hart 18 cycles: not where there is nothing to divide. */
static uint32_t blocks_of(uint32_t count, uint32_t unit) {
  return unit == 0 || count <= unit ? 1u : (count + unit - 1u) / unit;
}
static uint32_t scale_bytes(const matmul_t* g, uint32_t k_scales, uint32_t columns) {
  if (!g->args->scaled_b) return 0;
  const uint32_t unit = g->args->scale_n;
  return align64(k_scales * (unit == 1u ? columns : blocks_of(columns, unit)) * 4u);
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
  g->resident_scales = rt_area(HC_SRAM_INPUT) + align64(group->rows * row);
  rt_input(group->scale_a, g->resident_scales,
           hc_rows(scales, scale_rows(args, group->rows), args->scale_a_stride, scales));
}

static uint32_t take_first(matmul_t* g, uint32_t* sram) {
  const rt_tile_t tile = rt_stream_take(g->slot_bytes);
  *sram = tile.sram;
  if (g->taken++ == 0) {
    g->slot = g->first = tile.sram;
    g->end = tile.sram + g->slots * g->slot_bytes;
  }
  return tile.freed;
}

/* The next slot; returns what its loads wait for. In the first turn other kernels may still use it,
 * then it is the step a turn ago. */
static inline uint32_t take_slot(matmul_t* g, uint32_t* sram) {
  if (g->taken < g->slots) return take_first(g, sram);
  const uint32_t slot = g->slot, next = slot + g->slot_bytes;
  *sram = slot;
  g->slot = next == g->end ? g->first : next;
  ++g->taken;
  return ++rt.stream.issued - g->slots;
}

/* Rows of a block's step that lie `stride` bytes apart, packed into the slot. */
static void load_rows(hc_gaddr_t src, uint32_t sram, hc_shape_t shape, uint32_t freed) {
  rt_stream_words_lost();
  hc_dma_copy(HC_ABI_QUEUE_LOAD, src, rt_local(sram), shape, hc_when(HC_COUNTER_FREED, freed),
              hc_add(HC_COUNTER_FILLED, 1), HC_NO_ADD);
  ++rt.fills;
}

/* Rows of `a` and their scales into the slot. */
static void load_inputs(const matmul_t* g, block_t* block, step_t* step, uint32_t slot,
                        uint32_t freed) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t row = step->k * g->size, scales = step->k_scales * 4u;
  step->a = slot;
  load_rows(block->a, slot, hc_rows(row, block->rows, args->a_stride, row), freed);
  block->a += row;
  if (args->scale_a == 0) return;
  step->scale_a = slot + g->scale_a_at;
  load_rows(block->scale_a, step->scale_a,
            hc_rows(scales, scale_rows(args, block->rows), args->scale_a_stride, scales), freed);
  block->scale_a += args->scale_k == 0 ? 0 : scales;
}

/* Where `a` and its scales lie in the input area. */
static void find_inputs(const matmul_t* g, step_t* step) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t before = args->scale_k == 0 ? 0 : step->k0 / args->scale_k * 4u;
  step->a = rt_area(HC_SRAM_INPUT) + step->k0 * g->size;
  step->scale_a = args->scale_a == 0 ? 0 : g->resident_scales + before;
}

static void load_step(matmul_t* g, block_t* block, step_t* step) {
  uint32_t slot;
  const uint32_t freed = take_slot(g, &slot);
  step->k_scales = blocks_of(step->k, g->args->scale_k);
  step->scale_a = 0;
  if (g->args->resident) {
    find_inputs(g, step);
  } else {
    load_inputs(g, block, step, slot, freed);
  }
  const uint32_t scales = scale_bytes(g, step->k_scales, block->columns);
  const uint32_t bytes = scales + align64(step->k * g->size * block->columns);
  load_rows(block->w, slot + g->b_at, hc_line(bytes), freed);
  block->w += bytes;
  step->scale_b = scales == 0 ? 0 : slot + g->b_at;
  step->b = slot + g->b_at + scales;
}

/* What the first product on an accumulator waits for beside its tiles: later ones are in order. */
static hc_wait_t product_wait(matmul_t* g, const step_t* step, uint32_t part) {
  if (!g->started) {
    g->started = 1;
    return hc_when2(HC_COUNTER_FILLED, rt.fills, HC_COUNTER_INPUT, rt.inputs);
  }
  if (step->k0 == 0 && g->used == g->sets) {
    return hc_when2(HC_COUNTER_FILLED, rt.fills, HC_COUNTER_STORED, g->stored[part]);
  }
  return hc_when(HC_COUNTER_FILLED, rt.fills);
}

/* The products of a step, `rows` of the block each. */
static void multiply(matmul_t* g, const block_t* block, const step_t* step, uint32_t part_rows) {
  const hc_matmul_args_t* args = g->args;
  hc_mac_t mac = {.b = step->b,
                  .n = block->columns,
                  .k = step->k,
                  .lda = args->resident ? args->k : step->k,
                  .ldb = block->columns,
                  .ldc = block->columns,
                  .dtype_a = args->dtype,
                  .dtype_b = args->dtype,
                  .accumulate = step->k0 != 0,
                  .scale_b = step->scale_b,
                  .scale_k = args->scale_k,
                  .scale_n = args->scale_n};
  const uint32_t scales = args->resident ? blocks_of(args->k, args->scale_k) : step->k_scales;
  mac.ld_scale_a = args->scale_a_stride == 0 ? 0 : scales;
  mac.ld_scale_b = args->scale_n == 1u ? block->columns : blocks_of(block->columns, args->scale_n);
  const hc_add_t done = step->k0 + step->k >= args->k ? hc_add(HC_COUNTER_MAC, 1) : HC_NO_ADD;
  uint32_t stored = g->set * g->parts;
  for (uint32_t row = 0; row < block->rows; row += part_rows) {
    const int last = row + part_rows >= block->rows;
    mac.a = step->a + row * mac.lda * g->size;
    mac.scale_a = step->scale_a + row * mac.ld_scale_a * 4u;
    if (step->scale_a == 0) mac.scale_a = 0;
    mac.c = block->c + row * block->columns * 4u;
    mac.m = rt_min(part_rows, block->rows - row);
    hc_tensor_mac(&mac, product_wait(g, step, stored++),
                  last ? hc_add(HC_COUNTER_FREED, 1) : HC_NO_ADD, done);
  }
}

/* A step like the one before: its loads and one product, which repeat the commands before. */
static void repeat_step(matmul_t* g, block_t* block, step_t* step, uint32_t bytes) {
  const hc_matmul_args_t* args = g->args;
  const uint32_t q = HC_ABI_QUEUE_LOAD;
  const uint32_t row = step->k * g->size, scales = step->k_scales * 4u;
  const uint32_t forward = args->scale_k == 0 ? 0 : scales;
  uint32_t slot;
  const uint32_t freed = take_slot(g, &slot);
  const uint32_t low = slot - HC_CORE_SRAM_BASE;
  if (args->resident) {
    step->a += row;
    step->scale_a += forward;
    hc_dma_repeat(q, block->w, low, freed);
  } else {
    step->a = slot;
    hc_dma_repeat_shape(q, block->a, low, hc_rows(row, block->rows, args->a_stride, row), freed);
    block->a += row;
    ++rt.fills;
    if (args->scale_a != 0) {
      step->scale_a = slot + g->scale_a_at;
      hc_dma_repeat_shape(
          q, block->scale_a, low + g->scale_a_at,
          hc_rows(scales, scale_rows(args, block->rows), args->scale_a_stride, scales), freed);
      block->scale_a += forward;
      ++rt.fills;
    }
    hc_dma_repeat_shape(q, block->w, low + g->b_at, hc_line(bytes), freed);
  }
  ++rt.fills;
  block->w += bytes;
  const uint32_t first = slot + g->b_at;
  if ((args->scale_a | args->scaled_b) == 0) {
    hc_tensor_repeat(step->a, first, rt.fills);
  } else {
    const uint32_t of_scales = step->scale_b == 0 ? 0 : step->b - step->scale_b;
    hc_tensor_repeat_scaled(step->a, first + of_scales, step->scale_a, first, rt.fills);
    step->b = first + of_scales;
    step->scale_b = step->scale_b == 0 ? 0 : first;
  }
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
  const uint32_t behind = align64(block->rows * block->columns * 4u);
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
  const hc_matmul_args_t* args = g->args;
  step_t step;
  for (step.k0 = 0; step.k0 < args->k; step.k0 += step.k) {
    step.k = rt_min(args->block_k, args->k - step.k0);
    const int ends = step.k0 == 0 || step.k0 + step.k == args->k;
    const hc_gaddr_t from = block->w;
    load_step(g, block, &step);
    multiply(g, block, &step, ends ? args->part_m : block->rows);
    if (step.k0 == 0 || ends) continue;
    const uint32_t bytes = (uint32_t)(block->w - from);
    for (; step.k0 + 2u * args->block_k < args->k; step.k0 += args->block_k) {
      repeat_step(g, block, &step, bytes);
    }
  }
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

/* Cuts the ring into slots, from its start. */
static void begin_slots(matmul_t* g) {
  const hc_matmul_args_t* args = g->args;
  g->taken = g->scale_a_at = g->b_at = 0;
  if (!args->resident) {
    g->scale_a_at = align64(args->block_m * args->block_k * g->size);
    const uint32_t rows = args->scale_a == 0 ? 0 : scale_rows(args, args->block_m);
    g->b_at = g->scale_a_at + align64(rows * g->k_scales * 4u);
  }
  const uint32_t columns = args->block_n * g->width;
  g->slot_bytes =
      g->b_at + scale_bytes(g, g->k_scales, columns) + align64(args->block_k * columns * g->size);
  rt_ring_t* ring = &rt.stream;
  g->slots = rt_min(ring->size / g->slot_bytes, RT_RING_TILES - 1u);
  if (ring->offset == 0) return;
  ring->virtual += ring->size - ring->offset;
  ring->offset = 0;
}

/* Tells the ring where the last slots lie, when there was more than one turn of them. */
static void end_slots(const matmul_t* g) {
  if (g->taken <= g->slots) return;
  rt_ring_t* ring = &rt.stream;
  ring->offset = g->slot - ring->base;
  ring->virtual = ring->offset + ring->size;
  ring->released = ring->issued - g->slots;
  uint32_t at = g->slot;
  for (uint32_t tile = ring->released; tile != ring->issued; ++tile) {
    const uint32_t offset = at - ring->base;
    ring->start[tile % RT_RING_TILES] = offset < ring->offset ? offset + ring->size : offset;
    at += g->slot_bytes;
    if (at == g->end) at = g->first;
  }
}

static void begin(matmul_t* g, const hc_matmul_args_t* args) {
  const int scaled = args->scaled_b || args->scale_a != 0;
  g->args = args;
  g->size = rt_size_of(args->dtype);
  g->width = args->pairs ? 2u : 1u;
  g->acc_dtype =
      args->dtype == HC_ABI_DTYPE_INT8 && !scaled ? HC_ABI_DTYPE_INT32 : HC_ABI_DTYPE_F32;
  g->dtypes = g->acc_dtype << HC_VECTOR_FLAGS_DTYPE_SRC0_SHIFT |
              args->out_dtype << HC_VECTOR_FLAGS_DTYPE_DST_SHIFT;
  g->acc = rt_area(args->ring == 0 ? HC_SRAM_ACC0 : HC_SRAM_STREAM + args->ring);
  const uint32_t elements = args->block_m * args->block_n;
  g->set_bytes = align64(elements * g->width * 4u);
  if (args->pairs) g->set_bytes += align64(elements * rt_size_of(args->out_dtype));
  g->sets = args->sets;
  g->set = g->used = 0;
  g->started = 0;
  g->parts = blocks_of(args->block_m, args->part_m);
  g->k_scales = blocks_of(args->block_k, args->scale_k);
  if (args->ring != 0) set_ring(args->ring);
  begin_slots(g);
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
  end_slots(&g);
  rt_fence(rt_ready(), kernel_done());
  if (args->ring != 0) set_ring(HC_SRAM_STREAM_BYTES);
}
