/* SPDX-License-Identifier: Apache-2.0
 * What the kernels of a mixture of experts share. */
#ifndef FIRMWARE_KERNELS_MOE_H
#define FIRMWARE_KERNELS_MOE_H

#include "firmware/kernels/kernels.h"

/* In place of the number of an expert or row: none; it adds nothing (opcode weighted_sum). */
#define HC_MOE_NONE 0xffffffffu

#endif
