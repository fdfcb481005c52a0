/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/rt/collective.h"

static inline enum hc_traffic_class class_of(const collective_t* c) {
  return (enum hc_traffic_class)c->args->traffic_class;
}

collective_t collective_begin(const hc_launch_t* launch) {
  const hc_collective_args_t* a = &launch->args.collective;
  hc_put_lines((enum hc_traffic_class)a->traffic_class, hc_add(HC_COUNTER_SENT, 1));
  const uint32_t index = rt.core - launch->first_core, group = index * a->inverse >> 16;
  return (collective_t){.args = a,
                        .column = index - group * a->columns,
                        .group = group,
                        .groups = a->groups,
                        .started = rt_ready()};
}

collective_span_t collective_piece(const collective_t* c, uint32_t slice) {
  const hc_collective_args_t* a = c->args;
  const uint32_t first = slice * a->slice, offset = c->column * a->piece;
  const uint32_t end = rt_min(a->bytes, first + rt_min(a->slice, offset + a->piece));
  const uint32_t begin = first + offset;
  return (collective_span_t){begin, begin < end ? end - begin : 0};
}

uint32_t collective_chunks(const collective_t* c) {
  return (c->args->piece + c->args->chunk - 1u) / c->args->chunk;
}

uint32_t collective_rank(const collective_t* c, uint32_t distance) {
  const uint32_t rank = c->args->rank + distance;
  return rank < c->args->ranks ? rank : rank - c->args->ranks;
}

hc_gaddr_t collective_at(const collective_t* c, uint32_t rank, hc_gaddr_t address) {
  return (address & ~(0xfffull << 48)) | (uint64_t)(c->args->first_aipu + rank) << 48;
}

hc_gaddr_t collective_sram(const collective_t* c, uint32_t rank, uint32_t core, uint32_t offset) {
  const uint32_t high = HC_ABI_SPACE_CORE << 28 | (c->args->first_aipu + rank) << 16 | core << 8;
  return (uint64_t)high << 32 | offset;
}

/* What the next message waits for: `wait`, and the start of the launch or the window. */
static inline void message_waits(collective_t* c, hc_wait_t wait) {
  const uint32_t window = c->args->window;
  if (c->issued++ == 0) {
    hc_put_wait(c->started);
    if (wait.word == 0) return;
    /* Nothing but an order: later commands of the queue begin after this one. */
    hc_notify_line((uint64_t)0xfffu << 48, HC_NO_ADD, class_of(c));
    ++rt.sends;
  }
  if (window != 0 && c->issued > window) {
    const uint32_t acknowledged = rt.sends + 1u - window;
    wait = wait.word == 0
               ? hc_when(HC_COUNTER_SENT, acknowledged)
               : hc_when2(wait.word & 0x3fu, wait.target0, HC_COUNTER_SENT, acknowledged);
  }
  hc_put_wait(wait);
}

void collective_put(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, hc_wait_t wait,
                    hc_add_t remote) {
  message_waits(c, wait);
  hc_put_line(src, dst, bytes, remote);
  ++rt.sends;
}

void collective_notify(collective_t* c, uint32_t rank, hc_wait_t wait, hc_add_t remote) {
  message_waits(c, wait);
  hc_notify_line(collective_at(c, rank, 0), remote, class_of(c));
  ++rt.sends;
}

void collective_notify_module(collective_t* c, hc_wait_t wait, hc_add_t remote) {
  message_waits(c, wait);
  hc_notify_line(collective_at_module(0), remote, class_of(c));
  ++rt.sends;
}

void collective_get_sum(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes,
                        hc_wait_t wait, hc_add_t landed) {
  message_waits(c, wait);
  hc_get_sum_line(collective_at_module(src), dst, bytes, rt_size_of(c->args->dtype) == 4u,
                  class_of(c), landed);
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
