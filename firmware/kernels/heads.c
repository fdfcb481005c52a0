/* SPDX-License-Identifier: Apache-2.0
 *
 * One product a head, for what multi-head latent attention absorbs: queries into the latent space,
 * results out of it. Weights are streamed once, tile by tile.
 */
#include "firmware/kernels/flash.h"
#include "firmware/kernels/kernels.h"

typedef struct {
  uint32_t in, sums, out;
  uint32_t stored; /* HC_COUNTER_STORED that says that they are free */
} areas_t;

/* Tiles of weights that are asked for ahead of their product. */
#define AHEAD 4u

static uint32_t cols_of(const hc_heads_args_t* a, uint32_t tile) {
  return rt_min(a->tile, a->n - tile * a->tile);
}

static areas_t areas_of(const hc_heads_args_t* a, uint32_t turn) {
  areas_t s = {.in = rt_area(HC_SRAM_INPUT) + turn * (HC_SRAM_INPUT_BYTES / HC_HEADS_AREAS),
               .sums = rt_area(HC_SRAM_ACC0) + turn * (2u * HC_SRAM_ACC_BYTES / HC_HEADS_AREAS)};
  s.out = s.in + rt_align64(a->rows * a->k * rt_size_of(a->dtype));
  return s;
}

/* The product and its conversion; where the one before had as many columns, only what differs. */
static void multiply(const hc_heads_args_t* a, const rt_tile_t* w, const areas_t* s, uint32_t cols,
                     int repeated) {
  ++rt.macs;
  ++rt.vectors;
  if (repeated) {
    const uint32_t t = HC_ABI_QUEUE_TENSOR, v = HC_ABI_QUEUE_VECTOR;
    hc_queue_write(t, HC_TENSOR_W_C, s->sums);
    hc_queue_write(t, HC_ABI_W_WAIT1_TARGET, rt.inputs);
    hc_tensor_repeat(s->in, w->sram, w->filled);
    hc_queue_write(v, HC_ABI_W_WAIT0_TARGET, rt.macs);
    hc_queue_write(v, HC_VECTOR_W_SRC0, s->sums);
    hc_queue_write(v, HC_VECTOR_W_DST, s->out);
    hc_queue_ring(v, HC_VECTOR_OP_CONVERT);
    return;
  }
  const hc_mac_t mac = {.a = s->in,
                        .b = w->sram,
                        .c = s->sums,
                        .m = a->rows,
                        .n = cols,
                        .k = a->k,
                        .lda = a->k,
                        .ldb = cols,
                        .ldc = cols,
                        .dtype_a = a->dtype,
                        .dtype_b = a->w_dtype};
  hc_tensor_mac(&mac, hc_when2(HC_COUNTER_FILLED, w->filled, HC_COUNTER_INPUT, rt.inputs),
                hc_add(HC_COUNTER_FREED, 1), hc_add(HC_COUNTER_MAC, 1));
  const hc_vector_t v = {.src0 = s->sums,
                         .dst = s->out,
                         .rows = a->rows,
                         .cols = cols,
                         .ld_src0 = cols,
                         .ld_dst = cols,
                         .dtype_dst = a->out_dtype,
                         .imm0 = 0x3f800000u}; /* 1.0f */
  hc_vector(HC_VECTOR_OP_CONVERT, &v, hc_when(HC_COUNTER_MAC, rt.macs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
}

/* Weights go ahead of the areas: their loads are issued before the wait for those. */
static void head_tile(const hc_heads_args_t* a, const rt_tile_t* w, uint32_t head, uint32_t tile,
                      uint32_t cols, areas_t* s, int repeated) {
  const uint32_t row = a->k * rt_size_of(a->dtype), size = rt_size_of(a->out_dtype);
  hc_counter_wait(HC_COUNTER_STORED, s->stored);
  rt_input(a->in + (uint64_t)head * a->in_head, s->in, hc_rows(row, a->rows, a->in_row, row));
  multiply(a, w, s, cols, repeated);
  rt_store(s->out, a->out + (uint64_t)head * a->out_head + tile * a->tile * size,
           hc_rows(cols * size, a->rows, cols * size, a->out_row),
           hc_when(HC_COUNTER_VECTOR, rt.vectors), HC_NO_ADD);
  s->stored = rt.stores;
}

void kernel_heads(const hc_launch_t* launch) {
  const hc_heads_args_t* a = &launch->args.heads;
  const uint32_t tiles = flash_ceil(a->n, a->tile), size = rt_size_of(a->w_dtype);
  const uint32_t slot = rt_align64(a->k * a->tile * size);
  const rt_range_t own = rt_deal(a->heads * tiles, 1, launch);
  areas_t areas[HC_HEADS_AREAS];
  for (uint32_t i = 0; i < HC_HEADS_AREAS; ++i)
    areas[i] = areas_of(a, i);
  rt_tile_t ahead[AHEAD];
  uint32_t loaded = own.begin, before = 0;
  for (uint32_t unit = own.begin; unit < own.end; ++unit) {
    const uint32_t head = unit / tiles, tile = unit - head * tiles;
    for (; loaded < own.end && loaded < unit + AHEAD; ++loaded)
      ahead[loaded % AHEAD] =
          rt_stream_load(a->w + (uint64_t)loaded * slot, a->k * size * cols_of(a, loaded % tiles));
    const uint32_t cols = cols_of(a, tile);
    head_tile(a, &ahead[unit % AHEAD], head, tile, cols, &areas[unit % HC_HEADS_AREAS],
              cols == before);
    before = cols;
  }
  rt_fence(hc_when(HC_COUNTER_STORED, rt.stores), kernel_done());
}
