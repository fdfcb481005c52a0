/* SPDX-License-Identifier: Apache-2.0
 * What the acts have in common: addresses, counters, one tile of a product. */
#ifndef TESTS_FIRMWARE_CHIP_ACTS_HAL_H
#define TESTS_FIRMWARE_CHIP_ACTS_HAL_H

#include "firmware/hal/control.h"
#include "firmware/hal/counter.h"
#include "firmware/hal/dma.h"
#include "firmware/hal/tensor.h"
#include "tests/firmware/chip/acts.h"

enum { COUNTER_DONE = 20, COUNTER_NEVER = 21, COUNTER_CHAIN = 22, COUNTER_STORED = 23 };
#define TILE_A (HC_CORE_SRAM_BASE + 0x40000u)
#define TILE_B (HC_CORE_SRAM_BASE + 0x50000u)
#define TILE_C (HC_CORE_SRAM_BASE + 0x60000u)

static inline uint64_t sram(uint32_t address) {
  const uint32_t core = hc_control_read(HC_CONTROL_CORE_ID);
  return (uint64_t)(HC_ABI_SPACE_CORE << 28 | 0xfffu << 16 | core << 8) << 32 |
         (address - HC_CORE_SRAM_BASE);
}
static inline uint64_t hbm(uint64_t offset) {
  return (uint64_t)0xfffu << 48 | offset;
}
static inline hc_add_t done(void) {
  return hc_add(COUNTER_DONE, 1);
}

static inline hc_mac_t tile(void) {
  return (hc_mac_t){.a = TILE_A,
                    .b = TILE_B,
                    .c = TILE_C,
                    .m = 16,
                    .n = 16,
                    .k = 32,
                    .lda = 32,
                    .ldb = 16,
                    .ldc = 16};
}
static inline void multiply(const hc_mac_t* t) {
  hc_tensor_mac(t, hc_now(), done(), HC_NO_ADD);
}

/* Acts of acts_tiles.c: two commands on one tile, tiles that nobody wrote, chains of waits. */
int act_on_tiles(enum act act);

#endif
