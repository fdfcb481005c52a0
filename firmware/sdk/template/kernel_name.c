/* SPDX-License-Identifier: Apache-2.0
 * One straight program: the hart issues loads, sums and stores ahead of the engines; counters say
 * when each may begin. Tiles of x and y come through the stream ring, results leave from two
 * buffers in turn. */
#include "kernel_name.h"

#define BUFFERS 2u

static const uint32_t kOut[BUFFERS] = {HC_SRAM_ACC0, HC_SRAM_ACC1};

/* The sum of two tiles begins when both have landed and the buffer's last store is done; then the
 * ring has both tiles back. */
static void sum(rt_tile_t x, rt_tile_t y, uint32_t out, uint32_t bytes, uint32_t stored) {
  const uint32_t elements = bytes / sizeof(float);
  const hc_vector_t add = {.src0 = x.sram,
                           .src1 = y.sram,
                           .dst = out,
                           .rows = 1,
                           .cols = elements,
                           .ld_src0 = elements,
                           .ld_src1 = elements,
                           .ld_dst = elements,
                           .dtype_src0 = HC_ABI_DTYPE_F32,
                           .dtype_src1 = HC_ABI_DTYPE_F32,
                           .dtype_dst = HC_ABI_DTYPE_F32};
  hc_vector(HC_VECTOR_OP_ADD, &add,
            hc_when2(HC_COUNTER_FILLED, y.filled, HC_COUNTER_STORED, stored),
            hc_add(HC_COUNTER_VECTOR, 1), hc_add(HC_COUNTER_FREED, 2));
  ++rt.vectors;
}

void kernel_name(const kernel_name_args_t* args) {
  const uint64_t bytes = (uint64_t)args->elements * sizeof(float);
  const uint32_t step = args->cores * KERNEL_NAME_TILE_BYTES;
  uint32_t n = 0;
  for (uint64_t at = (uint64_t)rt.core * KERNEL_NAME_TILE_BYTES; at < bytes; at += step) {
    const uint32_t size =
        bytes - at < KERNEL_NAME_TILE_BYTES ? (uint32_t)(bytes - at) : KERNEL_NAME_TILE_BYTES;
    const rt_tile_t x = rt_stream_load(args->x + at, size);
    const rt_tile_t y = rt_stream_load(args->y + at, size);
    const uint32_t out = rt_area(kOut[n % BUFFERS]);
    sum(x, y, out, size, n < BUFFERS ? 0 : n - BUFFERS + 1u);
    rt_store(out, args->out + at, hc_line(size), hc_when(HC_COUNTER_VECTOR, rt.vectors), HC_NO_ADD);
    ++n;
  }
  hc_counter_wait(HC_COUNTER_STORED, rt.stores);
}
