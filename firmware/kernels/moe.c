/* SPDX-License-Identifier: Apache-2.0
 *
 * Mixture of experts on several AIPUs: rows to the experts and back.
 *
 * Each core serves a share of the experts: it looks through the choices of all tokens and sends the
 * rows for its experts as it finds them, so it numbers them alone and no core waits for another. A
 * row lands at a place of its own ([expert][source][number]); how many came is told when all have
 * been acknowledged.
 */
#include "firmware/kernels/moe.h"

/* The scratch area: counts of the own experts, terms on their way to memory, two halves of a window
 * on the choices. Pack and return: the counts of all runs, then the table for the products. */
#define COUNTS_AT HC_SRAM_SCRATCH
#define TERMS_AT (COUNTS_AT + HC_MOE_MOST_EXPERTS * 4u)
#define TERMS 32u
#define WINDOW_AT (TERMS_AT + TERMS * 8u)
#define WINDOW_PAIRS 168u
#define WINDOW_BYTES (WINDOW_PAIRS * 8u)

/* Rows of a dispatch on their way from a core: together those of all cores keep the links busy, and
 * few queue up in the switches. */
#define IN_FLIGHT 2u

#define COPY_BYTES 0x8000u /* of a tile: the stream ring holds 16 */

/* All before is done, on every core and rank: nothing from here on needs to wait for it, and nobody
 * reads what the hart writes into the scratch area. */
static void begin(void) {
  hc_counter_wait(HC_COUNTER_PHASE, rt.phase);
  hc_counter_wait(HC_COUNTER_GATHER, rt.gather);
  hc_counter_wait(HC_COUNTER_SENT, rt.sends);
  rt.fenced_sends = rt.sends;
}

/* Memory to memory of the own AIPU, by way of the stream ring; the last store does the add. */
static void copy(hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, hc_add_t signal) {
  for (uint32_t at = 0; at < bytes; at += COPY_BYTES) {
    const uint32_t count = rt_min(COPY_BYTES, bytes - at);
    const rt_tile_t tile = rt_stream_load(src + at, count);
    hc_dma_copy(HC_ABI_QUEUE_STORE, rt_local(tile.sram), dst + at, hc_line(count),
                hc_when(HC_COUNTER_FILLED, tile.filled), hc_add(HC_COUNTER_FREED, 1),
                at + count >= bytes ? signal : HC_NO_ADD);
  }
}

/* Memory to memory of another AIPU. */
static void put(hc_gaddr_t src, hc_gaddr_t dst, uint32_t aipu, uint32_t bytes, hc_wait_t wait,
                hc_add_t remote) {
  hc_put(src, rt_on_aipu(dst, aipu), hc_line(bytes), HC_CLASS_EXPERT, remote, wait,
         hc_add(HC_COUNTER_SENT, 1), HC_NO_ADD);
  ++rt.sends;
}

typedef struct {
  const hc_dispatch_args_t* args;
  uint32_t first, count; /* experts of this core */
  uint32_t last;         /* choices up to first + last are its business */
  uint32_t own, inverse; /* experts of a rank; a division takes a hart 18 cycles */
  uint32_t* numbers;     /* rows sent so far, by expert of this core */
  uint32_t terms;        /* stored so far */
} dispatch_t;

/* Where the rows of an expert of this core go. */
typedef struct {
  uint32_t owner, run;
} place_t;
static place_t place_of(const dispatch_t* d, uint32_t index) {
  const hc_dispatch_args_t* a = d->args;
  const uint32_t expert = d->first + index, owner = expert * d->inverse >> 16;
  return (place_t){owner, (expert - owner * d->own) * a->ranks + a->rank};
}

/* Row `token` is the next of an expert of this core. */
static void send_row(const dispatch_t* d, uint32_t token, uint32_t index) {
  const hc_dispatch_args_t* a = d->args;
  const place_t place = place_of(d, index);
  const hc_gaddr_t src = a->x + (uint64_t)token * a->row;
  const hc_gaddr_t dst =
      a->inbox + ((uint64_t)place.run * a->capacity + d->numbers[index]++) * a->row;
  if (place.owner == a->rank) {
    copy(src, dst, a->row, HC_NO_ADD);
  } else {
    const hc_wait_t turn =
        rt.sends < IN_FLIGHT ? hc_now() : hc_when(HC_COUNTER_SENT, rt.sends + 1u - IN_FLIGHT);
    put(src, dst, a->first_aipu + place.owner, a->row, turn, HC_NO_ADD);
  }
}

