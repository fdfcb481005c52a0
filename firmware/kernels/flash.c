/* SPDX-License-Identifier: Apache-2.0
 *
 * Flash attention over dense or paged caches, prefill and decode alike: an online softmax over
 * tiles of positions. A core has two blocks of rows in flight, so that the tensor engine works on
 * one while the vector engine takes the other's softmax step; where they are blocks of one item
 * they share its tiles.
 *
 * Tensor queue: ... sum A(t-1), scores A(t), sum B(t-1), scores B(t), sum A(t), ...
 * Vector queue: ... step A(t-1), step B(t-1), step A(t), ...
 */
#include "firmware/kernels/flash.h"

#include "firmware/kernels/kernels.h"

/* Rows of a block in memory and, without gaps, in SRAM. */
static hc_shape_t block_shape(const flash_t* f, const flash_block_t* b, uint32_t width, int load) {
  const hc_flash_args_t* a = f->args;
  const uint32_t row = a->block_heads * width * f->size, far = a->q_heads * width * f->size;
  if (row == far) return hc_line(row * b->rows);
  return hc_rows(row, b->rows, load ? far : row, load ? row : far);
}

/* The result of a block: everything that it may see has been seen. */
static void finish_block(flash_t* f, flash_lane_t* l) {
  const uint32_t width = f->args->value_width;
  const hc_vector_t end = {.src0 = l->out,
                           .src2 = l->state,
                           .dst = l->result,
                           .rows = l->block.m,
                           .cols = width,
                           .ld_src0 = width,
                           .ld_dst = width,
                           .dtype_dst = f->args->dtype};
  hc_vector(HC_VECTOR_OP_SOFTMAX_END, &end,
            hc_when2(HC_COUNTER_MAC, rt.macs, HC_COUNTER_STORED, l->result_free),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  f->shaped = 0;
  rt_store(l->result, l->block.destination, block_shape(f, &l->block, width, 0),
           hc_when(HC_COUNTER_VECTOR, ++rt.vectors), HC_NO_ADD);
  l->result_free = rt.stores;
  if (f->in_place) l->out_free = rt.stores;
}

/* Leaves sums and state as a plane of the block, here or at the AIPU that joins them. */
static void leave_block(flash_t* f, flash_lane_t* l) {
  const hc_flash_args_t* a = f->args;
  const uint32_t bytes = l->block.m * (a->value_width + 2u) * 4u;
  rt_send(l->out, l->block.destination, a->owner, hc_line(bytes), HC_CLASS_TENSOR,
          hc_when(HC_COUNTER_MAC, rt.macs),
          a->planes > a->splits ? hc_add_all(HC_COUNTER_GATHER) : HC_NO_ADD);
  l->out_free = f->out_counter == HC_COUNTER_SENT ? rt.sends : rt.stores;
}

/* A block that sees nothing of the split: sums of zero, which merging passes over. */
static void leave_nothing(flash_t* f, flash_lane_t* l) {
  const hc_flash_args_t* a = f->args;
  const uint32_t bytes = l->block.m * 8u;
  hc_dma_fill(HC_ABI_QUEUE_STORE, 0, rt_local(l->state), hc_line(bytes),
              l->out_free == 0 ? rt_ready() : hc_when(f->out_counter, l->out_free),
              hc_add(HC_COUNTER_STORED, 1), HC_NO_ADD);
  ++rt.stores;
  rt_send(l->state, l->block.destination + l->block.m * a->value_width * 4u, a->owner,
          hc_line(bytes), HC_CLASS_TENSOR, hc_when(HC_COUNTER_STORED, rt.stores),
          a->planes > a->splits ? hc_add_all(HC_COUNTER_GATHER) : HC_NO_ADD);
  l->out_free = f->out_counter == HC_COUNTER_SENT ? rt.sends : rt.stores;
}

/* The weighted sum of the lane's last tile, if it is still to be issued. */
static void weigh(flash_t* f, flash_lane_t* l) {
  if (!l->pending) return;
  l->pending = 0;
  const hc_flash_args_t* a = f->args;
  const uint32_t width = a->value_width;
  const hc_mac_t sum = {.a = l->scores,
                        .b = l->v,
                        .c = l->out,
                        .m = l->block.m,
                        .n = width,
                        .k = l->count,
                        .lda = l->count,
                        .ldb = a->v.at == 0 ? a->key_width : width,
                        .ldc = width,
                        .dtype_a = a->dtype,
                        .dtype_b = a->kv_dtype,
                        .accumulate = l->accumulate};
  hc_tensor_mac(&sum, hc_when2(HC_COUNTER_FILLED, l->v_filled, HC_COUNTER_VECTOR, l->weighted),
                l->frees ? hc_add(HC_COUNTER_FREED, 1) : HC_NO_ADD, hc_add(HC_COUNTER_MAC, 1));
  ++rt.macs;
  if (!l->last) return;
  l->begun = 0;
  if (a->planes == 0) {
    finish_block(f, l);
  } else {
    leave_block(f, l);
  }
}

/* Tiles are freed in the order in which they were loaded: what frees older ones goes first. */
static void weigh_freeing(flash_t* f) {
  for (uint32_t i = 0; i < HC_FLASH_MOST_BLOCKS; ++i)
    if (f->lane[i].frees) weigh(f, &f->lane[i]);
}

/* One softmax step; the words that stay from step to step are written when they change. */
static void soften(flash_t* f, flash_lane_t* l, uint32_t first, uint32_t count, int fresh) {
  const hc_flash_args_t* a = f->args;
  const uint32_t q = HC_ABI_QUEUE_VECTOR, visible = (uint32_t)(l->block.seen - (int32_t)first);
  ++rt.vectors;
  if (!fresh && f->shaped == count) {
    hc_queue_write(q, HC_ABI_W_WAIT, hc_when(HC_COUNTER_MAC, 0).word);
    hc_queue_write(q, HC_ABI_W_WAIT0_TARGET, rt.macs);
    hc_queue_write(q, HC_VECTOR_W_SRC0, l->scores);
    hc_queue_write(q, HC_VECTOR_W_SRC2, l->state);
    hc_queue_write(q, HC_VECTOR_W_DST, l->scores);
    hc_queue_write(q, HC_VECTOR_W_ROWS, l->block.m);
    hc_queue_write(q, HC_VECTOR_W_FLAGS, a->dtype << HC_VECTOR_FLAGS_DTYPE_DST_SHIFT);
    hc_queue_write(q, HC_VECTOR_W_PARAM0, visible);
    hc_queue_write(q, HC_VECTOR_W_OUT, l->out);
    hc_queue_ring(q, HC_VECTOR_OP_SOFTMAX_STEP);
    return;
  }
  const hc_vector_t step = {.src0 = l->scores,
                            .src2 = l->state,
                            .dst = l->scores,
                            .rows = l->block.m,
                            .cols = count,
                            .ld_src0 = count,
                            .ld_dst = count,
                            .dtype_dst = a->dtype,
                            .first = (uint32_t)fresh,
                            .imm0 = a->scale,
                            .param0 = visible,
                            .param1 = a->block_heads,
                            .out = l->out,
                            .out_cols = a->value_width,
                            .ld_out = a->value_width,
                            .window = a->window};
  /* A fresh block overwrites sums of the one before, which must have left. */
  const uint32_t counter = f->in_place ? HC_COUNTER_STORED : f->out_counter;
  hc_vector(HC_VECTOR_OP_SOFTMAX_STEP, &step,
            fresh && l->out_free != 0 ? hc_when2(HC_COUNTER_MAC, rt.macs, counter, l->out_free)
                                      : hc_when(HC_COUNTER_MAC, rt.macs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  f->shaped = count;
}

/* Scores of a tile and their softmax step; the weighted sum is left pending. */
static void score(flash_t* f, flash_lane_t* l, const flash_tile_t* tile, uint32_t first,
                  uint32_t count, int frees) {
  const hc_flash_args_t* a = f->args;
  const uint32_t width = a->key_width;
  const int frees_keys = frees && a->v.at != 0;
  if (frees_keys) weigh_freeing(f);
  const hc_mac_t scores = {.a = l->q,
                           .b = tile->k,
                           .c = l->scores,
                           .m = l->block.m,
                           .n = count,
                           .k = width,
                           .lda = width,
                           .ldb = width,
                           .ldc = count,
                           .dtype_a = a->dtype,
                           .dtype_b = a->kv_dtype,
                           .transpose_b = 1};
  hc_tensor_mac(&scores, hc_when2(HC_COUNTER_FILLED, tile->k_filled, HC_COUNTER_INPUT, rt.inputs),
                frees_keys ? hc_add(HC_COUNTER_FREED, 1) : HC_NO_ADD, hc_add(HC_COUNTER_MAC, 1));
  l->scored = ++rt.macs;
  const int fresh = !l->begun;
  soften(f, l, first, count, fresh);
  l->begun = 1;
  l->weighted = rt.vectors;
  l->v = tile->v;
  l->v_filled = tile->v_filled;
  l->count = count;
  l->accumulate = !fresh;
  l->frees = (uint32_t)frees;
  l->last = first + count >= l->block.end;
  l->pending = 1;
}

static int sees(const flash_block_t* b, uint32_t first, uint32_t count) {
  return first < b->end && first + count > b->begin;
}

/* A block takes over its lane from the one before, whose last sum has been issued. */
static void take_over(flash_lane_t* l, const flash_block_t* block, uint32_t value_width) {
  if (l->begun) return;
  l->block = *block;
  l->state = l->out + block->m * value_width * 4u;
}

/* One tile for all blocks of the item, which lie in lanes from `lane` on. */
static void step(flash_t* f, const flash_item_t* item, uint32_t lane, uint32_t first) {
  const uint32_t count = rt_min(f->args->tile, item->end - first);
  const int fresh = !f->args->ordered && (int32_t)(first + count) > item->fresh;
  const flash_tile_t tile = flash_load(f, item, first, count, fresh);
  uint32_t last_user = 0;
  for (uint32_t i = 0; i < item->blocks; ++i)
    if (sees(&item->block[i], first, count)) last_user = i;
  for (uint32_t i = 0; i < item->blocks; ++i) {
    flash_lane_t* l = &f->lane[lane + i];
    weigh(f, l);
    if (!sees(&item->block[i], first, count)) continue;
    take_over(l, &item->block[i], f->args->value_width);
    score(f, l, &tile, first, count, i == last_user);
  }
  for (uint32_t i = 0; i < HC_FLASH_MOST_BLOCKS; ++i)
    if (i - lane >= item->blocks) weigh(f, &f->lane[i]);
}

static void weigh_all(flash_t* f) {
  for (uint32_t i = 0; i < HC_FLASH_MOST_BLOCKS; ++i)
    weigh(f, &f->lane[i]);
}

/* Loads the rows of q of a block when the scores of the one before in its lane are done. */
static void load_rows(flash_t* f, const flash_item_t* item, const flash_block_t* b,
                      const flash_lane_t* l) {
  const hc_flash_args_t* a = f->args;
  const uint32_t row = item->sequence * a->rows_per_sequence + b->row;
  const uint64_t at = ((uint64_t)row * a->q_heads + b->head) * (a->key_width * f->size);
  rt_input_after(a->q + at, l->q, block_shape(f, b, a->key_width, 1),
                 l->scored == 0 ? rt_ready() : hc_when(HC_COUNTER_MAC, l->scored));
}

static void run_item(flash_t* f, flash_item_t* item, uint32_t lane) {
  for (uint32_t i = 0; i < item->blocks; ++i) {
    const flash_block_t* b = &item->block[i];
    flash_lane_t* l = &f->lane[lane + i];
    if (b->begin < b->end) {
      load_rows(f, item, b, l);
      continue;
    }
    weigh_all(f);
    take_over(l, b, f->args->value_width);
    leave_nothing(f, l);
  }
  for (uint32_t first = item->begin; first < item->end; first += f->args->tile)
    step(f, item, lane, first);
}

/* Areas of the lanes, one after the other from `at` on. Where results have no room before `end`
 * they replace the sums. */
static void lay_out(flash_t* f, uint32_t at, uint32_t end) {
  const hc_flash_args_t* a = f->args;
  const uint32_t m = f->capacity;
  for (uint32_t i = 0; i < HC_FLASH_MOST_BLOCKS; ++i) {
    flash_lane_t* l = &f->lane[i];
    l->q = at;
    l->scores = l->q + rt_align64(m * a->key_width * f->size);
    l->out = l->scores + rt_align64(m * a->tile * 4u);
    at = l->out + rt_align64(f->plane);
  }
  const uint32_t result = rt_align64(m * a->value_width * f->size);
  f->in_place = a->planes == 0 && at + HC_FLASH_MOST_BLOCKS * result > end;
  for (uint32_t i = 0; i < HC_FLASH_MOST_BLOCKS; ++i)
    f->lane[i].result = f->in_place ? f->lane[i].out : at + i * result;
}

/* Waits until nothing that this core has issued uses its SRAM any more. */
static void settle(void) {
  hc_counter_wait(HC_COUNTER_FREED, rt.stream.issued);
  hc_counter_wait(HC_COUNTER_INPUT, rt.inputs);
  hc_counter_wait(HC_COUNTER_MAC, rt.macs);
  hc_counter_wait(HC_COUNTER_VECTOR, rt.vectors);
  hc_counter_wait(HC_COUNTER_STORED, rt.stores);
  hc_counter_wait(HC_COUNTER_SENT, rt.sends);
}

/* An empty stream ring of `bytes` at its usual place. */
static void resize_ring(uint32_t bytes) {
  settle();
  rt.stream.size = bytes;
  rt.stream.offset = 0;
  rt.stream.released = rt.stream.issued;
}

void kernel_flash(const hc_launch_t* launch) {
  const hc_flash_args_t* a = &launch->args.flash;
  flash_t f = flash_begin(a);
  const uint32_t items = f.sequences * a->kv_heads * f.pairs * a->splits;
  const uint32_t core = rt.core - launch->first_core;
  if (core >= items) return;
  if (a->ring == 0) {
    lay_out(&f, rt_area(HC_SRAM_INPUT), rt_area(HC_SRAM_SEND));
  } else {
    resize_ring(a->ring);
    lay_out(&f, rt_area(HC_SRAM_STREAM + a->ring), rt_area(HC_SRAM_SEND + HC_SRAM_SEND_BYTES));
  }
  if (a->ordered) {
    hc_dma_fill(HC_ABI_QUEUE_LOAD, 0, rt_local(rt_area(FLASH_FENCE)), hc_line(4), rt_ready(),
                HC_NO_ADD, HC_NO_ADD);
  }
  f.pages =
      paged_begin(a->table, a->table_stride, a->page, a->starts, a->first_sequence, f.sequences);
  /* There and back over the cores, so that each gets heavy and light items alike. */
  uint32_t turn = 0;
  for (uint32_t first = 0; first < items; first += launch->core_count, ++turn) {
    const uint32_t index = first + (turn % 2u == 0 ? core : launch->core_count - 1u - core);
    if (index >= items) continue;
    flash_item_t item = flash_item(&f, index);
    run_item(&f, &item, a->blocks == 1 ? turn % 2u : 0);
  }
  weigh_all(&f);
  rt_stream_words_lost();
  rt_fence(hc_when2(HC_COUNTER_STORED, rt.stores, HC_COUNTER_SENT, rt.sends), kernel_done());
  if (a->ring != 0) resize_ring(HC_SRAM_STREAM_BYTES);
}
