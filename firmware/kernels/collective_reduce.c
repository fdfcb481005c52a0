/* SPDX-License-Identifier: Apache-2.0
 *
 * Collectives that add. Sums are made in F32 and rounded once (one-shot, two-shot, reduce-scatter:
 * ranks in ascending order) or at every step (ring). What makes the slots safe:
 * hw/docs/collectives.md, "Slots".
 */
#include "firmware/kernels/collective.h"

#define SLOT_BYTES (HC_SRAM_LANDING_BYTES / HC_COLLECTIVE_SLOTS)

/* The chunks of a reduction: which slots they land in and what their commands wait for. */
typedef struct {
  collective_t* c;
  uint32_t slice;                      /* that this rank reduces */
  uint32_t plane;                      /* bytes between what came from two ranks */
  uint32_t turn;                       /* slots taken before this launch */
  uint32_t vectors;                    /* vector commands before it */
  uint32_t sent[COLLECTIVE_RESULTS];   /* SENT when the messages of its last sum were read */
  uint32_t stored[COLLECTIVE_RESULTS]; /* the same, STORED */
} reduction_t;

static uint32_t landing(const reduction_t* r, uint32_t chunk, uint32_t rank) {
  return HC_SRAM_LANDING + (r->turn + chunk) % HC_COLLECTIVE_SLOTS * SLOT_BYTES + rank * r->plane;
}
static uint32_t landed_counter(const reduction_t* r, uint32_t chunk) {
  return HC_COUNTER_LANDED + (r->turn + chunk) % HC_COLLECTIVE_SLOTS;
}
/* Chunk `chunk - back` of this launch has been added up. */
static hc_wait_t added(const reduction_t* r, uint32_t chunk, uint32_t back) {
  return hc_when(HC_COUNTER_VECTOR, r->vectors + chunk - back + 1u);
}

/* Chunk `chunk` of every slice, to the rank that adds it up; where that has none, word of it. */
static void hand_out(const reduction_t* r, uint32_t chunk) {
  collective_t* c = r->c;
  const hc_collective_args_t* a = c->args;
  const hc_wait_t wait = chunk >= 2u ? added(r, chunk, 2) : hc_now();
  const hc_add_t landed = hc_add_scoped(landed_counter(r, chunk), 1, c->column);
  for (uint32_t i = 1u + c->group; i < a->ranks; i += c->groups) {
    const uint32_t to = collective_rank(c, i);
    const collective_span_t s = collective_span(c, a->scatter != 0 ? to : 0, chunk);
    if (s.bytes == 0) {
      collective_notify(c, to, wait, landed);
    } else {
      collective_put(c, a->in + s.begin,
                     collective_sram(c, to, c->column, landing(r, chunk, a->rank)), s.bytes, wait,
                     landed);
    }
  }
}

/* The own part of a chunk lands beside those of the others, and not before the sum that lay in the
 * result buffer has been stored: so the buffer is free for the sum of this chunk. */
static void load_own(const reduction_t* r, uint32_t chunk, collective_span_t s) {
  const hc_wait_t wait = chunk == 0 ? r->c->started
                         : chunk >= HC_COLLECTIVE_SLOTS
                             ? hc_when(HC_COUNTER_STORED, r->stored[chunk % COLLECTIVE_RESULTS])
                             : hc_now();
  rt_stream_words_lost();
  hc_dma_copy(HC_ABI_QUEUE_LOAD, r->c->args->in + s.begin,
              rt_local(rt_area(landing(r, chunk, r->c->args->rank))), hc_line(s.bytes), wait,
              hc_add(landed_counter(r, chunk), 1), HC_NO_ADD);
}

/* Adds up chunk `chunk` of the own slice when all of it has landed. Where it is empty, one number
 * that nobody reads: every rank counts as many chunks. */
static void add_up(reduction_t* r, uint32_t chunk) {
  const hc_collective_args_t* a = r->c->args;
  const collective_span_t s = collective_span(r->c, r->slice, chunk);
  const uint32_t slot = landed_counter(r, chunk) - HC_COUNTER_LANDED;
  if (s.bytes != 0) load_own(r, chunk, s);
  rt.landed[slot] += s.bytes != 0 ? a->ranks : a->ranks - 1u;
  const uint32_t count = s.bytes != 0 ? s.bytes / rt_size_of(a->dtype) : 1u;
  const hc_vector_t v = {
      .src0 = rt_area(landing(r, chunk, 0)),
      .dst = rt_area(HC_SRAM_RESULT + chunk % COLLECTIVE_RESULTS * COLLECTIVE_RESULT_BYTES),
      .rows = 1,
      .cols = count,
      .ld_src0 = count,
      .ld_dst = count,
      .dtype_src0 = a->dtype,
      .dtype_dst = a->dtype,
      .param0 = a->ranks,
      .plane_stride = r->plane};
  hc_vector(HC_VECTOR_OP_SUM_PLANES, &v,
            hc_when2(landed_counter(r, chunk), rt.landed[slot], HC_COUNTER_SENT,
                     r->sent[chunk % COLLECTIVE_RESULTS]),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
}

/* The sum of chunk `chunk` to where it belongs: here, and with `gather` on every other rank. */
static void give_out(reduction_t* r, uint32_t chunk) {
  collective_t* c = r->c;
  const hc_collective_args_t* a = c->args;
  const collective_span_t s = collective_span(c, r->slice, chunk);
  if (s.bytes == 0) return;
  const uint32_t sum =
      rt_area(HC_SRAM_RESULT + chunk % COLLECTIVE_RESULTS * COLLECTIVE_RESULT_BYTES);
  const hc_gaddr_t out = a->out + s.begin - (a->gather != 0 ? 0 : r->slice * a->slice);
  rt_store(sum, out, hc_line(s.bytes), added(r, chunk, 0), kernel_done());
  r->stored[chunk % COLLECTIVE_RESULTS] = rt.stores;
  for (uint32_t i = 1; a->gather != 0 && i < a->ranks; ++i) {
    collective_put(c, rt_local(sum), collective_at(c, collective_rank(c, i), out), s.bytes,
                   added(r, chunk, 0), hc_add_all(HC_COUNTER_GATHER));
  }
  if (a->gather != 0) r->sent[chunk % COLLECTIVE_RESULTS] = rt.sends;
}

/* Two chunks are under way before the first has been added up; sums follow two chunks behind. */
void collective_reduce(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  const uint32_t chunks = collective_chunks(c);
  reduction_t r = {.c = c,
                   .slice = a->scatter != 0 ? a->rank : 0,
                   .plane = rt_align64(a->chunk),
                   .turn = rt.slot_turns,
                   .vectors = rt.vectors};
  rt.slot_turns += chunks;
  for (uint32_t k = 0; k < chunks + 2u; ++k) {
    if (k < chunks) hand_out(&r, k);
    if (c->group != 0) continue;
    if (k < chunks) add_up(&r, k);
    if (k >= 2u) give_out(&r, k - 2u);
  }
}
