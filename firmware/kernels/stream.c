/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams HBM through the ring of every core: the yardstick of kernels that are bound by memory.
 * Nobody reads a tile, so its load frees it as well.
 */
#include "firmware/kernels/kernels.h"

void kernel_stream(const hc_launch_t* launch) {
  const hc_stream_args_t* a = &launch->args.stream;
  const uint32_t tiles = (uint32_t)((a->bytes + a->tile - 1u) / a->tile);
  const rt_range_t own = rt_deal(tiles, 1, launch);
  rt_stream_words();
  hc_queue_write(HC_ABI_QUEUE_LOAD, HC_ABI_W_ADD1, hc_add(HC_COUNTER_FREED, 1));
  for (uint32_t tile = own.begin; tile < own.end; ++tile) {
    const uint64_t at = (uint64_t)tile * a->tile;
    const uint64_t left = a->bytes - at;
    rt_stream_load(a->src + at, left < a->tile ? (uint32_t)left : a->tile);
  }
  rt_stream_words_lost();
  rt_fence(hc_when(HC_COUNTER_FILLED, rt.fills), kernel_done());
}
