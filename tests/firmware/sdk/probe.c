/* SPDX-License-Identifier: Apache-2.0
 * Says what it was given; word 0 chooses how it ends. */
#include "tests/firmware/sdk/probe.h"

#include <stdio.h>

#include "firmware/boot/start.h"
#include "firmware/rt/rt.h"

static const hc_gaddr_t kHbm = (uint64_t)0xfffu << 48; /* of this AIPU */

int main(void) {
  rt_init();
  printf("core %u of %u, words %#x %#x\n", (unsigned)rt.core, (unsigned)hc_cores(),
         (unsigned)hc_argument(0), (unsigned)hc_argument(6));
  switch (hc_argument(0)) {
    case PROBE_EXIT:
      return rt.core == 1 ? 7 : 0;
    case PROBE_HANG:
      hc_counter_wait(HC_COUNTER_LOADED, 1);
      return 0;
    case PROBE_FAULT:
      return *(volatile int*)(uintptr_t)hc_argument(1);
    case PROBE_COPY: /* words 1, 2, 3: from, to, bytes */
      rt_stream_load(kHbm | hc_argument(1), hc_argument(3));
      rt_store(rt.stream.base, kHbm | hc_argument(2), hc_line(hc_argument(3)),
               hc_when(HC_COUNTER_FILLED, rt.fills), HC_NO_ADD);
      hc_counter_wait(HC_COUNTER_STORED, rt.stores);
      return 0;
    default:
      return 0;
  }
}
