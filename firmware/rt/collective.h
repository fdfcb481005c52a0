/* SPDX-License-Identifier: Apache-2.0
 *
 * What collectives share: how a vector is cut over ranks, cores and messages, and messages that
 * number themselves. Every rank runs the same launches and cuts by the same arithmetic, so sender
 * and receiver agree on every address and count without a word between them.
 */
#ifndef FIRMWARE_RT_COLLECTIVE_H
#define FIRMWARE_RT_COLLECTIVE_H

#include "firmware/rt/rt.h"

/* A core's part in a collective. */
typedef struct {
  const hc_collective_args_t* args;
  uint32_t column, group, groups;
  uint32_t issued;   /* messages of this launch so far */
  hc_wait_t started; /* what its first message waits for: rt_ready() */
} collective_t;
static inline enum hc_traffic_class collective_class(const collective_t* c) {
  return (enum hc_traffic_class)c->args->traffic_class;
}
static inline collective_t collective_begin(const hc_launch_t* launch) {
  const hc_collective_args_t* a = &launch->args.collective;
  hc_put_lines((enum hc_traffic_class)a->traffic_class, hc_add(HC_COUNTER_SENT, 1));
  const uint32_t index = rt.core - launch->first_core, group = index * a->inverse >> 16;
  return (collective_t){.args = a,
                        .column = index - group * a->columns,
                        .group = group,
                        .groups = a->groups,
                        .started = rt_ready()};
}

/* Bytes [begin, begin + bytes) of a vector; bytes 0: nothing. */
typedef struct {
  uint32_t begin, bytes;
} collective_span_t;
/* This core's column of slice `slice`. */
static inline collective_span_t collective_piece(const collective_t* c, uint32_t slice) {
  const hc_collective_args_t* a = c->args;
  const uint32_t first = slice * a->slice, offset = c->column * a->piece;
  const uint32_t end = rt_min(a->bytes, first + rt_min(a->slice, offset + a->piece));
  const uint32_t begin = first + offset;
  return (collective_span_t){begin, begin < end ? end - begin : 0};
}
/* Message `chunk` of a piece. */
static inline collective_span_t collective_cut(collective_span_t piece, uint32_t chunk,
                                               uint32_t bytes) {
  const uint32_t at = chunk * bytes;
  return (collective_span_t){piece.begin + at,
                             at < piece.bytes ? rt_min(bytes, piece.bytes - at) : 0};
}
static inline collective_span_t collective_span(const collective_t* c, uint32_t slice,
                                                uint32_t chunk) {
  return collective_cut(collective_piece(c, slice), chunk, c->args->chunk);
}
/* Messages of a whole piece. */
uint32_t collective_chunks(const collective_t* c);
/* Turns of the slots that the launch takes on every core, at work or not. */
static inline uint32_t collective_turns(const collective_t* c) {
  return c->args->operation == HC_COLLECTIVE_REDUCE ? collective_chunks(c) : 0;
}
/* The rank `distance` further on, distance <= ranks. */
static inline uint32_t collective_rank(const collective_t* c, uint32_t distance) {
  const uint32_t rank = c->args->rank + distance;
  return rank < c->args->ranks ? rank : rank - c->args->ranks;
}

/* `address` of the own AIPU as another rank knows it. */
static inline hc_gaddr_t collective_at(const collective_t* c, uint32_t rank, hc_gaddr_t address) {
  return rt_on_aipu(address, c->args->first_aipu + rank);
}
/* The same of all other AIPUs of the module (a sum: of all). */
static inline hc_gaddr_t collective_at_module(hc_gaddr_t address) {
  return rt_on_aipu(address, HC_AIPU_MODULE);
}
/* SRAM offset `offset` of core `core` of any rank. */
hc_gaddr_t collective_sram(const collective_t* c, uint32_t rank, uint32_t core, uint32_t offset);

/* What the next message waits for: `wait`, and the start of the launch or the window. */
static inline void collective_message_waits(collective_t* c, hc_wait_t wait) {
  const uint32_t window = c->args->window;
  if (c->issued++ == 0) {
    hc_put_wait(c->started);
    if (wait.word == 0) return;
    /* Nothing but an order: later commands of the queue begin after this one. */
    hc_notify_line((uint64_t)0xfffu << 48, HC_NO_ADD, collective_class(c));
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

/* Puts `bytes` to `dst`. The first message of a launch waits for rt_ready(), all of them for
 * `wait`, and, where the arguments give a window, for the acknowledgement of an earlier one: then
 * `wait` may name one counter only. */
static inline void collective_put(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes,
                                  hc_wait_t wait, hc_add_t remote) {
  collective_message_waits(c, wait);
  hc_put_line(src, dst, bytes, remote);
  ++rt.sends;
}
void collective_notify(collective_t* c, uint32_t rank, hc_wait_t wait, hc_add_t remote);
void collective_notify_module(collective_t* c, hc_wait_t wait, hc_add_t remote);
/* Gets the sum of `bytes` at `src` of every AIPU of the module, added up by the switches; `landed`
 * is added here. */
void collective_get_sum(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes,
                        hc_wait_t wait, hc_add_t landed);

/* Copies within the AIPU through the result buffers of the own SRAM, once the launch may start;
 * adds to `phase` on all cores when done, once even for no bytes. Beside the messages: takes
 * nothing of the DirectCom interface. */
void collective_copy(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes);

#define COLLECTIVE_RESULTS 4u
#define COLLECTIVE_RESULT_BYTES (HC_SRAM_RESULT_BYTES / COLLECTIVE_RESULTS)

#endif
