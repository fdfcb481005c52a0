/* SPDX-License-Identifier: Apache-2.0
 *
 * Tiles of keys and values, from dense or paged caches.
 */
#include "firmware/kernels/flash.h"

/* One operand of a tile: columns of each position and where they go. */
typedef struct {
  const hc_cache_t* cache;
  uint32_t offset;       /* of the kv head within a position or page */
  uint32_t bytes, pitch; /* of a row; between rows in SRAM */
} operand_t;

static hc_shape_t rows_of(const operand_t* o, uint32_t count) {
  const uint32_t stride = o->cache->position;
  if (stride == o->bytes && o->pitch == o->bytes) return hc_line(count * o->bytes);
  return hc_rows(o->bytes, count, stride, o->pitch);
}

/* One command for each page that the positions lie in; the last one does the add. */
static void load_operand(flash_t* f, const operand_t* o, uint32_t sequence, uint32_t queue,
                         uint32_t sram, uint32_t first, uint32_t count, hc_wait_t wait,
                         hc_add_t add) {
  const uint32_t end = first + count;
  while (first < end) {
    const paged_run_t run = paged_run(&f->pages, o->cache, sequence, first, end - first);
    first += run.count;
    hc_dma_copy(queue, run.at + o->offset, rt_local(sram), rows_of(o, run.count), wait,
                first == end ? add : HC_NO_ADD, HC_NO_ADD);
    wait = hc_now();
    sram += run.count * o->pitch;
  }
}

/* The shared columns of keys lie behind the own ones of the head. */
static void load_shared(const flash_t* f, uint32_t sequence, uint32_t queue, uint32_t sram,
                        uint32_t first, uint32_t count, hc_add_t add) {
  const hc_flash_args_t* a = f->args;
  const uint32_t bytes = a->shared_width * f->kv_size, pitch = a->key_width * f->kv_size;
  const hc_gaddr_t at =
      a->k_shared + (uint64_t)sequence * a->shared_sequence + (uint64_t)first * a->shared_position;
  hc_dma_copy(queue, at, rt_local(sram + pitch - bytes),
              hc_rows(bytes, count, a->shared_position, pitch), hc_now(), add, HC_NO_ADD);
}

flash_tile_t flash_load(flash_t* f, const flash_item_t* item, uint32_t first, uint32_t count,
                        int fresh) {
  const hc_flash_args_t* a = f->args;
  const uint32_t queue = fresh ? HC_ABI_QUEUE_STORE : HC_ABI_QUEUE_LOAD;
  const hc_add_t landed = hc_add(fresh ? HC_COUNTER_INPUT : HC_COUNTER_FILLED, 1);
  uint32_t* landings = fresh ? &rt.inputs : &rt.fills;
  const uint32_t sequence = a->first_sequence + item->sequence;
  const uint32_t pitch = a->key_width * f->kv_size;
  const operand_t k = {&a->k, item->head * a->k.head, pitch - a->shared_width * f->kv_size, pitch};
  flash_tile_t tile;

  rt_tile_t taken = rt_stream_take(count * pitch);
  load_operand(f, &k, sequence, queue, taken.sram, first, count,
               hc_when(HC_COUNTER_FREED, taken.freed), a->k_shared == 0 ? landed : HC_NO_ADD);
  if (a->k_shared != 0) load_shared(f, sequence, queue, taken.sram, first, count, landed);
  ++*landings;
  tile.k = tile.v = taken.sram;
  tile.k_filled = tile.v_filled = rt.fills;
  if (a->v.at == 0) return tile;

  const uint32_t bytes = a->value_width * f->kv_size;
  const operand_t v = {&a->v, item->head * a->v.head, bytes, bytes};
  taken = rt_stream_take(count * bytes);
  load_operand(f, &v, sequence, queue, taken.sram, first, count,
               hc_when(HC_COUNTER_FREED, taken.freed), landed);
  ++*landings;
  tile.v = taken.sram;
  tile.v_filled = rt.fills;
  return tile;
}