/* Term `number` of all to memory. Nothing else counts as stored here. */
static void store_term(dispatch_t* d, uint32_t number, hc_moe_pair_t term) {
  if (d->terms >= TERMS) hc_counter_wait(HC_COUNTER_STORED, rt.stores + 1u - TERMS);
  const uint32_t at = rt_area(TERMS_AT) + d->terms++ % TERMS * 8u;
  *(hc_moe_pair_t*)rt_words(at) = term;
  rt_store(at, d->args->terms + (uint64_t)number * 8u, hc_line(8), hc_now(), HC_NO_ADD);
}

/* Loads choices from `first` on into a half of the window; returns how many. */
static uint32_t load_window(const hc_dispatch_args_t* a, uint32_t first, uint32_t half) {
  const uint32_t pairs = a->tokens * a->chosen;
  if (first >= pairs) return 0;
  const uint32_t count = rt_min(WINDOW_PAIRS / a->chosen * a->chosen, pairs - first);
  rt_input_after(a->pairs + (uint64_t)first * 8u, rt_area(WINDOW_AT + half * WINDOW_BYTES),
                 hc_line(count * 8u), hc_now());
  return count;
}

/* Sends what a half of the window has for this core, and says where the results will be. */
static void serve_window(dispatch_t* d, uint32_t first, uint32_t count, uint32_t half) {
  const hc_dispatch_args_t* a = d->args;
  const hc_moe_pair_t* pairs =
      (const hc_moe_pair_t*)rt_words(rt_area(WINDOW_AT + half * WINDOW_BYTES));
  uint32_t token = first / a->chosen;
  for (uint32_t i = 0; i < count; ++token) {
    for (const uint32_t end = i + a->chosen; i < end; ++i) {
      const uint32_t index = pairs[i].index - d->first;
      if (index > d->last) continue;
      hc_moe_pair_t term = {pairs[i].weight, HC_MOE_NONE};
      if (index < d->count) {
        term.index = (d->first + index) * a->capacity + d->numbers[index];
        send_row(d, token, index);
      }
      store_term(d, first + i, term);
    }
  }
}

/* How many rows each expert of this core gets from here, behind the rows. */
static void tell_counts(const dispatch_t* d) {
  const hc_dispatch_args_t* a = d->args;
  const hc_wait_t landed = hc_when(HC_COUNTER_SENT, rt.sends);
  for (uint32_t i = 0; i < d->count; ++i) {
    const place_t place = place_of(d, i);
    rt_send(rt_area(COUNTS_AT) + i * 4u, a->arrived + place.run * 4u, a->first_aipu + place.owner,
            hc_line(4), HC_CLASS_EXPERT, place.owner == a->rank ? hc_now() : landed,
            hc_add_all(HC_COUNTER_GATHER));
  }
}

static void serve_all(dispatch_t* d) {
  const hc_dispatch_args_t* a = d->args;
  uint32_t count = load_window(a, 0, 0), loaded = rt.inputs;
  for (uint32_t first = 0, half = 0; count != 0; half ^= 1u) {
    /* The half after this one comes while this one is served. */
    const uint32_t now = loaded, next = load_window(a, first + count, half ^ 1u);
    loaded = rt.inputs;
    hc_counter_wait(HC_COUNTER_INPUT, now);
    serve_window(d, first, count, half);
    first += count;
    count = next;
  }
}

