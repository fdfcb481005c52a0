/* SPDX-License-Identifier: Apache-2.0
 * The program of every core: `hc1000 exec kernel_name.elf --args X,Y,OUT,ELEMENTS` with offsets in
 * HBM. */
#include "firmware/boot/start.h"
#include "kernel_name.h"

int main(void) {
  rt_init();
  const uint64_t hbm = (uint64_t)0xfffu << 48; /* of this AIPU */
  const kernel_name_args_t args = {.x = hbm | hc_argument(0),
                                   .y = hbm | hc_argument(1),
                                   .out = hbm | hc_argument(2),
                                   .elements = hc_argument(3),
                                   .cores = hc_cores()};
  kernel_name(&args);
  return 0;
}
