/* SPDX-License-Identifier: Apache-2.0
 * Every kernel: issues the commands of this core's share of the launch, waiting for nothing that a
 * command can wait for itself. Arguments: hw/program/launch.h. */
#ifndef FIRMWARE_KERNELS_KERNELS_H
#define FIRMWARE_KERNELS_KERNELS_H

#include "firmware/rt/rt.h"

void kernel_embed(const hc_launch_t* launch);
void kernel_norm(const hc_launch_t* launch);
void kernel_gemm(const hc_launch_t* launch);
void kernel_rope(const hc_launch_t* launch);
void kernel_attention(const hc_launch_t* launch);
void kernel_merge(const hc_launch_t* launch);
void kernel_reduce(const hc_launch_t* launch);
void kernel_candidates(const hc_launch_t* launch);
void kernel_sample(const hc_launch_t* launch);
void kernel_send(const hc_launch_t* launch);
void kernel_collective(const hc_launch_t* launch);
void kernel_stream(const hc_launch_t* launch);
void kernel_matmul(const hc_launch_t* launch);
void kernel_flash(const hc_launch_t* launch);
void kernel_flash_merge(const hc_launch_t* launch);
void kernel_append(const hc_launch_t* launch);
void kernel_transfer(const hc_launch_t* launch);
void kernel_heads(const hc_launch_t* launch);
void kernel_row_op(const hc_launch_t* launch);
void kernel_top_k(const hc_launch_t* launch);
void kernel_draw(const hc_launch_t* launch);
void kernel_gate(const hc_launch_t* launch);
void kernel_dispatch(const hc_launch_t* launch);
void kernel_pack(const hc_launch_t* launch);
void kernel_return(const hc_launch_t* launch);
void kernel_weigh(const hc_launch_t* launch);

typedef void (*kernel_t)(const hc_launch_t*);
extern const kernel_t kernel_table[HC_KERNEL_COUNT];

/* The add that reports this core's part of a kernel as done, to every core of the AIPU. */
static inline hc_add_t kernel_done(void) {
  return hc_add_all(HC_COUNTER_PHASE);
}

#endif