void kernel_dispatch(const hc_launch_t* launch) {
  const hc_dispatch_args_t* a = &launch->args.dispatch;
  const rt_range_t experts = rt_deal(a->experts, 1, launch);
  begin();
  dispatch_t d = {.args = a,
                  .first = experts.begin,
                  .count = experts.end - experts.begin,
                  .own = a->experts / a->ranks,
                  .numbers = rt_words(rt_area(COUNTS_AT))};
  /* The last core also takes choices of no expert (HC_MOE_NONE). */
  d.last = experts.end == a->experts ? HC_MOE_NONE - d.first : d.count - 1u;
  d.inverse = HC_COLLECTIVE_INVERSE(d.own);
  for (uint32_t i = 0; i < d.count; ++i)
    d.numbers[i] = 0;
  if (d.count != 0) serve_all(&d);
  const uint32_t rows = rt.sends;
  tell_counts(&d);
  rt_fence(hc_when(HC_COUNTER_SENT, rows), kernel_done());
}

/* The table of arrivals in the scratch area, when all of them are there. */
static const uint32_t* read_arrived(hc_gaddr_t arrived, uint32_t runs) {
  begin();
  rt_input_after(arrived, rt_area(COUNTS_AT), hc_line(runs * 4u), hc_now());
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
  return rt_words(rt_area(COUNTS_AT));
}

/* The packed rows by expert, for the products to come. */
static void tell_table(const hc_pack_args_t* a, const uint32_t* arrived) {
  const uint32_t at = rt_area(COUNTS_AT) + a->own * a->ranks * 4u;
  hc_arrival_t* table = (hc_arrival_t*)rt_words(at);
  uint32_t first = 0;
  for (uint32_t e = 0; e < a->own; ++e) {
    uint32_t count = 0;
    for (uint32_t s = 0; s < a->ranks; ++s)
      count += *arrived++;
    table[e] = (hc_arrival_t){.count = count, .first = first};
    first += count;
  }
  rt_store(at, a->table, hc_line(a->own * (uint32_t)sizeof(hc_arrival_t)), hc_now(), HC_NO_ADD);
}

void kernel_pack(const hc_launch_t* launch) {
  const hc_pack_args_t* a = &launch->args.pack;
  const uint32_t runs = a->own * a->ranks, core = rt.core - launch->first_core;
  const uint32_t* arrived = read_arrived(a->arrived, runs);
  uint32_t place = 0;
  if (core == 0) tell_table(a, arrived);
  for (uint32_t run = 0, turn = 0; run < runs; ++run) {
    const uint32_t count = arrived[run];
    if (turn == core) {
      copy(a->inbox + (uint64_t)run * a->capacity * a->row, a->packed + (uint64_t)place * a->row,
           count * a->row, HC_NO_ADD);
    }
    turn = turn + 1u == launch->core_count ? 0 : turn + 1u;
    place += count;
  }
  rt_fence(hc_now(), kernel_done());
}

/* The results of a run of `count` rows, to `source`. An empty one is told all the same. */
static void give_back(const hc_return_args_t* a, uint32_t source, hc_gaddr_t src, hc_gaddr_t dst,
                      uint32_t count) {
  const hc_add_t landed = hc_add_all(HC_COUNTER_GATHER);
  const uint32_t aipu = a->first_aipu + source;
  if (source == a->rank && count != 0) {
    copy(src, dst, count * a->row, landed);
  } else if (source == a->rank) {
    rt_fence(hc_now(), landed);
  } else if (count != 0) {
    put(src, dst, aipu, count * a->row, hc_now(), landed);
  } else {
    hc_notify(rt_on_aipu(dst, aipu), HC_CLASS_EXPERT, landed);
  }
}

void kernel_return(const hc_launch_t* launch) {
  const hc_return_args_t* a = &launch->args.give_back;
  const uint32_t runs = a->own * a->ranks, core = rt.core - launch->first_core;
  const uint32_t* arrived = read_arrived(a->arrived, runs);
  uint32_t place = 0;
  for (uint32_t run = 0, turn = 0, source = 0, expert = a->rank * a->own; run < runs; ++run) {
    if (turn == core) {
      give_back(a, source, a->results + (uint64_t)place * a->row,
                a->back + (uint64_t)expert * a->capacity * a->row, arrived[run]);
    }
    turn = turn + 1u == launch->core_count ? 0 : turn + 1u;
    place += arrived[run];
    if (++source == a->ranks) {
      source = 0;
      ++expert;
    }
  }
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
  rt.fenced_sends = rt.sends;
}
