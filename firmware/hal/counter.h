/* SPDX-License-Identifier: Apache-2.0
 * Hardware counters (hw/regs/counter.yaml). */
#ifndef FIRMWARE_HAL_COUNTER_H
#define FIRMWARE_HAL_COUNTER_H

#include <stdint.h>

#include "regs/core.h"
#include "regs/counter.h"

#ifdef HC_HOST_HAL
uint32_t hc_counter_wait(uint32_t counter, uint32_t target);
void hc_counter_add(uint32_t add);
#else
static inline volatile uint32_t* hc_counter_register(uint32_t offset) {
  return (volatile uint32_t*)(HC_CORE_COUNTERS_BASE + offset);
}

/* Sleeps until the counter has reached the target; costs no simulated instructions meanwhile. */
static inline uint32_t hc_counter_wait(uint32_t counter, uint32_t target) {
  *hc_counter_register(HC_COUNTER_WAIT_ID) = counter;
  *hc_counter_register(HC_COUNTER_WAIT_TARGET) = target;
  const uint32_t value = *hc_counter_register(HC_COUNTER_WAIT_READ);
  __asm__ volatile("" ::: "memory"); /* what engines wrote before the add is read after it */
  return value;
}

/* `add` as hc_add_scoped() makes it. */
static inline void hc_counter_add(uint32_t add) {
  *hc_counter_register(HC_COUNTER_ADD) = add;
}
#endif

#endif
