/* SPDX-License-Identifier: Apache-2.0
 *
 * All-reduce round the ring of ranks, a chunk of every slice at a time: in step s of the first half
 * rank r hands slice r - s, added up so far, to r + 1, which adds its own part; in the second half
 * the finished slices go round once more. Every message has its number on the way from r to r + 1,
 * counted by LANDED + number % counters there; it is sent when the one before it on that counter
 * has been acknowledged. hw/docs/collectives.md, "Ring".
 */
#include "firmware/kernels/collective.h"

#define HALF_BYTES (HC_SRAM_LANDING_BYTES / 2u)
#define BUFFERS 4u
#define BUFFER_BYTES (HC_SRAM_RESULT_BYTES / BUFFERS)

typedef struct {
  collective_t* c;
  uint32_t sent, received;                /* messages */
  uint32_t sends[HC_COLLECTIVE_COUNTERS]; /* SENT of the last message of a counter */
  uint32_t buffer, buffer_used[BUFFERS];  /* SENT when a buffer was last read */
} ring_t;

static uint32_t wrapped(const ring_t* r, uint32_t value) {
  return value < r->c->args->ranks ? value : value - r->c->args->ranks;
}

/* Sends to the next rank. `wait` names one counter at most. */
static void pass(ring_t* r, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, hc_wait_t wait) {
  const uint32_t counter = r->sent++ % HC_COLLECTIVE_COUNTERS;
  const uint32_t before = r->sends[counter];
  const hc_wait_t both = before == 0 ? wait
                         : wait.word == 0
                             ? hc_when(HC_COUNTER_SENT, before)
                             : hc_when2(wait.word & 0x3fu, wait.target0, HC_COUNTER_SENT, before);
  const hc_add_t landed = hc_add(HC_COUNTER_LANDED + counter, 1);
  if (bytes == 0) {
    collective_notify(r->c, collective_rank(r->c, 1), both, landed);
  } else {
    collective_put(r->c, src, dst, bytes, both, landed);
  }
  r->sends[counter] = rt.sends;
}

/* The next message from the rank before has landed. */
static hc_wait_t receive(ring_t* r) {
  const uint32_t counter = r->received++ % HC_COLLECTIVE_COUNTERS;
  return hc_when(HC_COUNTER_LANDED + counter, ++rt.landed[counter]);
}

/* Adds the own part of a span to what has landed at `landed`; returns the sum's address. */
static uint32_t add_own(ring_t* r, collective_span_t s, uint32_t landed, hc_wait_t arrived) {
  const hc_collective_args_t* a = r->c->args;
  const uint32_t buffer = r->buffer++ % BUFFERS, size = rt_size_of(a->dtype);
  const uint32_t sum = rt_area(HC_SRAM_RESULT + buffer * BUFFER_BYTES);
  const hc_wait_t free = r->buffer == 1u ? r->c->started
                         : r->buffer_used[buffer] == 0
                             ? hc_now()
                             : hc_when(HC_COUNTER_SENT, r->buffer_used[buffer]);
  rt_stream_words_lost();
  hc_dma_copy(HC_ABI_QUEUE_LOAD, a->in + s.begin, rt_local(sum), hc_line(s.bytes), free,
              hc_add(HC_COUNTER_FILLED, 1), HC_NO_ADD);
  ++rt.fills;
  const uint32_t count = s.bytes / size;
  const hc_vector_t v = {.src0 = rt_area(landed),
                         .src1 = sum,
                         .dst = sum,
                         .rows = 1,
                         .cols = count,
                         .ld_src0 = count,
                         .ld_src1 = count,
                         .ld_dst = count,
                         .dtype_src0 = a->dtype,
                         .dtype_src1 = a->dtype,
                         .dtype_dst = a->dtype};
  hc_vector(HC_VECTOR_OP_ADD, &v,
            hc_when2(arrived.word & 0x3fu, arrived.target0, HC_COUNTER_FILLED, rt.fills),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
  return sum;
}

/* SRAM offset where step `step` of chunk `chunk` lands. */
static uint32_t landing(const ring_t* r, uint32_t chunk, uint32_t step) {
  return HC_SRAM_LANDING + chunk % 2u * HALF_BYTES + step * rt_align64(r->c->args->chunk);
}

/* First half: adds up chunk `chunk` of slice rank + 1; ends with the sum on its way. */
static void add_round(ring_t* r, uint32_t chunk, hc_wait_t free) {
  const hc_collective_args_t* a = r->c->args;
  const uint32_t next = collective_rank(r->c, 1);
  collective_span_t s = collective_span(r->c, a->rank, chunk);
  pass(r, a->in + s.begin, collective_sram(r->c, next, rt.core, landing(r, chunk, 0)), s.bytes,
       free);
  for (uint32_t step = 0; step + 1u < a->ranks; ++step) {
    const hc_wait_t arrived = receive(r);
    s = collective_span(r->c, wrapped(r, a->rank + a->ranks - step - 1u), chunk);
    uint32_t sum = 0;
    hc_wait_t ready = arrived;
    if (s.bytes != 0) {
      sum = add_own(r, s, landing(r, chunk, step), arrived);
      ready = hc_when(HC_COUNTER_VECTOR, rt.vectors);
    }
    const hc_gaddr_t src = s.bytes != 0 ? rt_local(sum) : 0;
    if (step + 2u < a->ranks) {
      pass(r, src, collective_sram(r->c, next, rt.core, landing(r, chunk, step + 1u)), s.bytes,
           ready);
    } else {
      pass(r, src, collective_at(r->c, next, a->out + s.begin), s.bytes, ready);
      if (s.bytes != 0) collective_put(r->c, src, a->out + s.begin, s.bytes, ready, HC_NO_ADD);
    }
    if (s.bytes != 0) r->buffer_used[(r->buffer - 1u) % BUFFERS] = rt.sends;
  }
}

/* Second half: passes on what arrives. Returns the wait for the last arrival. */
static hc_wait_t pass_round(ring_t* r, uint32_t chunk) {
  const hc_collective_args_t* a = r->c->args;
  hc_wait_t arrived = hc_now();
  for (uint32_t step = 0; step + 1u < a->ranks; ++step) {
    arrived = receive(r);
    rt_fence(arrived, HC_NO_ADD);
    if (step + 2u == a->ranks) break;
    const collective_span_t s = collective_span(r->c, wrapped(r, a->rank + a->ranks - step), chunk);
    pass(r, a->out + s.begin, collective_at(r->c, collective_rank(r->c, 1), a->out + s.begin),
         s.bytes, arrived);
  }
  return arrived;
}

/* A chunk lands in the half of the slots that the chunk before the last has left: all of that one
 * has gone round when its last arrival has come. */
void collective_ring(collective_t* c) {
  ring_t r = {.c = c};
  hc_wait_t last[2] = {hc_now(), hc_now()};
  const uint32_t chunks = collective_chunks(c);
  for (uint32_t k = 0; k < chunks; ++k) {
    add_round(&r, k, last[k % 2u]);
    last[k % 2u] = pass_round(&r, k);
  }
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
}
