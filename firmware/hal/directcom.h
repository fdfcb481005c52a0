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

/* Writes a local range to the AIPU named in `dst`; `remote` is added there when it has landed. */
static inline void hc_put(hc_gaddr_t src, hc_gaddr_t dst, hc_shape_t shape,
                          enum hc_traffic_class traffic_class, hc_add_t remote, hc_wait_t wait,
                          hc_add_t add0, hc_add_t add1) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_sync(q, wait, add0, add1);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_SRC_LO, src);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_BYTES, shape.bytes);
  hc_queue_write(q, HC_DIRECTCOM_W_ROWS, shape.rows);
  hc_queue_write(q, HC_DIRECTCOM_W_SRC_ROW_STRIDE, shape.src_stride);
  hc_queue_write(q, HC_DIRECTCOM_W_DST_ROW_STRIDE, shape.dst_stride);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, (uint32_t)traffic_class);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, remote);
  hc_queue_ring(q, HC_DIRECTCOM_OP_PUT);
}

/* Only the remote add, at the AIPU named in `dst`. */
static inline void hc_notify(hc_gaddr_t dst, hc_add_t remote, hc_wait_t wait, hc_add_t add0) {
  const uint32_t q = HC_ABI_QUEUE_DIRECTCOM;
  hc_queue_sync(q, wait, add0, HC_NO_ADD);
  hc_queue_gaddr(q, HC_DIRECTCOM_W_DST_LO, dst);
  hc_queue_write(q, HC_DIRECTCOM_W_FLAGS, HC_CLASS_CONTROL);
  hc_queue_write(q, HC_DIRECTCOM_W_REMOTE_ADD, remote);
  hc_queue_ring(q, HC_DIRECTCOM_OP_NOTIFY);
}

#endif
