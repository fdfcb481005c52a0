/* SPDX-License-Identifier: Apache-2.0
 * kernel_name: out[i] = x[i] + y[i] over F32 elements in HBM, dealt over the cores in tiles. */
#ifndef KERNEL_NAME_H
#define KERNEL_NAME_H

#include "firmware/rt/rt.h"

#define KERNEL_NAME_TILE_BYTES 32768u

typedef struct {
  hc_gaddr_t x, y, out;
  uint32_t elements; /* any number */
  uint32_t cores;    /* that run the kernel: numbers 0 and up */
} kernel_name_args_t;

/* Issues everything ahead, then waits until its last result has landed in HBM. */
void kernel_name(const kernel_name_args_t* args);

#endif
