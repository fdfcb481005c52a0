/* SPDX-License-Identifier: Apache-2.0
 *
 * Collectives that only move data: no rank waits for another, but for the root of a broadcast.
 * Destinations are taken in the order rank + 1, rank + 2, ...: at any time each AIPU is, as nearly
 * as clocks allow, the destination of one other.
 */
#include "firmware/kernels/collective.h"

static const hc_wait_t kNoWait = {0, 0, 0};

void collective_barrier(collective_t* c) {
  for (uint32_t i = 1u + c->group; i < c->args->ranks; i += c->groups)
    collective_notify(c, collective_rank(c, i), kNoWait, hc_add_all(HC_COUNTER_GATHER));
}

/* Messages of a piece. */
static uint32_t messages(const collective_t* c, collective_span_t piece) {
  const uint32_t chunk = c->args->chunk;
  return piece.bytes <= chunk ? piece.bytes != 0 : (piece.bytes + chunk - 1u) / chunk;
}

/* What a message waits for so that no rank runs ahead of those that send to it: that all but `lead`
 * of the messages of its turn have come. It keeps the permutations in step; data do not need it. */
static hc_wait_t in_step(const collective_t* c, uint32_t landed_before) {
  const uint32_t lead = c->args->lead;
  if (lead == 0 || c->issued < lead) return kNoWait;
  return hc_when(HC_COUNTER_LANDED, landed_before + c->issued - lead + 1u);
}

/* The own part, and what says that all others have come. */
static void finish_exchange(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  if (c->group == 0) {
    const collective_span_t own = collective_piece(c, a->rank);
    const uint32_t start = a->rank * a->slice;
    collective_copy(c, a->in + a->rank * a->in_stride + own.begin - start,
                    a->out + a->rank * a->out_stride + own.begin - start, own.bytes);
  }
  rt_fence(hc_when(HC_COUNTER_LANDED, rt.landed[0]), kernel_done());
}

/* Slice `to` goes to rank `to` (scatter), or the own slice to every rank. Core i here and core i
 * there keep count of each other's messages. */
void collective_exchange(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  const uint32_t before = rt.landed[0];
  for (uint32_t i = 1u + c->group; i < a->ranks; i += c->groups) {
    const uint32_t to = collective_rank(c, i), slice = a->scatter != 0 ? to : a->rank;
    const hc_gaddr_t in = a->in + to * a->in_stride - slice * a->slice;
    const hc_gaddr_t out =
        collective_at(c, to, a->out + a->rank * a->out_stride) - slice * a->slice;
    const collective_span_t piece = collective_piece(c, slice);
    collective_span_t s = collective_cut(piece, 0, a->chunk);
    for (uint32_t k = 1; s.bytes != 0; s = collective_cut(piece, k++, a->chunk)) {
      collective_put(c, in + s.begin, out + s.begin, s.bytes, in_step(c, before),
                     hc_add(HC_COUNTER_LANDED, 1));
    }
    const uint32_t from = collective_rank(c, a->ranks - i);
    rt.landed[0] += messages(c, collective_piece(c, a->scatter != 0 ? a->rank : from));
  }
  finish_exchange(c);
}

/* All bytes go to the rank `distance` further on. */
void collective_transfer(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  const uint32_t to = collective_rank(c, a->distance);
  const collective_span_t piece = collective_piece(c, 0);
  collective_span_t s = collective_cut(piece, 0, a->chunk);
  for (uint32_t k = 1; s.bytes != 0; s = collective_cut(piece, k++, a->chunk)) {
    collective_put(c, a->in + s.begin, collective_at(c, to, a->out + s.begin), s.bytes, kNoWait,
                   hc_add_all(HC_COUNTER_GATHER));
  }
}

/* The root hands slice i - 1 to the rank i further on, which passes it to all others. Chunk k is
 * counted by LANDED + k % slots; it is sent when chunk k - slots has been acknowledged. */
static void scatter(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  uint32_t sent[HC_COLLECTIVE_SLOTS] = {0};
  const uint32_t chunks = collective_chunks(c);
  for (uint32_t k = 0; k < chunks; ++k) {
    const uint32_t slot = k % HC_COLLECTIVE_SLOTS;
    const hc_wait_t taken = sent[slot] != 0 ? hc_when(HC_COUNTER_SENT, sent[slot]) : kNoWait;
    for (uint32_t i = 1; i < a->ranks; ++i) {
      const collective_span_t s = collective_span(c, i - 1u, k);
      if (s.bytes == 0) break;
      collective_put(c, a->in + s.begin, collective_at(c, collective_rank(c, i), a->out + s.begin),
                     s.bytes, taken, hc_add(HC_COUNTER_LANDED + slot, 1));
    }
    sent[slot] = rt.sends;
  }
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
}

static void forward(collective_t* c, uint32_t place) {
  const hc_collective_args_t* a = c->args;
  const uint32_t chunks = collective_chunks(c);
  for (uint32_t k = 0; k < chunks; ++k) {
    const collective_span_t s = collective_span(c, place - 1u, k);
    if (s.bytes == 0) break;
    const uint32_t slot = k % HC_COLLECTIVE_SLOTS;
    const hc_wait_t landed = hc_when(HC_COUNTER_LANDED + slot, ++rt.landed[slot]);
    for (uint32_t i = 1; i < a->ranks; ++i) {
      const uint32_t to = collective_rank(c, i);
      if (to == a->root) continue;
      collective_put(c, a->out + s.begin, collective_at(c, to, a->out + s.begin), s.bytes, landed,
                     hc_add_all(HC_COUNTER_GATHER));
    }
    rt_fence(landed, kernel_done());
  }
}

void collective_broadcast(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  const uint32_t place = a->rank >= a->root ? a->rank - a->root : a->rank + a->ranks - a->root;
  if (place == 0) {
    scatter(c);
  } else {
    forward(c, place);
  }
}

void kernel_collective(const hc_launch_t* launch) {
  static void (*const kOperations[HC_COLLECTIVE_COUNT])(collective_t*) = {
      [HC_COLLECTIVE_BARRIER] = collective_barrier,
      [HC_COLLECTIVE_REDUCE] = collective_reduce,
      [HC_COLLECTIVE_RING] = collective_ring,
      [HC_COLLECTIVE_EXCHANGE] = collective_exchange,
      [HC_COLLECTIVE_TRANSFER] = collective_transfer,
      [HC_COLLECTIVE_BROADCAST] = collective_broadcast,
      [HC_COLLECTIVE_DISPATCH] = collective_dispatch,
      [HC_COLLECTIVE_COMBINE] = collective_combine};
  collective_t c = collective_begin(launch);
  if (c.group >= c.groups) {
    rt.slot_turns += collective_turns(&c);
    return;
  }
  kOperations[launch->args.collective.operation](&c);
}
