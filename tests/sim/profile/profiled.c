/* SPDX-License-Identifier: Apache-2.0
 * A program with something to profile: named regions, a queue that fills up, a blocking read. */
#include "firmware/hal/control.h"
#include "firmware/hal/counter.h"
#include "firmware/hal/dma.h"

enum { COUNTER_DONE = 20, COMMANDS = 40, TILE_BYTES = 0x10000 };
enum { REGION_SETUP = 1, REGION_COPIES = 2, REGION_OPEN = 3, POINT = 9 };
HC_MARKER(1, "setup");
HC_MARKER(2, "copies");
HC_MARKER(9, "all issued");

#define TILE (HC_CORE_SRAM_BASE + 0x40000u)

static __attribute__((noinline)) void think(uint32_t rounds) {
  for (volatile uint32_t i = 0; i < rounds; ++i) {
  }
}

static __attribute__((noinline)) void issue(void) {
  const uint32_t core = hc_control_read(HC_CONTROL_CORE_ID);
  const uint64_t tile = (uint64_t)(HC_ABI_SPACE_CORE << 28 | 0xfffu << 16 | core << 8) << 32 |
                        (TILE - HC_CORE_SRAM_BASE);
  for (uint32_t i = 0; i < COMMANDS; ++i) {
    hc_dma_fill(HC_ABI_QUEUE_LOAD, i, tile, hc_line(TILE_BYTES), hc_when(COUNTER_DONE, i),
                hc_add(COUNTER_DONE, 1), HC_NO_ADD);
  }
}

int main(void) {
  if (hc_control_read(HC_CONTROL_CORE_ID) != 0) return 0;
  hc_region_begin(REGION_SETUP);
  think(100);
  hc_region_end(REGION_SETUP);
  hc_region_begin(REGION_COPIES);
  issue();
  hc_mark(POINT);
  hc_counter_wait(COUNTER_DONE, COMMANDS);
  hc_region_end(REGION_COPIES);
  hc_region_begin(REGION_OPEN);
  return 0;
}
