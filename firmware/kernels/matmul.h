/* SPDX-License-Identifier: Apache-2.0
 * What the two files of the matrix product share: matmul.c has blocks and groups, matmul_step.c the
 * steps of a block and their slots of the ring. */
#ifndef FIRMWARE_KERNELS_MATMUL_H
#define FIRMWARE_KERNELS_MATMUL_H

#include "firmware/kernels/kernels.h"

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

/* Divisions take a hart 18 cycles: not where there is nothing to divide. */
static inline uint32_t blocks_of(uint32_t count, uint32_t unit) {
  return unit == 0 || count <= unit ? 1u : (count + unit - 1u) / unit;
}
/* Rows of scales: all of them, or the one that they share. */
static inline uint32_t scale_rows(const hc_matmul_args_t* args, uint32_t rows) {
  return args->scale_a_stride == 0 ? 1u : rows;
}

/* Cuts the ring into slots, from its start; at the end tells it where the last of them lie. */
void matmul_begin_slots(matmul_t* g);
void matmul_end_slots(const matmul_t* g);
/* Loads and products of all steps of a block. */
void matmul_steps(matmul_t* g, block_t* block);

#endif
