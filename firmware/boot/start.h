/* SPDX-License-Identifier: Apache-2.0
 * What the host gave a program at its start (`hc1000 exec`): a0 how many cores run it, a1..a7
 * words. */
#ifndef FIRMWARE_BOOT_START_H
#define FIRMWARE_BOOT_START_H

#include <stdint.h>

#define HC_ARGUMENTS 7u

/* Compute cores of this AIPU that run the program, numbers 0 and up. */
uint32_t hc_cores(void);
/* Word n of `--args`; 0 for one that was not given. */
uint32_t hc_argument(uint32_t n);

#endif
