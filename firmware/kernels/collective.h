/* SPDX-License-Identifier: Apache-2.0
 * The operations of kernel_collective (hw/docs/collectives.md). */
#ifndef FIRMWARE_KERNELS_COLLECTIVE_H
#define FIRMWARE_KERNELS_COLLECTIVE_H

#include "firmware/kernels/kernels.h"
#include "firmware/rt/collective.h"

void collective_barrier(collective_t* c);
void collective_exchange(collective_t* c);
void collective_transfer(collective_t* c);
void collective_broadcast(collective_t* c);
void collective_reduce(collective_t* c);
void collective_ring(collective_t* c);
void collective_dispatch(collective_t* c);
void collective_combine(collective_t* c);

#endif
