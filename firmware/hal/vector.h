/* SPDX-License-Identifier: Apache-2.0
 * The vector engine's queue (hw/regs/vector.yaml): one structure, the opcode says which members
 * count. */
#ifndef FIRMWARE_HAL_VECTOR_H
#define FIRMWARE_HAL_VECTOR_H

#include "firmware/hal/queue.h"
#include "regs/vector.h"

typedef struct {
  uint32_t src0, src1, src2, dst;
  uint32_t rows, cols;
  uint32_t ld_src0, ld_src1, ld_dst;
  uint32_t dtype_src0, dtype_src1, dtype_dst;
  uint32_t first, add_src1;
  uint32_t imm0, param0, param1;
  uint32_t plane_stride, plane_stride2;
  uint32_t out, out_cols, ld_out;
  uint32_t window;
} hc_vector_t;

static inline void hc_vector(uint32_t opcode, const hc_vector_t* v, hc_wait_t wait, hc_add_t add0,
                             hc_add_t add1) {
  const uint32_t q = HC_ABI_QUEUE_VECTOR;
  hc_queue_sync(q, wait, add0, add1);
  const uint32_t* member = &v->src0;
  for (uint32_t word = HC_VECTOR_W_SRC0; word <= HC_VECTOR_W_LD_DST; ++word) {
    hc_queue_write(q, word, *member++);
  }
  hc_queue_write(q, HC_VECTOR_W_FLAGS,
                 v->dtype_src0 << HC_VECTOR_FLAGS_DTYPE_SRC0_SHIFT |
                     v->dtype_src1 << HC_VECTOR_FLAGS_DTYPE_SRC1_SHIFT |
                     v->dtype_dst << HC_VECTOR_FLAGS_DTYPE_DST_SHIFT |
                     v->first << HC_VECTOR_FLAGS_FIRST_SHIFT |
                     v->add_src1 << HC_VECTOR_FLAGS_ADD_SRC1_SHIFT);
  member = &v->imm0;
  for (uint32_t word = HC_VECTOR_W_IMM0; word <= HC_VECTOR_W_WINDOW; ++word) {
    hc_queue_write(q, word, *member++);
  }
  hc_queue_ring(q, opcode);
}

/* A conversion or SwiGLU of F32 (or INT32) with a pitch of `pitch` elements to dense rows: the
 * words that these operations read and no others, for kernels that issue many. */
static inline void hc_vector_finish(uint32_t opcode, uint32_t src0, uint32_t src1, uint32_t dst,
                                    uint32_t rows, uint32_t cols, uint32_t pitch, uint32_t dtypes,
                                    uint32_t factor, hc_wait_t wait, hc_add_t add) {
  const uint32_t q = HC_ABI_QUEUE_VECTOR;
  hc_queue_sync(q, wait, add, HC_NO_ADD);
  hc_queue_write(q, HC_VECTOR_W_SRC0, src0);
  hc_queue_write(q, HC_VECTOR_W_SRC1, src1);
  hc_queue_write(q, HC_VECTOR_W_DST, dst);
  hc_queue_write(q, HC_VECTOR_W_ROWS, rows);
  hc_queue_write(q, HC_VECTOR_W_COLS, cols);
  hc_queue_write(q, HC_VECTOR_W_LD_SRC0, pitch);
  hc_queue_write(q, HC_VECTOR_W_LD_SRC1, pitch);
  hc_queue_write(q, HC_VECTOR_W_LD_DST, cols);
  hc_queue_write(q, HC_VECTOR_W_FLAGS, dtypes);
  hc_queue_write(q, HC_VECTOR_W_IMM0, factor);
  hc_queue_ring(q, opcode);
}

#endif
