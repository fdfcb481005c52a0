/* SPDX-License-Identifier: Apache-2.0
 * The chip-control core: streams the program list from HBM into the launch rings of all cores. */
#include "firmware/rt/rt.h"

static const hc_gaddr_t kHbm = (uint64_t)0xfffu << 48; /* of this AIPU */

/* Entry `n` of the run goes into its ring slot when every core has finished with what lies there.
 */
static void launch(uint32_t list_index, uint32_t n) {
  const uint32_t slot = n % HC_LAUNCH_RING_SLOTS;
  const hc_gaddr_t entry = HC_PROGRAM_ENTRIES + (uint64_t)list_index * HC_LAUNCH_BYTES;
  const hc_gaddr_t ring =
      (uint64_t)(HC_ABI_SPACE_CORE << 28 | 0xfffu << 16 | HC_ABI_SCOPE_ALL_CORES << 8) << 32 |
      (HC_LAUNCH_RING_OFFSET + slot * HC_LAUNCH_BYTES);
  hc_dma_copy(HC_ABI_QUEUE_LOAD, kHbm | entry, ring, hc_line(HC_LAUNCH_BYTES),
              hc_when(HC_COUNTER_SLOT_FREED + slot, n / HC_LAUNCH_RING_SLOTS * rt.cores),
              hc_add_all(HC_COUNTER_LAUNCH), HC_NO_ADD);
}

int main(void) {
  rt_init();
  const uint32_t scratch = rt_area(HC_SRAM_SCRATCH);
  hc_dma_copy(HC_ABI_QUEUE_LOAD, kHbm, rt_local(scratch), hc_line(sizeof(hc_program_t)), hc_now(),
              hc_add(HC_COUNTER_LOADED, 1), HC_NO_ADD);
  hc_counter_wait(HC_COUNTER_LOADED, 1);
  const hc_program_t* program = (const hc_program_t*)(uintptr_t)scratch;
  if (program->magic != HC_PROGRAM_MAGIC) return 2;
  uint32_t n = 0;
  for (uint32_t s = 0; s < program->segments; ++s) {
    const hc_segment_t* segment = &program->segment[s];
    for (uint32_t turn = 0; turn < segment->repeat; ++turn) {
      for (uint32_t i = 0; i < segment->count; ++i)
        launch(segment->first + i, n++);
    }
  }
  return 0;
}
