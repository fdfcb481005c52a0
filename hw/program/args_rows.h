/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments of the kernels that work row by row and of those that draw tokens
 * (hw/program/launch.h). */
#ifndef HW_PROGRAM_ARGS_ROWS_H
#define HW_PROGRAM_ARGS_ROWS_H

#include <stdint.h>

/* Where the second operand of a row operation comes from. */
enum hc_rows_src1 {
  HC_ROWS_NONE = 0,
  HC_ROWS_SHARED = 1,   /* src1_rows rows for all, loaded once; they fit the input area */
  HC_ROWS_STREAMED = 2, /* a row for each row of src0 */
  HC_ROWS_GROUPED = 3   /* a row for each src1_rows rows of src0 */
};

/* dst = operation(src0, src1), row by row: any opcode of hw/regs/vector.yaml whose result is a
 * matrix as large as src0. Tiles of block_rows rows pass through the stream ring. */
typedef struct {
  uint64_t src0, src1, dst;
  uint64_t out; /* F32 [rows x out_cols]: scales of quantize */
  uint32_t opcode;
  uint32_t rows, cols;
  uint32_t src0_stride, dst_stride, out_stride; /* bytes between rows */
  uint32_t src1_kind;                           /* enum hc_rows_src1 */
  uint32_t src1_rows, src1_cols, src1_stride;
  uint32_t out_cols; /* 0: nothing goes to out */
  uint32_t dtype_src0, dtype_src1, dtype_dst;
  uint32_t add_src1, imm0, param0, param1; /* as in the command */
  uint32_t block_rows; /* of a tile, which fits the stream ring several times; grouped: divides
                          src1_rows, or is a multiple of it */
} hc_rows_args_t;

/* The `kept` best columns of each row of logits, from the share of every core: `lists` of every
 * rank gets [rank][core][rows][kept] {F32, u32}, sorted. A core adds 1 to `gather` on every rank.
 * All lists of a core fit HC_SRAM_SEND_BYTES. */
#define HC_TOP_K_TILE 0x8000u /* bytes of logits that a tile aims at */
typedef struct {
  uint64_t logits, lists;
  uint32_t rows, cols, stride, dtype; /* stride: bytes between rows of logits */
  uint32_t unit; /* columns are dealt to cores in units; a multiple of 4 bytes */
  uint32_t kept;
  uint32_t first_column; /* added to the index */
  uint32_t rank, ranks, first_aipu;
} hc_top_k_args_t;

/* Draws a token a row: the lists are merged, then temperature, length of the list and top_p decide
 * what may be drawn, and rt_random(seed, position of the step, row) which (firmware/rt/random.h).
 * kept = 1 is greedy. The lists of a row fit HC_SRAM_INPUT_BYTES. */
typedef struct {
  uint64_t lists; /* [lists_count][rows][kept] {F32, u32} */
  uint64_t ids;   /* u32 a row */
  uint64_t pairs; /* {F32 probability, u32 id} a row */
  uint32_t rows, lists_count, kept;
  uint32_t seed_low, seed_high;
  uint32_t inverse_temperature, top_p; /* F32 bits */
  uint32_t reserved;
} hc_draw_args_t;

#endif
