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
collective_t collective_begin(const hc_launch_t* launch);

/* Bytes [begin, begin + bytes) of a vector; bytes 0: nothing. */
typedef struct {
  uint32_t begin, bytes;
} collective_span_t;
/* This core's column of slice `slice`. */
collective_span_t collective_piece(const collective_t* c, uint32_t slice);
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
uint32_t collective_rank(const collective_t* c, uint32_t distance);

/* `address` of the own AIPU as another rank knows it. */
hc_gaddr_t collective_at(const collective_t* c, uint32_t rank, hc_gaddr_t address);
/* SRAM offset `offset` of core `core` of any rank. */
hc_gaddr_t collective_sram(const collective_t* c, uint32_t rank, uint32_t core, uint32_t offset);

/* Puts `bytes` to `dst`. The first message of a launch waits for rt_ready(), all of them for
 * `wait`, and, where the arguments give a window, for the acknowledgement of an earlier one: then
 * `wait` may name one counter only. */
void collective_put(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, hc_wait_t wait,
                    hc_add_t remote);
void collective_notify(collective_t* c, uint32_t rank, hc_wait_t wait, hc_add_t remote);

/* Copies within the AIPU through the result buffers of the own SRAM, once the launch may start;
 * adds to `phase` on all cores when done, once even for no bytes. Beside the messages: takes
 * nothing of the DirectCom interface. */
void collective_copy(collective_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes);

#define COLLECTIVE_RESULTS 4u
#define COLLECTIVE_RESULT_BYTES (HC_SRAM_RESULT_BYTES / COLLECTIVE_RESULTS)

#endif
