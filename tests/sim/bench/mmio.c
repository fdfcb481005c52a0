/* SPDX-License-Identifier: Apache-2.0
 * Register stores without end in sight: the host writes how many, and whether they are ordering
 * points, to the scratch area. */
#include "firmware/hal/control.h"
#include "firmware/hal/dma.h"
#include "hw/program/sram_map.h"

enum { UNROLLED = 16 };

int main(void) {
  if (hc_control_read(HC_CONTROL_CORE_ID) != 0) return 0;
  volatile uint32_t* const order = (volatile uint32_t*)(HC_CORE_SRAM_BASE + HC_SRAM_SCRATCH);
  const uint32_t stores = order[0], synced = order[1];
  for (uint32_t i = 0; i < stores; i += UNROLLED) {
#pragma GCC unroll 16
    for (uint32_t k = 0; k < UNROLLED; ++k) {
      if (synced) {
        hc_control_write(HC_CONTROL_FAULT_STATUS, 0); /* clears what is clear already */
      } else {
        hc_queue_write(HC_ABI_QUEUE_LOAD, HC_DMA_W_DST_PLANE_STRIDE, i);
      }
    }
  }
  return 0;
}
