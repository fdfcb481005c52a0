/* SPDX-License-Identifier: Apache-2.0
 *
 * Mixture of experts on several AIPUs: rows to the experts and back.
 *
 * Each core serves a share of the experts: it looks through the choices of all tokens and sends the
 * rows for its experts as it finds them, so it numbers them alone and no core waits for another. A
 * row lands at a place of its own ([expert][source][number]); how many came is told when all have
 * been acknowledged.
 */
#include "firmware/kernels/kernels.h"

/* The scratch area: counts of the own experts (or runs), then two halves of a window on the
 * choices. */
#define COUNTS_AT HC_SRAM_SCRATCH
#define WINDOW_AT (HC_SRAM_SCRATCH + HC_MOE_MOST_EXPERTS * 4u)
#define WINDOW_PAIRS 176u
#define WINDOW_BYTES (WINDOW_PAIRS * 8u)

/* Rows on their way from memory to memory of the own AIPU, by way of the input area. */
#define COPIES 4u
#define COPY_BYTES (HC_SRAM_INPUT_BYTES / COPIES)
typedef struct {
  uint32_t stored[COPIES];
  uint32_t next;
} copies_t;

/* Loads wait for `wait`; the last store does the add. */
static void copy(copies_t* c, hc_gaddr_t src, hc_gaddr_t dst, uint32_t bytes, hc_wait_t wait,
                 hc_add_t signal) {
  for (uint32_t at = 0; at < bytes; at += COPY_BYTES) {
    const uint32_t count = rt_min(COPY_BYTES, bytes - at), turn = c->next++ % COPIES;
    const uint32_t buffer = rt_area(HC_SRAM_INPUT) + turn * COPY_BYTES;
    if (c->stored[turn] != 0) hc_counter_wait(HC_COUNTER_STORED, c->stored[turn]);
    rt_input_after(src + at, buffer, hc_line(count), wait);
    rt_store(buffer, dst + at, hc_line(count), hc_when(HC_COUNTER_INPUT, rt.inputs),
             at + count >= bytes ? signal : HC_NO_ADD);
    c->stored[turn] = rt.stores;
  }
}

static hc_gaddr_t on_aipu(hc_gaddr_t address, uint32_t aipu) {
  return (address & ~(0xfffull << 48)) | (uint64_t)aipu << 48;
}

/* Memory to memory of another AIPU. */
static void put(hc_gaddr_t src, hc_gaddr_t dst, uint32_t aipu, uint32_t bytes, hc_wait_t wait,
                hc_add_t remote) {
  hc_put(src, on_aipu(dst, aipu), hc_line(bytes), HC_CLASS_EXPERT, remote, wait,
         hc_add(HC_COUNTER_SENT, 1), HC_NO_ADD);
  ++rt.sends;
}

typedef struct {
  const hc_dispatch_args_t* args;
  uint32_t first, count; /* experts of this core */
  uint32_t own;          /* experts of a rank */
  uint32_t* numbers;     /* rows sent so far, by expert of this core */
  copies_t copies;
} dispatch_t;

/* The next row of an expert of this core. */
static void send_row(dispatch_t* d, uint32_t token, uint32_t index) {
  const hc_dispatch_args_t* a = d->args;
  const uint32_t expert = d->first + index, owner = expert / d->own;
  const uint32_t run = (expert - owner * d->own) * a->ranks + a->rank;
  const hc_gaddr_t src = a->x + (uint64_t)token * a->row;
  const hc_gaddr_t dst = a->inbox + ((uint64_t)run * a->capacity + d->numbers[index]++) * a->row;
  if (owner == a->rank) {
    copy(&d->copies, src, dst, a->row, rt_ready(), HC_NO_ADD);
  } else {
    put(src, dst, a->first_aipu + owner, a->row, rt_ready(), HC_NO_ADD);
  }
}

/* Loads choices from `first` on into the half that is their turn; returns how many. */
static uint32_t load_window(const hc_dispatch_args_t* a, uint32_t first, uint32_t half) {
  const uint32_t pairs = a->tokens * a->chosen;
  if (first >= pairs) return 0;
  const uint32_t count = rt_min(WINDOW_PAIRS / a->chosen * a->chosen, pairs - first);
  rt_input(a->pairs + (uint64_t)first * 8u, rt_area(WINDOW_AT + half * WINDOW_BYTES),
           hc_line(count * 8u));
  return count;
}

/* Sends what the window has for this core, and says where the results will be. */
static void serve_window(dispatch_t* d, uint32_t first, uint32_t count, uint32_t half) {
  const hc_dispatch_args_t* a = d->args;
  const uint32_t at = rt_area(WINDOW_AT + half * WINDOW_BYTES);
  hc_moe_pair_t* pairs = (hc_moe_pair_t*)rt_words(at);
  uint32_t token = first / a->chosen, left = a->chosen;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = pairs[i].index - d->first;
    if (index < d->count) {
      pairs[i].index = (d->first + index) * a->capacity + d->numbers[index];
      send_row(d, token, index);
      rt_store(at + i * 8u, a->terms + (uint64_t)(first + i) * 8u, hc_line(8), hc_now(), HC_NO_ADD);
    }
    if (--left == 0) {
      ++token;
      left = a->chosen;
    }
  }
}

