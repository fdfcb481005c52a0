/* SPDX-License-Identifier: Apache-2.0
 * Arguments of the kernels of a mixture of experts (firmware/kernels/moe*.c). C11 and C++17.
 *
 * Experts are spread evenly over `ranks` AIPUs: expert e lives on rank e / own, own = experts /
 * ranks. Memory that harts read (pairs, terms, arrived, table) is real in every mode. */
#ifndef HW_PROGRAM_ARGS_MOE_H
#define HW_PROGRAM_ARGS_MOE_H

#include <stdint.h>

#define HC_MOE_MOST_EXPERTS 256u /* of all ranks: a core counts its share in the scratch area */
#define HC_MOE_MOST_RUNS 512u    /* own x ranks: their table lies in the scratch area */
#define HC_MOE_MOST_CHOSEN 16u   /* experts a token */

/* {F32 bits of the weight, number}: of an expert, or of a row. */
typedef struct {
  uint32_t weight, index;
} hc_moe_pair_t;

/* pairs[t] = the `chosen` experts of token t by its router logits (opcode gate, hw/docs/vector.md);
 * a row of logits takes at most a third of the input area. */
typedef struct {
  uint64_t logits; /* F32 [tokens x experts] */
  uint64_t bias;   /* F32 [experts]; 0: none */
  uint64_t pairs;  /* hc_moe_pair_t [tokens x chosen] */
  uint32_t tokens, experts, chosen;
  uint32_t kind;  /* param1 of the opcode */
  uint32_t scale; /* F32 bits */
} hc_gate_args_t;

/* Row t of x goes to the ranks of the experts that pairs[t] names, once for each. On a rank:
 * inbox[expert of its own][source][capacity] rows and arrived[expert of its own][source] rows of
 * that. terms[t] = pairs[t] with the place of the result among back[expert][capacity] rows. */
typedef struct {
  uint64_t x;     /* tokens rows of `row` bytes */
  uint64_t pairs; /* hc_moe_pair_t [tokens x chosen] */
  uint64_t terms; /* hc_moe_pair_t [tokens x chosen] */
  uint64_t inbox, arrived;
  uint32_t tokens, chosen, experts, row;
  uint32_t capacity; /* rows kept for each expert and source, the same on all ranks; >= tokens */
  uint32_t rank, ranks, first_aipu;
} hc_dispatch_args_t;

/* Packs what has arrived: the rows of an expert follow each other, sources in order of ranks. */
typedef struct {
  uint64_t inbox, arrived;
  uint64_t packed;
  uint64_t table; /* hc_arrival_t an expert of its own, as HC_KERNEL_MATMUL reads it */
  uint32_t row, capacity, own, ranks;
} hc_pack_args_t;

/* Results of the packed rows back to where their tokens came from: back[expert][capacity]. */
typedef struct {
  uint64_t results; /* packed, `row` bytes each */
  uint64_t back;
  uint64_t arrived;
  uint32_t row, capacity, own;
  uint32_t rank, ranks, first_aipu;
} hc_return_args_t;

/* out[t] = sum of weight x back[place] over terms[t], in F32, in the order of the terms. The rows
 * of a token fit the stream ring, a sum an accumulator area. */
typedef struct {
  uint64_t back, terms, out;
  uint32_t tokens, chosen, hidden;
  uint32_t dtype, out_dtype;
} hc_weigh_args_t;

#endif
