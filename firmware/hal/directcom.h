/* SPDX-License-Identifier: Apache-2.0
 * Messages to other AIPUs (hw/regs/directcom.yaml). */
#ifndef FIRMWARE_HAL_DIRECTCOM_H
#define FIRMWARE_HAL_DIRECTCOM_H

#include "firmware/hal/dma.h"
#include "regs/directcom.h"

enum hc_traffic_class {
  HC_CLASS_CONTROL = 0,
  HC_CLASS_EXPERT = 1,
  HC_CLASS_TENSOR = 2,
  HC_CLASS_BULK = 3
};

/* As the AIPU of `dst`: all AIPUs of the own module but this one, where the switches multicast.
 * Done when all have acknowledged. */
#define HC_AIPU_MODULE 0xffeu

/* Writes a local range to the AIPU named in `dst`; `remote` is added there when it has landed.
 * `pace`: the most of the lanes that it may take, in 1/256 (1..255); 0 for no limit. */
static inline void hc_put_paced(hc_gaddr_t src, hc_gaddr_t dst, hc_shape_t shape,
                                enum hc_traffic_class traffic_class, uint32_t pace, hc_add_t remote,
                                hc_wait_t wait, hc_add_t add0, hc_add_t add1) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_sync(q, wait, add0, add1);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_SRC_LO, src);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_BYTES, shape.bytes);
  hc_queue_write(q, HC_DIRECTCOM_W_ROWS, shape.rows);
  hc_queue_write(q, HC_DIRECTCOM_W_SRC_ROW_STRIDE, shape.src_stride);
  hc_queue_write(q, HC_DIRECTCOM_W_DST_ROW_STRIDE, shape.dst_stride);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS,
                 (uint32_t)traffic_class | pace << HC_DIRECTCOM_FLAGS_PACE_SHIFT);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, remote);
  hc_queue_ring(q, HC_DIRECTCOM_OP_PUT);
}

/* The same at full speed. */
static inline void hc_put(hc_gaddr_t src, hc_gaddr_t dst, hc_shape_t shape,
                          enum hc_traffic_class traffic_class, hc_add_t remote, hc_wait_t wait,
                          hc_add_t add0, hc_add_t add1) {
  hc_put_paced(src, dst, shape, traffic_class, 0, remote, wait, add0, add1);
}

/* Only the remote add, at the AIPU named in `dst`. */
static inline void hc_notify(hc_gaddr_t dst, enum hc_traffic_class traffic_class, hc_add_t remote) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_sync(q, hc_now(), HC_NO_ADD, HC_NO_ADD);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, (uint32_t)traffic_class);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, remote);
  hc_queue_ring(q, HC_DIRECTCOM_OP_NOTIFY);
}

/* Puts of one row that differ in what hc_put_line() takes: fewer stores a message. */
static inline void hc_put_lines(enum hc_traffic_class traffic_class, hc_add_t add0) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_write(q, HC_ABI_W_ADD0, add0);
  hc_queue_write(q, HC_ABI_W_ADD1, HC_NO_ADD);
  hc_queue_write(q, HC_DIRECTCOM_W_ROWS, 1);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, (uint32_t)traffic_class);
}
static inline void hc_put_wait(hc_wait_t wait) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_write(q, HC_ABI_W_WAIT, wait.word);
  if (wait.word == 0) return;
  hc_queue_write(q, HC_ABI_W_WAIT0_TARGET, wait.target0);
  hc_queue_write(q, HC_ABI_W_WAIT1_TARGET, wait.target1);
}
static inline void hc_put_line(hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, hc_add_t remote) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_gaddr(q, HC_DIRECTCOM_W_SRC_LO, src);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_BYTES, bytes);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, remote);
  hc_queue_ring(q, HC_DIRECTCOM_OP_PUT);
}
/* Gets the sum of a row of numbers of all AIPUs of the module named in `src`, F32 or else BF16;
 * the class of the puts stays. */
static inline void hc_get_sum_line(hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, int f32,
                                   enum hc_traffic_class traffic_class, hc_add_t landed) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  const uint32_t element = f32 ? 1u : 2u;
  hc_queue_gaddr(q, HC_DIRECTCOM_W_SRC_LO, src);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_BYTES, bytes);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS,
                 (uint32_t)traffic_class | element << HC_DIRECTCOM_FLAGS_ELEMENT_SHIFT);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, landed);
  hc_queue_ring(q, HC_DIRECTCOM_OP_GET);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, (uint32_t)traffic_class);
}
/* Only the remote add, at the AIPU named in `dst`; the class of the puts is `others`. */
static inline void hc_notify_line(hc_gaddr_t dst, hc_add_t remote, enum hc_traffic_class others) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, HC_CLASS_CONTROL);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, remote);
  hc_queue_ring(q, HC_DIRECTCOM_OP_NOTIFY);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, (uint32_t)others);
}

#endif
