/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of a block. The hart must not be the limit: steps between the first and the last are
 * one product each, and repeat the commands before with other addresses. The first and the last go
 * by parts, so that a part of the result is stored while the array works on others.
 */
#include "firmware/kernels/matmul.h"

/* One step of k. */
typedef struct {
  uint32_t k0, k, k_scales;
  uint32_t a, b, scale_a, scale_b; /* in SRAM */
} step_t;

static uint32_t scale_bytes(const matmul_t* g, uint32_t k_scales, uint32_t columns) {
  if (!g->args->scaled_b) return 0;
  const uint32_t unit = g->args->scale_n;
  return rt_align64(k_scales * (unit == 1u ? columns : blocks_of(columns, unit)) * 4u);
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
  const uint32_t bytes = scales + rt_align64(step->k * g->size * block->columns);
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

void matmul_steps(matmul_t* g, block_t* block) {
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
}

void matmul_begin_slots(matmul_t* g) {
  const hc_matmul_args_t* args = g->args;
  g->taken = g->scale_a_at = g->b_at = 0;
  if (!args->resident) {
    g->scale_a_at = rt_align64(args->block_m * args->block_k * g->size);
    const uint32_t rows = args->scale_a == 0 ? 0 : scale_rows(args, args->block_m);
    g->b_at = g->scale_a_at + rt_align64(rows * g->k_scales * 4u);
  }
  const uint32_t columns = args->block_n * g->width;
  g->slot_bytes = g->b_at + scale_bytes(g, g->k_scales, columns) +
                  rt_align64(args->block_k * columns * g->size);
  rt_ring_t* ring = &rt.stream;
  g->slots = rt_min(ring->size / g->slot_bytes, RT_RING_TILES - 1u);
  if (ring->offset == 0) return;
  ring->virtual += ring->size - ring->offset;
  ring->offset = 0;
}

void matmul_end_slots(const matmul_t* g) {
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
