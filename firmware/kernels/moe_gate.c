/* SPDX-License-Identifier: Apache-2.0
 *
 * Mixture of experts, the ends of it: which experts a token goes to, and the sum of what they say.
 */
#include "firmware/kernels/moe.h"

void kernel_gate(const hc_launch_t* launch) {
  const hc_gate_args_t* a = &launch->args.gate;
  const rt_range_t tokens = rt_deal(a->tokens, 1, launch);
  const uint32_t row = a->experts * 4u, pairs = a->chosen * 8u;
  const uint32_t logits = rt_area(HC_SRAM_INPUT), chosen = rt_area(HC_SRAM_SEND);
  const uint32_t bias = logits + HC_SRAM_INPUT_BYTES - rt_align64(row);
  const uint32_t block =
      rt_min((HC_SRAM_INPUT_BYTES - rt_align64(row)) / row, HC_SRAM_SEND_BYTES / pairs);
  rt_fence_sends(); /* messages may still be read from the area of the choices */
  if (tokens.begin == tokens.end) rt_fence(hc_now(), kernel_done());
  if (a->bias != 0) rt_input(a->bias, bias, hc_line(row));
  for (uint32_t first = tokens.begin; first < tokens.end; first += block) {
    const uint32_t count = rt_min(block, tokens.end - first);
    if (first != tokens.begin) hc_counter_wait(HC_COUNTER_STORED, rt.stores);
    rt_input(a->logits + (uint64_t)first * row, logits, hc_line(count * row));
    const hc_vector_t v = {.src0 = logits,
                           .src1 = bias,
                           .dst = chosen,
                           .rows = count,
                           .cols = a->experts,
                           .ld_src0 = a->experts,
                           .add_src1 = a->bias != 0,
                           .imm0 = a->scale,
                           .param0 = a->chosen,
                           .param1 = a->kind};
    hc_vector(HC_VECTOR_OP_GATE, &v, hc_when(HC_COUNTER_INPUT, rt.inputs),
              hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
    rt_store(chosen, a->pairs + (uint64_t)first * pairs, hc_line(count * pairs),
             hc_when(HC_COUNTER_VECTOR, ++rt.vectors),
             first + count >= tokens.end ? kernel_done() : HC_NO_ADD);
  }
}

/* The scratch area: terms of a block of tokens as they are in memory, and as the vector engine
 * counts their rows. Sums go to two areas in turn. */
#define TERMS_AT HC_SRAM_SCRATCH
#define TERMS 240u
#define WEIGHTS_AT (TERMS_AT + TERMS * 8u)

/* The rows that a token sums, in a tile of the ring; their weights to `weights`. */
static rt_tile_t load_rows(const hc_weigh_args_t* a, const hc_moe_pair_t* terms,
                           hc_moe_pair_t* weights) {
  const uint32_t row = a->hidden * rt_size_of(a->dtype);
  rt_tile_t tile = rt_stream_take(a->chosen * row);
  if (!rt.stream_words) rt_stream_words();
  hc_queue_write(HC_ABI_QUEUE_LOAD, HC_DMA_W_BYTES, row);
  for (uint32_t j = 0; j < a->chosen; ++j) {
    const int none = terms[j].index == HC_MOE_NONE;
    weights[j] = (hc_moe_pair_t){.weight = terms[j].weight, .index = none ? HC_MOE_NONE : j};
    if (none) continue;
    hc_dma_repeat(HC_ABI_QUEUE_LOAD, a->back + (uint64_t)terms[j].index * row,
                  tile.sram + j * row - HC_CORE_SRAM_BASE, tile.freed);
    ++rt.fills;
  }
  tile.filled = rt.fills;
  return tile;
}

/* out[t] from its rows and weights. */
static void sum_rows(const hc_weigh_args_t* a, uint32_t t, rt_tile_t rows, uint32_t weights,
                     hc_add_t done) {
  const uint32_t sum = rt_area(rt.vectors % 2u == 0 ? HC_SRAM_ACC0 : HC_SRAM_ACC1);
  const uint32_t out = a->hidden * rt_size_of(a->out_dtype);
  const hc_vector_t v = {.src0 = rows.sram,
                         .src1 = weights,
                         .dst = sum,
                         .rows = 1,
                         .cols = a->hidden,
                         .ld_src0 = a->hidden,
                         .ld_dst = a->hidden,
                         .dtype_src0 = a->dtype,
                         .dtype_dst = a->out_dtype,
                         .param0 = a->chosen,
                         .param1 = a->chosen};
  const uint32_t stored = rt.stores == 0 ? 0 : rt.stores - 1u; /* what the sum before last was */
  hc_vector(HC_VECTOR_OP_WEIGHTED_SUM, &v,
            hc_when2(HC_COUNTER_FILLED, rows.filled, HC_COUNTER_STORED, stored),
            hc_add(HC_COUNTER_VECTOR, 1), hc_add(HC_COUNTER_FREED, 1));
  rt_store(sum, a->out + (uint64_t)t * out, hc_line(out), hc_when(HC_COUNTER_VECTOR, ++rt.vectors),
           done);
}

void kernel_weigh(const hc_launch_t* launch) {
  const hc_weigh_args_t* a = &launch->args.weigh;
  const rt_range_t tokens = rt_deal(a->tokens, 1, launch);
  const uint32_t pairs = a->chosen * 8u, block = TERMS / a->chosen;
  rt_fence_sends();
  if (tokens.begin == tokens.end) rt_fence(hc_now(), kernel_done());
  for (uint32_t first = tokens.begin; first < tokens.end; first += block) {
    const uint32_t count = rt_min(block, tokens.end - first);
    /* The hart writes weights where the sums of the block before read theirs. */
    if (first != tokens.begin) hc_counter_wait(HC_COUNTER_VECTOR, rt.vectors);
    rt_input(a->terms + (uint64_t)first * pairs, rt_area(TERMS_AT), hc_line(count * pairs));
    hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t terms = rt_area(TERMS_AT) + i * pairs;
      const uint32_t weights = rt_area(WEIGHTS_AT) + i * pairs;
      const rt_tile_t rows =
          load_rows(a, (const hc_moe_pair_t*)rt_words(terms), (hc_moe_pair_t*)rt_words(weights));
      sum_rows(a, first + i, rows, weights,
               first + i + 1u == tokens.end ? kernel_done() : HC_NO_ADD);
    }
  }
}
