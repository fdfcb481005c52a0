/* SPDX-License-Identifier: Apache-2.0
 * The tensor engine's queue (hw/regs/tensor.yaml). */
#ifndef FIRMWARE_HAL_TENSOR_H
#define FIRMWARE_HAL_TENSOR_H

#include "firmware/hal/queue.h"
#include "regs/tensor.h"

/* C[m x n] (+)= A[m x k] . B; addresses in own SRAM, leading dimensions in elements. */
typedef struct {
  uint32_t a, b, c;
  uint32_t m, n, k;
  uint32_t lda, ldb, ldc;
  uint32_t dtype_a, dtype_b;
  uint32_t accumulate, transpose_b;
  /* Scales (hw/regs/tensor.yaml); an address of 0 means none. */
  uint32_t scale_a, scale_b, ld_scale_a, ld_scale_b, scale_k, scale_n;
} hc_mac_t;

static inline void hc_tensor_mac(const hc_mac_t* t, hc_wait_t wait, hc_add_t add0, hc_add_t add1) {
  const uint32_t q = HC_ABI_QUEUE_TENSOR;
  hc_queue_sync(q, wait, add0, add1);
  hc_queue_write(q, HC_TENSOR_W_A, t->a);
  hc_queue_write(q, HC_TENSOR_W_B, t->b);
  hc_queue_write(q, HC_TENSOR_W_C, t->c);
  hc_queue_write(q, HC_TENSOR_W_M, t->m);
  hc_queue_write(q, HC_TENSOR_W_N, t->n);
  hc_queue_write(q, HC_TENSOR_W_K, t->k);
  hc_queue_write(q, HC_TENSOR_W_LDA, t->lda);
  hc_queue_write(q, HC_TENSOR_W_LDB, t->ldb);
  hc_queue_write(q, HC_TENSOR_W_LDC, t->ldc);
  hc_queue_write(q, HC_TENSOR_W_FLAGS,
                 t->dtype_a << HC_TENSOR_FLAGS_DTYPE_A_SHIFT |
                     t->dtype_b << HC_TENSOR_FLAGS_DTYPE_B_SHIFT |
                     t->accumulate << HC_TENSOR_FLAGS_ACCUMULATE_SHIFT |
                     t->transpose_b << HC_TENSOR_FLAGS_TRANSPOSE_B_SHIFT |
                     (uint32_t)(t->scale_a != 0) << HC_TENSOR_FLAGS_SCALED_A_SHIFT |
                     (uint32_t)(t->scale_b != 0) << HC_TENSOR_FLAGS_SCALED_B_SHIFT);
  if ((t->scale_a | t->scale_b) != 0) {
    hc_queue_write(q, HC_TENSOR_W_SCALE_A, t->scale_a);
    hc_queue_write(q, HC_TENSOR_W_SCALE_B, t->scale_b);
    hc_queue_write(q, HC_TENSOR_W_LD_SCALE_A, t->ld_scale_a);
    hc_queue_write(q, HC_TENSOR_W_LD_SCALE_B, t->ld_scale_b);
    hc_queue_write(q, HC_TENSOR_W_SCALE_K, t->scale_k);
    hc_queue_write(q, HC_TENSOR_W_SCALE_N, t->scale_n);
  }
  hc_queue_ring(q, HC_TENSOR_OP_MAC);
}

#endif
