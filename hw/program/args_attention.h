/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments of the attention and cache kernels (hw/docs/kernels_attention.md). C11 and C++17;
 * included by launch.h.
 */
#ifndef HW_PROGRAM_ARGS_ATTENTION_H
#define HW_PROGRAM_ARGS_ATTENTION_H

#include <stdint.h>

/* Blocks of rows that a core has in flight, and that share the tiles they load. */
#define HC_FLASH_MOST_BLOCKS 2u
/* Words of control data that a core keeps: starts of sequences, and a window of a block table. */
#define HC_FLASH_MOST_SEQUENCES 256u
#define HC_FLASH_TABLE_WINDOW 256u
/* As context_positions: all that there are. */
#define HC_FLASH_WHOLE_CONTEXT 0x7fffffffu

/* Where the keys (or values) of a cache lie. Position p of kv head h of sequence s, dense:
 * at + s * sequence + h * head + p * position; paged: at + page * sequence + h * head +
 * (p % page size) * position, with the page's number from the block table. */
typedef struct {
  uint64_t at, sequence;
  uint32_t head, position;
} hc_cache_t;

/* Softmax attention. A block is block_rows rows of a sequence times block_heads query heads of one
 * kv head; an item is `blocks` consecutive blocks (rows outside, heads inside) and one split of the
 * context, cut into tiles of `tile` positions. Row r of a sequence is at position start + r. */
typedef struct {
  uint64_t q;   /* [row][q head][key_width] of dtype */
  uint64_t out; /* [row][q head][value_width] of dtype, where planes is 0 */
  /* planes > 0: [block][plane] F32 rows [m x value_width] and then {m, l} [m x 2], m rows of
   * scores; this launch writes planes [plane, plane + splits) on AIPU `owner`. */
  uint64_t partial;
  hc_cache_t k, v;   /* v.at 0: values are the first value_width columns of the keys */
  uint64_t k_shared; /* the last shared_width columns of keys, the same for all heads; dense */
  uint64_t table;    /* u32 [sequence][table_stride] page numbers; 0: the cache is dense */
  uint64_t starts;   /* u32 a sequence, at most HC_FLASH_MOST_SEQUENCES; 0: that of the step */
  uint32_t shared_position, shared_sequence; /* bytes between positions, sequences of k_shared */
  uint32_t rows, rows_per_sequence, first_sequence;
  uint32_t q_heads, kv_heads, key_width, shared_width, value_width;
  uint32_t dtype, kv_dtype;
  uint32_t block_rows, block_heads, blocks, tile;
  uint32_t splits, plane, planes, owner;
  uint32_t page, table_stride; /* positions of a page, a power of two */
  uint32_t scale;              /* F32 bits */
  uint32_t causal, window;     /* window: last positions that a row sees, 0: all; causal only */
  /* This AIPU has positions [context_first, context_first + context_positions) of each sequence. */
  uint32_t context_first, context_positions;
  uint32_t ordered; /* 1: all loads of the cache wait for the kernels before, 0: of new positions */
  uint32_t ring;    /* bytes of an own stream ring beside own areas, 0: as in sram_map.h */
  uint32_t merge_rows; /* flash_merge: rows of scores that a core joins at a time */
} hc_flash_args_t;

/* Appends rows to a cache: converts k_rows [row][kv head][key_width] (v_rows alike, 0: none) from
 * dtype to kv_dtype, times the scale, a run of `run` rows of a sequence at a time. */
typedef struct {
  uint64_t k_rows, v_rows;
  hc_cache_t k, v;
  uint64_t table, starts;
  uint32_t k_stride, v_stride; /* bytes between rows of k_rows, v_rows */
  uint32_t rows, rows_per_sequence, first_sequence;
  uint32_t kv_heads, key_width, value_width;
  uint32_t dtype, kv_dtype;
  uint32_t k_scale, v_scale; /* F32 bits */
  uint32_t page, table_stride;
  uint32_t context_first, context_positions;
  uint32_t run;
} hc_append_args_t;

/* Puts pages to another AIPU, layer by layer: page src_pages[i] goes to dst_pages[i]. One message a
 * layer, page and piece (K and V, where they lie apart); each adds 1 to `gather` on all cores
 * there. */
typedef struct {
  uint64_t src, dst;
  uint64_t src_pages, dst_pages;                                           /* u32 lists here */
  uint64_t src_page, dst_page, src_layer, dst_layer, src_piece, dst_piece; /* bytes between */
  uint32_t pages, layers, pieces, bytes;
  uint32_t destination; /* AIPU */
  uint32_t traffic_class, pace;
} hc_transfer_args_t;

/* Products that a core has in flight: each has a part of the input area and of both accumulators.
 */
#define HC_HEADS_AREAS 4u
/* One product a head: out[row][head] = in[row][head] . w[head]. Weights: [head][column tile] of
 * [k x tile] numbers, each aligned to 64 bytes. */
typedef struct {
  uint64_t in, w, out;
  uint32_t rows, heads, k, n, tile;
  uint32_t in_row, in_head, out_row, out_head; /* bytes between */
  uint32_t dtype, w_dtype, out_dtype;
} hc_heads_args_t;

#endif
