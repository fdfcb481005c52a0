/* SPDX-License-Identifier: Apache-2.0
 *
 * Mixture of experts, the ends of it: which experts a token goes to, and the sum of what they say.
 */
#include "firmware/kernels/kernels.h"

static uint32_t align64(uint32_t bytes) {
  return (bytes + 63u) & ~63u;
}

void kernel_gate(const hc_launch_t* launch) {
  const hc_gate_args_t* a = &launch->args.gate;
  const rt_range_t tokens = rt_deal(a->tokens, 1, launch);
  const uint32_t row = a->experts * 4u, pairs = a->chosen * 8u;
  const uint32_t logits = rt_area(HC_SRAM_INPUT), chosen = rt_area(HC_SRAM_SEND);
  const uint32_t bias = logits + HC_SRAM_INPUT_BYTES - align64(row);
  const uint32_t block =
      rt_min((HC_SRAM_INPUT_BYTES - align64(row)) / row, HC_SRAM_SEND_BYTES / pairs);
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

/* Tokens whose sums may be under way; a token's weights lie in the scratch area meanwhile. */
enum { SUMS = 2 };

/* The rows that token `t` sums, in a tile of the ring; their weights at `weights`. */
static rt_tile_t load_terms(const hc_weigh_args_t* a, const hc_moe_pair_t* terms,
                            uint32_t weights) {
  const uint32_t row = a->hidden * rt_size_of(a->dtype);
  rt_tile_t tile = rt_stream_take(a->chosen * row);
  hc_moe_pair_t* own = (hc_moe_pair_t*)rt_words(weights);
  for (uint32_t j = 0; j < a->chosen; ++j) {
    own[j] = (hc_moe_pair_t){.weight = terms[j].weight, .index = j};
    rt_input_after(a->back + (uint64_t)terms[j].index * row, tile.sram + j * row, hc_line(row),
                   hc_when2(HC_COUNTER_FREED, tile.freed, HC_COUNTER_GATHER, rt.gather));
  }
  return tile;
}

static uint32_t sum_of(uint32_t i) {
  return rt_area(i % SUMS == 0 ? HC_SRAM_ACC0 : HC_SRAM_ACC1);
}

void kernel_weigh(const hc_launch_t* launch) {
  const hc_weigh_args_t* a = &launch->args.weigh;
  const rt_range_t tokens = rt_deal(a->tokens, 1, launch);
  const uint32_t scratch = rt_area(HC_SRAM_SCRATCH), pairs = a->chosen * 8u;
  const uint32_t out = a->hidden * rt_size_of(a->out_dtype);
  uint32_t stored[SUMS] = {0}, summed[SUMS] = {0};
  for (uint32_t t = tokens.begin, i = 0; t < tokens.end; ++t, ++i) {
    /* Weights follow the terms that they are taken from, a set for each sum under way. */
    const uint32_t terms = scratch + i % SUMS * 2u * pairs, weights = terms + pairs;
    if (i >= SUMS) {
      hc_counter_wait(HC_COUNTER_VECTOR, summed[i % SUMS]);
      hc_counter_wait(HC_COUNTER_STORED, stored[i % SUMS]);
    }
    rt_input(a->terms + (uint64_t)t * pairs, terms, hc_line(pairs));
    hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
    const rt_tile_t rows = load_terms(a, (const hc_moe_pair_t*)rt_words(terms), weights);
    const hc_vector_t v = {.src0 = rows.sram,
                           .src1 = weights,
                           .dst = sum_of(i),
                           .rows = 1,
                           .cols = a->hidden,
                           .ld_src0 = a->hidden,
                           .ld_dst = a->hidden,
                           .dtype_src0 = a->dtype,
                           .dtype_dst = a->out_dtype,
                           .param0 = a->chosen,
                           .param1 = a->chosen};
    hc_vector(HC_VECTOR_OP_WEIGHTED_SUM, &v, hc_when(HC_COUNTER_INPUT, rt.inputs),
              hc_add(HC_COUNTER_VECTOR, 1), hc_add(HC_COUNTER_FREED, 1));
    summed[i % SUMS] = ++rt.vectors;
    rt_store(sum_of(i), a->out + (uint64_t)t * out, hc_line(out),
             hc_when(HC_COUNTER_VECTOR, rt.vectors),
             t + 1u == tokens.end ? kernel_done() : HC_NO_ADD);
    stored[i % SUMS] = rt.stores;
  }
}
