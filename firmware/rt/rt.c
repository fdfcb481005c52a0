/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/rt/rt.h"

rt_t rt;

void rt_init(void) {
  rt.core = hc_control_read(HC_CONTROL_CORE_ID);
  rt.cores = hc_control_read(HC_CONTROL_CORE_COUNT);
  rt.aipu = hc_control_read(HC_CONTROL_AIPU_ID);
  rt.local_high = HC_ABI_SPACE_CORE << 28 | 0xfffu << 16 | rt.core << 8;
  rt.stream.base = rt_area(HC_SRAM_STREAM);
  rt.stream.size = HC_SRAM_STREAM_BYTES;
}

rt_tile_t rt_stream_take(uint32_t bytes) {
  rt_ring_t* ring = &rt.stream;
  const uint32_t size = rt_align64(bytes);
  if (ring->offset + size > ring->size) {
    ring->virtual += ring->size - ring->offset;
    ring->offset = 0;
  }
  /* Tiles that start before `limit` lie under the new one, a turn of the ring earlier. */
  const uint32_t limit = ring->virtual + size - ring->size;
  while (ring->released != ring->issued &&
         ((int32_t)(ring->start[ring->released % RT_RING_TILES] - limit) < 0 ||
          ring->issued - ring->released >= RT_RING_TILES)) {
    ++ring->released;
  }
  ring->start[ring->issued % RT_RING_TILES] = ring->virtual;
  const uint32_t sram = ring->base + ring->offset;
  ring->offset += size;
  ring->virtual += size;
  ++ring->issued;
  return (rt_tile_t){.sram = sram, .freed = ring->released};
}

void rt_stream_words(void) {
  const uint32_t q = HC_ABI_QUEUE_LOAD;
  hc_queue_sync(q, hc_when(HC_COUNTER_FREED, 0), hc_add(HC_COUNTER_FILLED, 1), HC_NO_ADD);
  hc_queue_gaddr(q, HC_DMA_W_DST_LO, rt_local(rt.stream.base));
  hc_dma_shape(q, hc_line(0));
  rt.stream_words = 1;
}

rt_tile_t rt_stream_load(hc_gaddr_t src, uint32_t bytes) {
  rt_tile_t tile = rt_stream_take(bytes);
  if (!rt.stream_words) rt_stream_words();
  hc_queue_write(HC_ABI_QUEUE_LOAD, HC_DMA_W_BYTES, bytes);
  hc_dma_repeat(HC_ABI_QUEUE_LOAD, src, tile.sram - HC_CORE_SRAM_BASE, tile.freed);
  tile.filled = ++rt.fills;
  return tile;
}

void rt_input(hc_gaddr_t src, uint32_t sram, hc_shape_t shape) {
  rt_input_after(src, sram, shape, rt_ready());
}

void rt_input_after(hc_gaddr_t src, uint32_t sram, hc_shape_t shape, hc_wait_t wait) {
  hc_dma_copy(HC_ABI_QUEUE_STORE, src, rt_local(sram), shape, wait, hc_add(HC_COUNTER_INPUT, 1),
              HC_NO_ADD);
  ++rt.inputs;
}

void rt_store(uint32_t sram, hc_gaddr_t dst, hc_shape_t shape, hc_wait_t wait, hc_add_t signal) {
  hc_dma_copy(HC_ABI_QUEUE_STORE, rt_local(sram), dst, shape, wait, hc_add(HC_COUNTER_STORED, 1),
              signal);
  ++rt.stores;
}

void rt_fence(hc_wait_t wait, hc_add_t signal) {
  /* A copy that nobody reads; fences that follow each other have a word of their own. */
  const uint32_t word = rt_area(HC_SRAM_SCRATCH + 0xfc0u) + rt.fences++ % 16u * 4u;
  hc_dma_fill(HC_ABI_QUEUE_STORE, 0, rt_local(word), hc_line(4), wait, HC_NO_ADD, signal);
}

void rt_fence_sends(void) {
  if (rt.sends == rt.fenced_sends) return;
  rt.fenced_sends = rt.sends;
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), HC_NO_ADD);
}

void rt_send(uint32_t sram, hc_gaddr_t dst, uint32_t aipu, hc_shape_t shape,
             enum hc_traffic_class traffic_class, hc_wait_t wait, hc_add_t remote) {
  if (aipu == rt.aipu) {
    rt_store(sram, dst, shape, wait, remote);
    return;
  }
  const hc_gaddr_t there = rt_on_aipu(dst, aipu);
  hc_put(rt_local(sram), there, shape, traffic_class, remote, wait, hc_add(HC_COUNTER_SENT, 1),
         HC_NO_ADD);
  ++rt.sends;
}

rt_range_t rt_deal(uint32_t count, uint32_t unit, const hc_launch_t* launch) {
  const uint32_t units = (count + unit - 1u) / unit;
  const uint32_t index = rt.core - launch->first_core;
  const uint32_t begin = units * index / launch->core_count * unit;
  const uint32_t end = units * (index + 1u) / launch->core_count * unit;
  return (rt_range_t){rt_min(begin, count), rt_min(end, count)};
}
