/* SPDX-License-Identifier: Apache-2.0
 * Copies and fills of the two DMA queues (hw/regs/dma.yaml). */
#ifndef FIRMWARE_HAL_DMA_H
#define FIRMWARE_HAL_DMA_H

#include "firmware/hal/queue.h"
#include "regs/dma.h"

/* The shape of a copy: planes x rows x bytes, strides in bytes. */
typedef struct {
  uint32_t bytes, rows, src_stride, dst_stride;
  uint32_t planes, src_plane, dst_plane;
} hc_shape_t;

static inline hc_shape_t hc_line(uint32_t bytes) {
  return (hc_shape_t){.bytes = bytes, .rows = 1, .planes = 1};
}
static inline hc_shape_t hc_rows(uint32_t bytes, uint32_t rows, uint32_t src_stride,
                                 uint32_t dst_stride) {
  return (hc_shape_t){.bytes = bytes,
                      .rows = rows,
                      .src_stride = src_stride,
                      .dst_stride = dst_stride,
                      .planes = 1};
}

static inline void hc_dma_shape(uint32_t queue, hc_shape_t s) {
  hc_queue_write(queue, HC_DMA_W_BYTES, s.bytes);
  hc_queue_write(queue, HC_DMA_W_ROWS, s.rows);
  hc_queue_write(queue, HC_DMA_W_PLANES, s.planes);
  if (s.rows > 1) {
    hc_queue_write(queue, HC_DMA_W_SRC_ROW_STRIDE, s.src_stride);
    hc_queue_write(queue, HC_DMA_W_DST_ROW_STRIDE, s.dst_stride);
  }
  if (s.planes > 1) {
    hc_queue_write(queue, HC_DMA_W_SRC_PLANE_STRIDE, s.src_plane);
    hc_queue_write(queue, HC_DMA_W_DST_PLANE_STRIDE, s.dst_plane);
  }
}

/* Copies when `wait` is over, then does the adds. `queue`: HC_ABI_QUEUE_LOAD or _STORE. */
static inline void hc_dma_copy(uint32_t queue, hc_gaddr_t src, hc_gaddr_t dst, hc_shape_t shape,
                               hc_wait_t wait, hc_add_t add0, hc_add_t add1) {
  hc_queue_sync(queue, wait, add0, add1);
  hc_queue_gaddr(queue, HC_DMA_W_SRC_LO, src);
  hc_queue_gaddr(queue, HC_DMA_W_DST_LO, dst);
  hc_dma_shape(queue, shape);
  hc_queue_ring(queue, HC_DMA_OP_COPY);
}

/* Copies of one row that differ in what this takes: a third of the stores of hc_dma_copy(). The
 * other words are those of a hc_dma_copy() of a line before it, with a wait for one counter. */
static inline void hc_dma_copy_line(uint32_t queue, hc_gaddr_t src, uint32_t dst_lo, uint32_t bytes,
                                    uint32_t target) {
  hc_queue_write(queue, HC_ABI_W_WAIT0_TARGET, target);
  hc_queue_gaddr(queue, HC_DMA_W_SRC_LO, src);
  hc_queue_write(queue, HC_DMA_W_DST_LO, dst_lo);
  hc_queue_write(queue, HC_DMA_W_BYTES, bytes);
  hc_queue_ring(queue, HC_DMA_OP_COPY);
}

/* Writes a 32-bit pattern over the destination. */
static inline void hc_dma_fill(uint32_t queue, uint32_t pattern, hc_gaddr_t dst, hc_shape_t shape,
                               hc_wait_t wait, hc_add_t add0, hc_add_t add1) {
  hc_queue_sync(queue, wait, add0, add1);
  hc_queue_write(queue, HC_DMA_W_SRC_LO, pattern);
  hc_queue_gaddr(queue, HC_DMA_W_DST_LO, dst);
  hc_dma_shape(queue, shape);
  hc_queue_ring(queue, HC_DMA_OP_FILL);
}

#endif
