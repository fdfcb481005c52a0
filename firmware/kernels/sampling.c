/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens drawn from logits: every core keeps the best of its columns, the lists of all cores (and
 * ranks) are merged, and one number a row decides. The harts make the numbers; they have no
 * floating point, so they write its bits.
 */
#include "firmware/kernels/kernels.h"
#include "firmware/rt/random.h"

#define PAIR 8u /* bytes of {F32, u32} */
#define DRAWS (HC_SRAM_SCRATCH + 0x400u)
#define MOST_DRAWS 128u /* rows that fit there */

static void vector(uint32_t opcode, const hc_vector_t* v, hc_wait_t wait, hc_add_t also) {
  hc_vector(opcode, v, wait, hc_add(HC_COUNTER_VECTOR, 1), also);
  ++rt.vectors;
}

/* Lists of the own columns for all rows, behind each other. */
static void keep_best(const hc_top_k_args_t* a, rt_range_t columns, uint32_t lists) {
  const uint32_t count = columns.end - columns.begin, row = count * rt_size_of(a->dtype);
  const uint32_t block = rt_min(a->rows, HC_TOP_K_TILE / row + 1u);
  hc_wait_t ready = rt_ready();
  for (uint32_t first = 0; first < a->rows; first += block) {
    const uint32_t rows = rt_min(block, a->rows - first);
    const rt_tile_t tile = rt_stream_take(block * row);
    if (first != 0) ready = hc_when(HC_COUNTER_FREED, tile.freed);
    hc_dma_copy(HC_ABI_QUEUE_LOAD,
                a->logits + (uint64_t)first * a->stride + columns.begin * rt_size_of(a->dtype),
                rt_local(tile.sram), hc_rows(row, rows, a->stride, row), ready,
                hc_add(HC_COUNTER_FILLED, 1), HC_NO_ADD);
    ++rt.fills;
    const hc_vector_t top = {.src0 = tile.sram,
                             .dst = lists + first * a->kept * PAIR,
                             .rows = rows,
                             .cols = count,
                             .ld_src0 = count,
                             .dtype_src0 = a->dtype,
                             .param0 = a->kept,
                             .param1 = a->first_column + columns.begin};
    vector(HC_VECTOR_OP_TOP_K, &top, hc_when(HC_COUNTER_FILLED, rt.fills),
           hc_add(HC_COUNTER_FREED, 1));
  }
  rt_stream_words_lost();
}

void kernel_top_k(const hc_launch_t* launch) {
  const hc_top_k_args_t* a = &launch->args.top_k;
  const rt_range_t columns = rt_deal(a->cols, a->unit, launch);
  const uint32_t lists = rt_area(HC_SRAM_SEND), bytes = a->rows * a->kept * PAIR;
  const uint32_t index = a->rank * launch->core_count + rt.core - launch->first_core;
  /* What was sent from here before must have left. */
  hc_counter_wait(HC_COUNTER_SENT, rt.sends);
  hc_counter_wait(HC_COUNTER_STORED, rt.stores);
  hc_wait_t done = rt_ready();
  if (columns.begin != columns.end) {
    keep_best(a, columns, lists);
    done = hc_when(HC_COUNTER_VECTOR, rt.vectors);
  } else {
    /* Not numbers: whoever merges passes over them. */
    hc_dma_fill(HC_ABI_QUEUE_STORE, ~0u, rt_local(lists), hc_line(bytes), done,
                hc_add(HC_COUNTER_STORED, 1), HC_NO_ADD);
    done = hc_when(HC_COUNTER_STORED, ++rt.stores);
  }
  for (uint32_t i = 0; i < a->ranks; ++i) {
    const uint32_t rank = (a->rank + i) % a->ranks; /* the own first, then round the ring */
    rt_send(lists, a->lists + (uint64_t)index * bytes, a->first_aipu + rank, hc_line(bytes),
            HC_CLASS_TENSOR, done, hc_add_all(HC_COUNTER_GATHER));
  }
}

/* {u, top_p} of each row, where the vector engine finds them. */
static void write_draws(const hc_draw_args_t* a, uint32_t first, uint32_t rows) {
  uint32_t* draws = rt_words(rt_area(DRAWS));
  for (uint32_t r = 0; r < rows; ++r) {
    const uint32_t random = rt_random(a->seed_low, a->seed_high, rt.position, first + r);
    draws[2u * r] = rt_uniform_bits(random);
    draws[2u * r + 1u] = a->top_p;
  }
}

void kernel_draw(const hc_launch_t* launch) {
  const hc_draw_args_t* a = &launch->args.draw;
  const rt_range_t rows = rt_deal(a->rows, 1, launch);
  const uint32_t list = a->kept * PAIR;
  const uint32_t block = rt_min(MOST_DRAWS, HC_SRAM_INPUT_BYTES / (a->lists_count * list));
  const uint32_t lists = rt_area(HC_SRAM_INPUT), drawn = rt_area(HC_SRAM_SEND);
  for (uint32_t first = rows.begin; first < rows.end; first += block) {
    const uint32_t count = rt_min(block, rows.end - first);
    /* Draws, lists and results of the block before have been used. */
    hc_counter_wait(HC_COUNTER_VECTOR, rt.vectors);
    hc_counter_wait(HC_COUNTER_STORED, rt.stores);
    hc_counter_wait(HC_COUNTER_SENT, rt.sends);
    write_draws(a, first, count);
    rt_input(a->lists + (uint64_t)first * list, lists,
             hc_rows(count * list, a->lists_count, a->rows * list, count * list));
    const hc_vector_t merge = {.src0 = lists,
                               .dst = lists,
                               .rows = count,
                               .param0 = a->kept,
                               .param1 = a->lists_count,
                               .plane_stride = count * list};
    vector(HC_VECTOR_OP_TOP_K_MERGE, &merge, hc_when(HC_COUNTER_INPUT, rt.inputs), HC_NO_ADD);
    const hc_vector_t draw = {.src0 = lists,
                              .src1 = rt_area(DRAWS),
                              .dst = drawn,
                              .rows = count,
                              .cols = a->kept,
                              .imm0 = a->inverse_temperature};
    vector(HC_VECTOR_OP_SAMPLE, &draw, hc_now(), HC_NO_ADD);
    const hc_wait_t done = hc_when(HC_COUNTER_VECTOR, rt.vectors);
    rt_store(drawn + 4u, a->ids + 4u * first, hc_rows(4, count, PAIR, 4), done, HC_NO_ADD);
    rt_store(drawn, a->pairs + PAIR * first, hc_line(count * PAIR), done, HC_NO_ADD);
  }
  /* Other kernels may use the scratch area from here on. */
  hc_counter_wait(HC_COUNTER_VECTOR, rt.vectors);
  rt_fence(hc_now(), kernel_done());
}
