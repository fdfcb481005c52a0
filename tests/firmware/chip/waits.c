/* SPDX-License-Identifier: Apache-2.0
 * Waits for a counter that nobody adds to. */
#include "firmware/hal/counter.h"

int main(void) {
  hc_counter_wait(63, 1);
  return 0;
}
