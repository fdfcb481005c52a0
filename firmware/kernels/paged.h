/* SPDX-License-Identifier: Apache-2.0
 *
 * Control data of paged caches: starts of sequences and block tables, which harts read themselves.
 * Both lie in scratch SRAM; of a block table only a window, the next one on its way.
 */
#ifndef FIRMWARE_KERNELS_PAGED_H
#define FIRMWARE_KERNELS_PAGED_H

#include "firmware/rt/rt.h"

typedef struct {
  uint64_t table;
  uint32_t stride;        /* entries of a sequence; 0: dense */
  uint32_t page;          /* positions; all of them where dense */
  uint32_t shift;         /* log2(page) */
  uint32_t end;           /* pages of the sequence that are wanted */
  uint32_t key[2];        /* first page of the windows in scratch */
  uint32_t landed[2];     /* HC_COUNTER_LOADED that says they are there; 0: they are */
  const uint32_t* starts; /* of the first row of each sequence; NULL: rt.position */
} paged_t;

/* Asks for the starts and waits for them. `first`: sequence of entry 0. */
paged_t paged_begin(uint64_t table, uint32_t stride, uint32_t page, uint64_t starts, uint32_t first,
                    uint32_t sequences);

/* From here on pages [.., end) of a sequence are wanted, in ascending order by windows. */
void paged_want(paged_t* p, uint32_t end);
/* Table entries from page `index` of the sequence on, up to the end of the window it lies in. Waits
 * for the window. */
const uint32_t* paged_numbers(paged_t* p, uint32_t sequence, uint32_t index);

static inline uint32_t paged_start(const paged_t* p, uint32_t sequence) {
  return p->starts == 0 ? rt.position : p->starts[sequence];
}

/* A run of positions [first, first + count) of one page. */
typedef struct {
  hc_gaddr_t at; /* of `first`, head 0 */
  uint32_t count;
} paged_run_t;
/* The run at `first`, at most `most` positions. `sequence` counts from the first of the cache. */
paged_run_t paged_run(paged_t* p, const hc_cache_t* cache, uint32_t sequence, uint32_t first,
                      uint32_t most);

#endif
