/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/paged.h"

#define WINDOW HC_FLASH_TABLE_WINDOW
#define NO_WINDOW 0xffffffffu

/* Scratch: starts, then two windows. */
static uint32_t window_area(uint32_t half) {
  return rt_area(HC_SRAM_SCRATCH) + (HC_FLASH_MOST_SEQUENCES + half * WINDOW) * 4u;
}

/* Control data come through the load queue, before the tiles that depend on them. */
static void fetch(hc_gaddr_t src, uint32_t sram, uint32_t words) {
  hc_dma_copy(HC_ABI_QUEUE_LOAD, src, rt_local(sram), hc_line(words * 4u), hc_now(),
              hc_add(HC_COUNTER_LOADED, 1), HC_NO_ADD);
  ++rt.loads;
}

paged_t paged_begin(uint64_t table, uint32_t stride, uint32_t page, uint64_t starts, uint32_t first,
                    uint32_t sequences) {
  paged_t p = {.table = table, .stride = table == 0 ? 0 : stride, .page = page};
  paged_want(&p, 0);
  if (table != 0) {
    while (1u << p.shift < page)
      ++p.shift;
  }
  if (starts != 0) {
    const uint32_t area = rt_area(HC_SRAM_SCRATCH);
    fetch(starts + 4u * first, area, sequences);
    hc_counter_wait(HC_COUNTER_LOADED, rt.loads);
    p.starts = rt_words(area);
  }
  return p;
}

void paged_want(paged_t* p, uint32_t end) {
  p->end = end;
  p->key[0] = p->key[1] = NO_WINDOW;
}

/* Asks for the window that begins with page `key`. */
static void ask(paged_t* p, uint32_t sequence, uint32_t key) {
  const uint32_t half = key / WINDOW % 2u;
  fetch(p->table + 4u * ((uint64_t)sequence * p->stride + key), window_area(half),
        rt_min(WINDOW, p->end - key));
  p->key[half] = key;
  p->landed[half] = rt.loads;
}

const uint32_t* paged_numbers(paged_t* p, uint32_t sequence, uint32_t index) {
  const uint32_t key = index & ~(WINDOW - 1u), half = index / WINDOW % 2u;
  if (p->key[half] != key) ask(p, sequence, key);
  if (p->landed[half] != 0) {
    hc_counter_wait(HC_COUNTER_LOADED, p->landed[half]);
    p->landed[half] = 0;
    /* The next one will be there when it is needed. */
    if (key + WINDOW < p->end) ask(p, sequence, key + WINDOW);
  }
  return rt_words(window_area(half)) + (index - key);
}

paged_run_t paged_run(paged_t* p, const hc_cache_t* cache, uint32_t sequence, uint32_t first,
                      uint32_t most) {
  if (p->stride == 0) {
    return (paged_run_t){cache->at + sequence * cache->sequence + (uint64_t)first * cache->position,
                         most};
  }
  const uint32_t in_page = first & (p->page - 1u);
  const uint32_t number = *paged_numbers(p, sequence, first >> p->shift);
  return (paged_run_t){cache->at + number * cache->sequence + (uint64_t)in_page * cache->position,
                       rt_min(most, p->page - in_page)};
}
