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

#define HC_ROWS_MOST_AHEAD 8u

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
  uint32_t block_rows;                     /* grouped: divides src1_rows, or is a multiple of it */
  uint32_t ahead; /* tiles loaded before the first is stored, 1..HC_ROWS_MOST_AHEAD; ahead + 2 of
                     them fit the stream ring */
} hc_rows_args_t;

#endif
