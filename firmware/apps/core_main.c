/* SPDX-License-Identifier: Apache-2.0
 * A compute core: takes launch entries from its ring and runs their kernels, in order, for ever. */
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

typedef void (*kernel_t)(const hc_launch_t*);
static const kernel_t kKernels[HC_KERNEL_COUNT] = {
    [HC_KERNEL_POSITION] = kernel_position,   [HC_KERNEL_EXIT] = kernel_exit,
    [HC_KERNEL_EMBED] = kernel_embed,         [HC_KERNEL_NORM] = kernel_norm,
    [HC_KERNEL_GEMM] = kernel_gemm,           [HC_KERNEL_ROPE] = kernel_rope,
    [HC_KERNEL_ATTENTION] = kernel_attention, [HC_KERNEL_MERGE] = kernel_merge,
    [HC_KERNEL_REDUCE] = kernel_reduce,       [HC_KERNEL_CANDIDATES] = kernel_candidates,
    [HC_KERNEL_SAMPLE] = kernel_sample,       [HC_KERNEL_SEND] = kernel_send,
    [HC_KERNEL_COLLECTIVE] = kernel_collective,
};

int main(void) {
  rt_init();
  for (uint32_t entry = 0;; ++entry) {
    hc_counter_wait(HC_COUNTER_LAUNCH, entry + 1u);
    const uint32_t slot = entry % HC_LAUNCH_RING_SLOTS;
    const hc_launch_t* launch =
        (const hc_launch_t*)(uintptr_t)(rt_area(HC_LAUNCH_RING_OFFSET) + slot * HC_LAUNCH_BYTES);
    rt.gather += launch->wait_gather;
    if (rt.core - launch->first_core < launch->core_count) {
      if (launch->kernel >= HC_KERNEL_COUNT) return 2;
      kKernels[launch->kernel](launch);
    }
    rt.phase += launch->phase_signals;
    rt.gather += launch->gather_signals;
    rt.reduce += launch->reduce_signals;
    hc_counter_add(hc_add_scoped(HC_COUNTER_SLOT_FREED + slot, 1, rt.cores));
  }
}
