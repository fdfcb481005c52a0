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

/* One command for each page that the positions lie in; the last one does the add. A tile lies in
 * one window of the block table. Words that stay from page to page are written once. */
static void load_pages(flash_t* f, const operand_t* o, uint32_t sequence, uint32_t queue,
                       uint32_t sram, uint32_t first, uint32_t count, hc_wait_t wait,
                       hc_add_t add) {
  const uint32_t page = f->pages.page, position = o->cache->position;
  const uint32_t stride = (uint32_t)o->cache->sequence;
  const uint32_t* number = paged_numbers(&f->pages, sequence, first >> f->pages.shift);
  uint32_t in_page = first & (page - 1u), shaped = 0;
  const hc_gaddr_t base = o->cache->at + o->offset;
  hc_gaddr_t to = rt_local(sram);
  hc_queue_sync(queue, wait, HC_NO_ADD, HC_NO_ADD);
  hc_queue_gaddr(queue, HC_DMA_W_DST_LO, to);
  while (count != 0) {
    const uint32_t run = rt_min(page - in_page, count);
    if (run != shaped) hc_dma_shape(queue, rows_of(o, run));
    shaped = run;
    hc_queue_gaddr(queue, HC_DMA_W_SRC_LO,
                   base + (uint64_t)*number++ * stride + in_page * position);
    hc_queue_write(queue, HC_DMA_W_DST_LO, (uint32_t)to);
    count -= run;
    if (count == 0) hc_queue_write(queue, HC_ABI_W_ADD0, add);
    hc_queue_ring(queue, HC_DMA_OP_COPY);
    hc_queue_write(queue, HC_ABI_W_WAIT, hc_now().word);
    in_page = 0;
    to += run * o->pitch;
  }
}

static void load_operand(flash_t* f, const operand_t* o, uint32_t sequence, uint32_t queue,
                         uint32_t sram, uint32_t first, uint32_t count, hc_wait_t wait,
                         hc_add_t add) {
  if (f->pages.stride != 0) {
    load_pages(f, o, sequence, queue, sram, first, count, wait, add);
    return;
  }
  const hc_gaddr_t at = o->cache->at + o->offset + sequence * o->cache->sequence +
                        (uint64_t)first * o->cache->position;
  hc_dma_copy(queue, at, rt_local(sram), rows_of(o, count), wait, add, HC_NO_ADD);
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
