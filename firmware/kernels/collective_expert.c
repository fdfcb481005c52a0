/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows to the ranks that hold their experts, and back. How many go where is known only when the
 * kernel runs: a table in memory says. The rows for rank 0, 1, ... lie packed at `in` of a
 * dispatch, those from rank s come to lie from out + s * capacity rows on. A core sends its share
 * of the rows for a rank as one message, or a notify where it has none, so that receivers wait for
 * a number of messages that is known.
 */
#include "firmware/kernels/collective.h"

/* Places in the scratch area; hc_arrival_t of a rank is what dispatch tells its peers. */
#define COUNTS_AT HC_SRAM_SCRATCH
#define ARRIVALS_AT (HC_SRAM_SCRATCH + HC_COLLECTIVE_MOST_RANKS * 4u)

/* Brings a table into the scratch area. The one place where the hart of a collective waits: what it
 * issues next depends on the data. */
static uint32_t* read_table(const collective_t* c, hc_gaddr_t table, uint32_t at, uint32_t bytes) {
  hc_counter_wait(HC_COUNTER_SENT, rt.sends); /* messages may still be read from the area */
  rt_input_after(table, rt_area(at), hc_line(bytes), c->started);
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
  return rt_words(rt_area(at));
}

/* This core's share of `count` rows from `src` to `dst` of rank `to`. */
static void send_rows(collective_t* c, uint32_t to, hc_gaddr_t src, hc_gaddr_t dst,
                      uint32_t count) {
  const uint32_t columns = c->args->columns, row = c->args->row;
  const uint32_t begin = count * c->column / columns * row;
  const uint32_t end = count * (c->column + 1u) / columns * row;
  const hc_add_t landed = hc_add_all(HC_COUNTER_GATHER);
  if (to == c->args->rank) {
    collective_copy(c, src + begin, dst + begin, end - begin);
    rt_fence(c->started, kernel_done());
  } else if (begin == end) {
    collective_notify(c, to, hc_now(), landed);
  } else {
    collective_put(c, src + begin, collective_at(c, to, dst + begin), end - begin, hc_now(),
                   landed);
  }
}

void collective_dispatch(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  const uint32_t* counts = read_table(c, a->counts, COUNTS_AT, a->ranks * 4u);
  hc_arrival_t* told = (hc_arrival_t*)rt_words(rt_area(ARRIVALS_AT));
  uint32_t first = 0;
  for (uint32_t rank = 0; rank < a->ranks; ++rank) {
    told[rank] = (hc_arrival_t){.count = counts[rank], .first = first};
    first += counts[rank];
  }
  const uint32_t size = sizeof(hc_arrival_t);
  for (uint32_t i = 1u + c->group; i <= a->ranks; i += c->groups) {
    const uint32_t to = collective_rank(c, i);
    send_rows(c, to, a->in + (uint64_t)told[to].first * a->row,
              a->out + (uint64_t)a->rank * a->capacity * a->row, told[to].count);
    if (c->column != 0) continue;
    collective_put(c, rt_local(rt_area(ARRIVALS_AT) + to * size),
                   collective_at(c, to, a->arrived + a->rank * size), size, hc_now(),
                   hc_add_all(HC_COUNTER_GATHER));
  }
}

void collective_combine(collective_t* c) {
  const hc_collective_args_t* a = c->args;
  const hc_arrival_t* arrived =
      (const hc_arrival_t*)read_table(c, a->arrived, ARRIVALS_AT, a->ranks * sizeof(hc_arrival_t));
  for (uint32_t i = 1u + c->group; i <= a->ranks; i += c->groups) {
    const uint32_t to = collective_rank(c, i);
    send_rows(c, to, a->in + (uint64_t)to * a->capacity * a->row,
              a->out + (uint64_t)arrived[to].first * a->row, arrived[to].count);
  }
}
