/* SPDX-License-Identifier: Apache-2.0
 * Says hello, then the first core of the first AIPU outgrows its stack; the others wait. */
#include <stdio.h>

#include "firmware/hal/control.h"
#include "firmware/hal/counter.h"

static uint32_t __attribute__((noinline)) descend(uint32_t depth) {
  volatile uint32_t frame[16];
  frame[0] = depth;
  return depth == 0 ? 0 : descend(depth - 1) + frame[0];
}

int main(void) {
  const uint32_t core = hc_control_read(HC_CONTROL_CORE_ID);
  printf("hello from core %lu\n", (unsigned long)core);
  if (core == 0) printf("%lu\n", (unsigned long)descend(1000000));
  hc_counter_wait(63, 1);
  return 0;
}
