/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/rt/collective.h"

uint32_t collective_chunks(const collective_t* c) {
  return (c->args->piece + c->args->chunk - 1u) / c->args->chunk;
}

hc_gaddr_t collective_sram(const collective_t* c, uint32_t rank, uint32_t core, uint32_t offset) {
  const uint32_t high = HC_ABI_SPACE_CORE << 28 | (c->args->first_aipu + rank) << 16 | core << 8;
  return (uint64_t)high << 32 | offset;
}

void collective_notify(collective_t* c, uint32_t rank, hc_wait_t wait, hc_add_t remote) {
  collective_message_waits(c, wait);
  hc_notify_line(collective_at(c, rank, 0), remote, collective_class(c));
  ++rt.sends;
}

void collective_notify_module(collective_t* c, hc_wait_t wait, hc_add_t remote) {
  collective_message_waits(c, wait);
  hc_notify_line(collective_at_module(0), remote, collective_class(c));
  ++rt.sends;
}

void collective_get_sum(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes,
                        hc_wait_t wait, hc_add_t landed) {
  collective_message_waits(c, wait);
  hc_get_sum_line(collective_at_module(src), dst, bytes, rt_size_of(c->args->dtype) == 4u,
                  collective_class(c), landed);
  ++rt.sends;
}

void collective_copy(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes) {
  const uint32_t first = rt.stores;
  rt_stream_words_lost();
  for (uint32_t at = 0, i = 0; at < bytes; at += COLLECTIVE_RESULT_BYTES, ++i) {
    const uint32_t buffer =
        rt_area(HC_SRAM_RESULT + i % COLLECTIVE_RESULTS * COLLECTIVE_RESULT_BYTES);
    const hc_shape_t line = hc_line(rt_min(COLLECTIVE_RESULT_BYTES, bytes - at));
    hc_dma_copy(HC_ABI_QUEUE_LOAD, src + at, rt_local(buffer), line,
                i == 0 ? c->started
                : i >= COLLECTIVE_RESULTS
                    ? hc_when(HC_COUNTER_STORED, first + i - COLLECTIVE_RESULTS + 1u)
                    : hc_now(),
                hc_add(HC_COUNTER_FILLED, 1), HC_NO_ADD);
    rt_store(buffer, dst + at, line, hc_when(HC_COUNTER_FILLED, ++rt.fills), HC_NO_ADD);
  }
}