/* How many rows each own expert of this core gets from here, behind the rows. */
static void tell_counts(const dispatch_t* d) {
  const hc_dispatch_args_t* a = d->args;
  const hc_wait_t landed = hc_when(HC_COUNTER_SENT, rt.sends);
  for (uint32_t i = 0; i < d->count; ++i) {
    const uint32_t expert = d->first + i, owner = expert / d->own;
    const uint32_t run = (expert - owner * d->own) * a->ranks + a->rank;
    rt_send(rt_area(COUNTS_AT) + i * 4u, a->arrived + run * 4u, a->first_aipu + owner, hc_line(4),
            HC_CLASS_EXPERT, owner == a->rank ? hc_now() : landed, hc_add_all(HC_COUNTER_GATHER));
  }
}

void kernel_dispatch(const hc_launch_t* launch) {
  const hc_dispatch_args_t* a = &launch->args.dispatch;
  const rt_range_t experts = rt_deal(a->experts, 1, launch);
  hc_counter_wait(HC_COUNTER_SENT, rt.sends); /* messages may still be read from the area */
  dispatch_t d = {.args = a,
                  .first = experts.begin,
                  .count = experts.end - experts.begin,
                  .own = a->experts / a->ranks,
                  .numbers = rt_words(rt_area(COUNTS_AT))};
  for (uint32_t i = 0; i < d.count; ++i)
    d.numbers[i] = 0;
  uint32_t count = load_window(a, 0, 0), loaded = rt.inputs;
  for (uint32_t first = 0, half = 0; count != 0; half ^= 1u) {
    /* The window after this one comes while this one is served. */
    const uint32_t now = loaded;
    const uint32_t next = load_window(a, first + count, half ^ 1u);
    loaded = rt.inputs;
    hc_counter_wait(HC_COUNTER_INPUT, now);
    serve_window(&d, first, count, half);
    hc_counter_wait(HC_COUNTER_STORED, rt.stores);
    first += count;
    count = next;
  }
  tell_counts(&d);
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
}

/* The table of arrivals in the scratch area, when all of them are there. */
static const uint32_t* read_arrived(hc_gaddr_t arrived, uint32_t runs) {
  hc_counter_wait(HC_COUNTER_SENT, rt.sends);
  rt_input(arrived, rt_area(COUNTS_AT), hc_line(runs * 4u));
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
  return rt_words(rt_area(COUNTS_AT));
}

/* The packed rows by expert, for the products to come; its place is behind that of the counts. */
static void tell_table(const hc_pack_args_t* a, const uint32_t* arrived) {
  const uint32_t at = rt_area(COUNTS_AT) + HC_MOE_MOST_RUNS * 4u;
  hc_arrival_t* table = (hc_arrival_t*)rt_words(at);
  uint32_t first = 0;
  for (uint32_t e = 0; e < a->own; ++e) {
    uint32_t count = 0;
    for (uint32_t s = 0; s < a->ranks; ++s)
      count += arrived[e * a->ranks + s];
    table[e] = (hc_arrival_t){.count = count, .first = first};
    first += count;
  }
  rt_store(at, a->table, hc_line(a->own * (uint32_t)sizeof(hc_arrival_t)), hc_now(), HC_NO_ADD);
}

void kernel_pack(const hc_launch_t* launch) {
  const hc_pack_args_t* a = &launch->args.pack;
  const uint32_t runs = a->own * a->ranks, core = rt.core - launch->first_core;
  const uint32_t* arrived = read_arrived(a->arrived, runs);
  copies_t copies = {.next = 0};
  uint32_t place = 0;
  if (core == 0) tell_table(a, arrived);
  for (uint32_t run = 0, turn = 0; run < runs; ++run) {
    const uint32_t count = arrived[run];
    if (turn == core) {
      copy(&copies, a->inbox + (uint64_t)run * a->capacity * a->row,
           a->packed + (uint64_t)place * a->row, count * a->row, hc_now(), HC_NO_ADD);
    }
    turn = turn + 1u == launch->core_count ? 0 : turn + 1u;
    place += count;
  }
  rt_fence(hc_now(), kernel_done());
}

void kernel_return(const hc_launch_t* launch) {
  const hc_return_args_t* a = &launch->args.give_back;
  const uint32_t runs = a->own * a->ranks, core = rt.core - launch->first_core;
  const uint32_t* arrived = read_arrived(a->arrived, runs);
  const hc_add_t landed = hc_add_all(HC_COUNTER_GATHER);
  copies_t copies = {.next = 0};
  uint32_t place = 0;
  for (uint32_t run = 0, turn = 0, source = 0, expert = a->rank * a->own; run < runs; ++run) {
    const uint32_t count = arrived[run];
    const hc_gaddr_t src = a->results + (uint64_t)place * a->row;
    const hc_gaddr_t dst = a->back + (uint64_t)expert * a->capacity * a->row;
    if (turn == core) {
      if (source == a->rank) {
        copy(&copies, src, dst, count * a->row, rt_ready(), landed);
        if (count == 0) rt_fence(hc_now(), landed);
      } else if (count != 0) {
        put(src, dst, a->first_aipu + source, count * a->row, rt_ready(), landed);
      } else {
        hc_notify(on_aipu(dst, a->first_aipu + source), HC_CLASS_EXPERT, landed);
      }
    }
    turn = turn + 1u == launch->core_count ? 0 : turn + 1u;
    place += count;
    if (++source == a->ranks) {
      source = 0;
      ++expert;
    }
  }
  rt_fence(hc_when(HC_COUNTER_SENT, rt.sends), kernel_done());
}
