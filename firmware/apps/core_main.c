/* SPDX-License-Identifier: Apache-2.0
 * A compute core: takes launch entries from its ring and runs their kernels, in order, for ever. */
#include "firmware/kernels/kernels.h"

int main(void) {
  rt_init();
  for (uint32_t entry = 0;; ++entry) {
    hc_counter_wait(HC_COUNTER_LAUNCH, entry + 1u);
    const uint32_t slot = entry % HC_LAUNCH_RING_SLOTS;
    const hc_launch_t* launch =
        (const hc_launch_t*)(uintptr_t)(rt_area(HC_LAUNCH_RING_OFFSET) + slot * HC_LAUNCH_BYTES);
    rt.gather += launch->wait_gather;
    if (rt.core - launch->first_core < launch->core_count) {
      if (launch->kernel >= HC_KERNEL_COUNT) return 2;
      kernel_table[launch->kernel](launch);
    }
    rt.phase += launch->phase_signals;
    rt.gather += launch->gather_signals;
    rt.reduce += launch->reduce_signals;
    hc_counter_add(hc_add_scoped(HC_COUNTER_SLOT_FREED + slot, 1, rt.cores));
  }
}
