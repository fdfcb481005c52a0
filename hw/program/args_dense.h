/* SPDX-License-Identifier: Apache-2.0
 * Arguments of the matrix product (firmware/kernels/matmul.c). C11 and C++17. */
#ifndef HW_PROGRAM_ARGS_DENSE_H
#define HW_PROGRAM_ARGS_DENSE_H

#include <stdint.h>

/* Limits of the kernel. */
#define HC_MATMUL_MOST_PARTS 16u   /* parts of all accumulators of a core */
#define HC_MATMUL_MOST_GROUPS 256u /* their table lies in the scratch area */
#define HC_MATMUL_NO_SCALES 0u
#define HC_MATMUL_SCALED 1u

/* out = (a . w) * out_scale, by blocks of block_m rows x block_n columns that are dealt to the
 * cores in turn, down the rows first. A core keeps a block in `parts` accumulators of part_m rows
 * each and takes k in steps of block_k: one tile of w and, unless `a` is resident, one of each part
 * of it.
 *
 * Weights are packed: column block n of group g begins at w + g * group_stride + n * column_stride
 * and holds its tiles of k one behind the other, each of them its scales (F32, [k block][column
 * block]) and then the weights, row-major [k][columns], both padded to 64 bytes.
 *
 * Terms of k that share a scale: scale_k (0: all of them); columns: scale_n (0: all). block_k is a
 * multiple of scale_k, and of block_n and scale_n one is a multiple of the other. */
typedef struct {
  uint64_t a, w, out;
  uint64_t scale_a; /* F32 [rows][k / scale_k]; 0: a has no scales */
  uint64_t table;   /* hc_arrival_t a group; 0: one group of `rows` rows */
  uint32_t rows, k, cols;
  uint32_t a_stride, out_stride,
      scale_a_stride; /* bytes between rows; scales: 0: one row for all */
  uint32_t block_m, block_n, block_k, part_m;
  uint32_t column_stride, group_stride; /* bytes */
  uint32_t groups;
  uint32_t group_rows; /* rows of group g begin at g * group_rows; 0: where its entry says */
  uint32_t dtype, out_dtype;
  uint32_t scale_k, scale_n;
  uint32_t scaled_b;  /* HC_MATMUL_SCALED: w has scales */
  uint32_t out_scale; /* F32 bits */
  uint32_t pairs;     /* 1: a column block is its gate columns and then those of up: silu(gate) * up
                         is stored; block_n and cols count pairs */
  uint32_t resident;  /* 1: all of `a` and its scales lie in the input area: one group, one part */
  uint32_t sets;      /* accumulators of a block, used in turn */
  uint32_t ring;      /* bytes of the stream ring, accumulators behind it; 0: the areas of
                         sram_map.h, accumulators from HC_SRAM_ACC0 on */
} hc_matmul_args_t;

#endif
