/* SPDX-License-Identifier: Apache-2.0
 * Every kernel by its number, and the two that only keep the books. */
#include "firmware/kernels/kernels.h"

static void kernel_position(const hc_launch_t* launch) {
  const hc_position_args_t* a = &launch->args.position;
  rt.position = a->add ? rt.position + a->value : a->value;
}

static void kernel_exit(const hc_launch_t* launch) {
  (void)launch;
  hc_counter_wait(HC_COUNTER_PHASE, rt.phase);
  hc_counter_wait(HC_COUNTER_GATHER, rt.gather);
  hc_counter_wait(HC_COUNTER_SENT, rt.sends);
  hc_exit(0);
}

const kernel_t kernel_table[HC_KERNEL_COUNT] = {
    [HC_KERNEL_POSITION] = kernel_position,
    [HC_KERNEL_EXIT] = kernel_exit,
    [HC_KERNEL_EMBED] = kernel_embed,
    [HC_KERNEL_NORM] = kernel_norm,
    [HC_KERNEL_GEMM] = kernel_gemm,
    [HC_KERNEL_ROPE] = kernel_rope,
    [HC_KERNEL_ATTENTION] = kernel_attention,
    [HC_KERNEL_MERGE] = kernel_merge,
    [HC_KERNEL_REDUCE] = kernel_reduce,
    [HC_KERNEL_CANDIDATES] = kernel_candidates,
    [HC_KERNEL_SAMPLE] = kernel_sample,
    [HC_KERNEL_SEND] = kernel_send,
    [HC_KERNEL_COLLECTIVE] = kernel_collective,
    [HC_KERNEL_STREAM] = kernel_stream,
    [HC_KERNEL_MATMUL] = kernel_matmul,
    [HC_KERNEL_FLASH] = kernel_flash,
    [HC_KERNEL_FLASH_MERGE] = kernel_flash_merge,
    [HC_KERNEL_APPEND] = kernel_append,
    [HC_KERNEL_TRANSFER] = kernel_transfer,
    [HC_KERNEL_HEADS] = kernel_heads,
    [HC_KERNEL_ROWS] = kernel_row_op,
    [HC_KERNEL_TOP_K] = kernel_top_k,
    [HC_KERNEL_DRAW] = kernel_draw,
    [HC_KERNEL_GATE] = kernel_gate,
    [HC_KERNEL_DISPATCH] = kernel_dispatch,
    [HC_KERNEL_PACK] = kernel_pack,
    [HC_KERNEL_RETURN] = kernel_return,
    [HC_KERNEL_WEIGH] = kernel_weigh,
};
