/* SPDX-License-Identifier: Apache-2.0
 *
 * What there is to do: blocks of rows, items, and what each of them sees of the context.
 */
#include "firmware/kernels/flash.h"

flash_t flash_begin(const hc_flash_args_t* a) {
  flash_t f = {.args = a};
  f.sequences = a->rows / a->rows_per_sequence;
  f.head_blocks = a->q_heads / a->kv_heads / a->block_heads;
  f.blocks = flash_ceil(a->rows_per_sequence, a->block_rows) * f.head_blocks;
  f.pairs = flash_ceil(f.blocks, a->blocks);
  f.size = rt_size_of(a->dtype);
  f.kv_size = rt_size_of(a->kv_dtype);
  f.capacity = a->block_rows * a->block_heads;
  f.plane = f.capacity * (a->value_width + 2u) * 4u;
  f.out_counter = a->planes != 0 && a->owner != rt.aipu ? HC_COUNTER_SENT : HC_COUNTER_STORED;
  return f;
}

/* Block `index` of the item's (sequence, kv head); `start`: position of the sequence's first row.
 */
static flash_block_t block_at(const flash_t* f, const flash_item_t* item, uint32_t index,
                              uint32_t start) {
  const hc_flash_args_t* a = f->args;
  flash_block_t b;
  const uint32_t rows_before = f->head_blocks == 1 ? index : index / f->head_blocks;
  const uint32_t heads_before = index - rows_before * f->head_blocks;
  b.index = (item->sequence * a->kv_heads + item->head) * f->blocks + index;
  b.row = rows_before * a->block_rows;
  b.rows = rt_min(a->block_rows, a->rows_per_sequence - b.row);
  b.head = (item->head * f->head_blocks + heads_before) * a->block_heads;
  b.m = b.rows * a->block_heads;
  b.begin = 0;
  b.end = a->context_positions;
  b.seen = (int32_t)a->context_positions;
  if (!a->causal) return b;
  b.seen = (int32_t)(start + b.row + 1u - a->context_first);
  const int32_t last = b.seen + (int32_t)b.rows - 1, first = b.seen - (int32_t)a->window;
  b.end = last < 0 ? 0 : rt_min((uint32_t)last, a->context_positions);
  if (a->window != 0 && first > 0) b.begin = rt_min((uint32_t)first, b.end);
  return b;
}

/* The item's split of what its blocks see, in whole tiles counted from position 0. */
static void cut(const flash_t* f, flash_item_t* item) {
  const hc_flash_args_t* a = f->args;
  uint32_t begin = a->context_positions, end = 0;
  for (uint32_t i = 0; i < item->blocks; ++i) {
    begin = rt_min(begin, item->block[i].begin);
    if (item->block[i].end > end) end = item->block[i].end;
  }
  const uint32_t first = begin / a->tile;
  const uint32_t tiles = end <= begin ? 0 : flash_ceil(end, a->tile) - first;
  item->begin = (first + tiles * item->split / a->splits) * a->tile;
  item->end = rt_min(end, (first + tiles * (item->split + 1u) / a->splits) * a->tile);
  for (uint32_t i = 0; i < item->blocks; ++i) {
    flash_block_t* b = &item->block[i];
    if (b->begin < item->begin) b->begin = item->begin;
    b->end = rt_min(b->end, item->end);
  }
}

static uint64_t destination_of(const flash_t* f, const flash_item_t* item, const flash_block_t* b) {
  const hc_flash_args_t* a = f->args;
  if (a->planes != 0) {
    const uint32_t plane = b->index * a->planes + a->plane + item->split;
    return a->partial + (uint64_t)plane * f->plane;
  }
  const uint32_t row = item->sequence * a->rows_per_sequence + b->row;
  return a->out + ((uint64_t)row * a->q_heads + b->head) * (a->value_width * f->size);
}

flash_item_t flash_item(flash_t* f, uint32_t index) {
  const hc_flash_args_t* a = f->args;
  flash_item_t item;
  const uint32_t rest = a->splits == 1 ? index : index / a->splits;
  const uint32_t sequences = rest / a->kv_heads, before = sequences / f->sequences;
  item.split = index - rest * a->splits;
  item.head = rest - sequences * a->kv_heads;
  item.sequence = sequences - before * f->sequences;
  /* The last blocks of rows see most. */
  const uint32_t block = (f->pairs - 1u - before) * a->blocks;
  item.blocks = rt_min(a->blocks, f->blocks - block);
  const uint32_t start = paged_start(&f->pages, item.sequence);
  item.fresh = (int32_t)(start - a->context_first);
  for (uint32_t i = 0; i < item.blocks; ++i)
    item.block[i] = block_at(f, &item, block + i, start);
  cut(f, &item);
  for (uint32_t i = 0; i < item.blocks; ++i)
    item.block[i].destination = destination_of(f, &item, &item.block[i]);
  if (f->pages.stride != 0) paged_want(&f->pages, (item.end + a->page - 1u) >> f->pages.shift);
  return item;
}
