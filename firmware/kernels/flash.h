/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of flash attention share: blocks of rows at work on a core, and where the tiles of
 * their keys and values come from. hw/docs/kernels_attention.md says why it is cut so.
 */
#ifndef FIRMWARE_KERNELS_FLASH_H
#define FIRMWARE_KERNELS_FLASH_H

#include "firmware/kernels/paged.h"

/* A block of rows. */
typedef struct {
  uint32_t index;       /* of all blocks of the launch */
  uint32_t row, rows;   /* within the sequence */
  uint32_t head;        /* first query head */
  uint32_t m;           /* rows of scores */
  int32_t seen;         /* positions here that its first row may see; the others one more each */
  uint32_t begin, end;  /* positions that any of its rows sees; of those, of the split */
  uint64_t destination; /* of its result, or partial result */
} flash_block_t;

/* One of the blocks in flight: its areas, and what its next commands wait for. */
typedef struct {
  flash_block_t block;
  uint32_t q, scores, out, state, result;
  uint32_t begun;    /* 1: out and state hold something of this block */
  uint32_t scored;   /* HC_COUNTER_MAC after its last scores: q is free; 0: never used */
  uint32_t weighted; /* HC_COUNTER_VECTOR after its last softmax step */
  uint32_t out_free, result_free; /* counters that say that the areas have left; 0: they have */
  /* The weighted sum that is still to be issued; it comes after the scores of the other block. */
  uint32_t pending, v, v_filled, count, accumulate, frees, last;
} flash_lane_t;

/* A tile of keys and values in the stream ring. */
typedef struct {
  uint32_t k, v, k_filled, v_filled;
} flash_tile_t;

typedef struct {
  const hc_flash_args_t* args;
  paged_t pages;
  uint32_t sequences, head_blocks, blocks, pairs; /* blocks, pairs: of one (sequence, kv head) */
  uint32_t size, kv_size, capacity;               /* capacity: rows of scores of a full block */
  uint32_t plane;                                 /* bytes of a partial result */
  uint32_t out_counter;                           /* that says that a partial result has left */
  uint32_t shaped;   /* columns that the words of the vector queue are set for */
  uint32_t in_place; /* results replace sums: no room for both */
  flash_lane_t lane[HC_FLASH_MOST_BLOCKS];
} flash_t;

/* An item: up to two blocks of a sequence and kv head, and the tiles of its split. */
typedef struct {
  uint32_t sequence, head, split;
  uint32_t blocks;
  uint32_t begin, end; /* positions of the split, of all its blocks */
  int32_t fresh;       /* positions from here on are appended by the step itself */
  flash_block_t block[HC_FLASH_MOST_BLOCKS];
} flash_item_t;

/* Area of the scratch SRAM that fences of the load queue write. */
#define FLASH_FENCE (HC_SRAM_SCRATCH + 0xf80u)
static inline uint32_t flash_ceil(uint32_t a, uint32_t b) {
  return (a + b - 1u) / b;
}

/* What follows from the arguments; areas are not laid out. */
flash_t flash_begin(const hc_flash_args_t* args);
/* Item `index`, in descending order of work. */
flash_item_t flash_item(flash_t* f, uint32_t index);

/* Loads positions [first, first + count): through the load queue, or through the store queue behind
 * what waits for earlier kernels (`fresh`). */
flash_tile_t flash_load(flash_t* f, const flash_item_t* item, uint32_t first, uint32_t count,
                        int fresh);

#endif
