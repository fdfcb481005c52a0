/* SPDX-License-Identifier: Apache-2.0
 *
 * out = a . w. The core's columns come in tiles of tile_n; for each, the weight tiles of all k
 * stream through the ring while `a` stays in the input area (resident) or streams beside them.
 * Weights wait for nothing but room, so they are on their way while earlier kernels still compute.
 */
#include "firmware/kernels/kernels.h"

typedef struct {
  const hc_gemm_args_t* args;
  uint64_t weights; /* of the next tile */
  uint32_t size;    /* bytes of an operand */
  uint32_t tiles;   /* column tiles issued so far */
  uint32_t index;   /* of this core in the launch */
  /* What must be done before an accumulator is used again. */
  uint32_t stored[2], sent[2], compared[2];
  int started; /* the first input was issued */
} gemm_t;

/* One column tile: columns [first, first + count) of the result, `width` of the accumulator. */
typedef struct {
  uint32_t first, count, width, accumulator;
  uint32_t result; /* where it lies in the output format */
  int last;
} column_tile_t;

static void start_input(gemm_t* g) {
  if (g->started) return;
  g->started = 1;
  rt_fence_sends();
  if (!g->args->resident) {
    rt_fence(rt_ready(), HC_NO_ADD);
    return;
  }
  const uint32_t row = g->args->k * g->size;
  rt_input(g->args->a, rt_area(HC_SRAM_INPUT), hc_rows(row, g->args->rows, g->args->a_stride, row));
}

/* Where the tile A[:, k0 .. k0 + kt) lies; streamed tiles are loaded here. */
static uint32_t input_tile(gemm_t* g, uint32_t k0, uint32_t kt, uint32_t* lda) {
  const hc_gemm_args_t* args = g->args;
  start_input(g);
  if (args->resident) {
    *lda = args->k;
    return rt_area(HC_SRAM_INPUT) + k0 * g->size;
  }
  const uint32_t row = kt * g->size;
  const rt_tile_t tile = rt_stream_take(args->rows * row);
  rt_input_after(args->a + (uint64_t)k0 * g->size, tile.sram,
                 hc_rows(row, args->rows, args->a_stride, row),
                 hc_when(HC_COUNTER_FREED, tile.freed));
  *lda = kt;
  return tile.sram;
}

static void multiply(gemm_t* g, const column_tile_t* tile) {
  const hc_gemm_args_t* args = g->args;
  hc_mac_t mac = {.c = tile->accumulator,
                  .m = args->rows,
                  .n = tile->width,
                  .ldb = tile->width,
                  .ldc = tile->width,
                  .dtype_a = args->dtype,
                  .dtype_b = args->dtype};
  for (uint32_t k0 = 0; k0 < args->k; k0 += args->tile_k) {
    mac.k = rt_min(args->tile_k, args->k - k0);
    const uint32_t bytes = mac.k * tile->width * g->size;
    const rt_tile_t b = rt_stream_load(g->weights, bytes);
    g->weights += rt_align64(bytes);
    mac.b = b.sram;
    mac.a = input_tile(g, k0, mac.k, &mac.lda);
    mac.accumulate = k0 != 0;
    const int last = k0 + mac.k >= args->k;
    hc_tensor_mac(&mac, hc_when2(HC_COUNTER_FILLED, b.filled, HC_COUNTER_INPUT, rt.inputs),
                  hc_add(HC_COUNTER_FREED, args->resident ? 1u : 2u),
                  last ? hc_add(HC_COUNTER_MAC, 1) : HC_NO_ADD);
  }
  ++rt.macs;
}

/* Brings the accumulator into the output format; returns what readers of the result wait for. */
static hc_wait_t finish(const gemm_t* g, const column_tile_t* tile) {
  const hc_gemm_args_t* args = g->args;
  const hc_wait_t computed = hc_when(HC_COUNTER_MAC, rt.macs);
  const int swiglu = args->epilogue == HC_EPILOGUE_SWIGLU;
  if (!swiglu && args->out_dtype == HC_ABI_DTYPE_F32) return computed;
  const hc_vector_t v = {.src0 = tile->accumulator,
                         .src1 = tile->accumulator + tile->count * 4u,
                         .dst = tile->result,
                         .rows = args->rows,
                         .cols = tile->count,
                         .ld_src0 = tile->width,
                         .ld_src1 = tile->width,
                         .ld_dst = tile->count,
                         .dtype_dst = args->out_dtype,
                         .imm0 = 0x3f800000u /* 1.0 */};
  hc_vector(swiglu ? HC_VECTOR_OP_SWIGLU : HC_VECTOR_OP_CONVERT, &v, computed,
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  return hc_when(HC_COUNTER_VECTOR, ++rt.vectors);
}

static void store_tile(gemm_t* g, const column_tile_t* tile) {
  const hc_gemm_args_t* args = g->args;
  const hc_wait_t ready = finish(g, tile);
  const uint32_t size = rt_size_of(args->out_dtype);
  const uint32_t row = tile->count * size;
  rt_store(tile->result, args->out + (uint64_t)tile->first * size,
           hc_rows(row, args->rows, row, args->out_stride), ready,
           tile->last ? kernel_done() : HC_NO_ADD);
}

/* Partial sums go to the owners of their columns, plane `rank` of each inbox. */
static void scatter_tile(gemm_t* g, const column_tile_t* tile) {
  const hc_gemm_args_t* args = g->args;
  const hc_wait_t ready = finish(g, tile);
  const uint32_t size = rt_size_of(args->out_dtype);
  const uint32_t slice_row = args->slice * size;
  const uint64_t plane = (uint64_t)args->rank * args->rows * slice_row;
  const uint32_t end = tile->first + tile->count;
  for (uint32_t column = tile->first; column < end;) {
    const uint32_t owner = column / args->slice;
    const uint32_t inside = column - owner * args->slice;
    const uint32_t count = rt_min(args->slice - inside, end - column);
    rt_send(tile->result + (column - tile->first) * size,
            args->out + plane + (uint64_t)inside * size, args->first_aipu + owner,
            hc_rows(count * size, args->rows, tile->count * size, slice_row), HC_CLASS_TENSOR,
            ready, hc_add_all(HC_COUNTER_REDUCE));
    column += count;
  }
}

/* The best column of the tile, then the better of it and the best so far; after the last tile the
 * winner is stored. */
static void argmax_tile(gemm_t* g, const column_tile_t* tile) {
  const hc_gemm_args_t* args = g->args;
  const uint32_t best = rt_area(HC_SRAM_SEND);
  const uint32_t pairs = args->rows * 8u;
  hc_vector_t v = {.src0 = tile->accumulator,
                   .dst = g->tiles == 0 ? best : best + pairs,
                   .rows = args->rows,
                   .cols = tile->count,
                   .ld_src0 = tile->width,
                   .param0 = args->first_column + tile->first};
  hc_vector(HC_VECTOR_OP_ARGMAX, &v, hc_when(HC_COUNTER_MAC, rt.macs), hc_add(HC_COUNTER_VECTOR, 1),
            HC_NO_ADD);
  ++rt.vectors;
  if (g->tiles != 0) {
    v = (hc_vector_t){.src0 = best,
                      .dst = best,
                      .rows = args->rows,
                      .cols = 1,
                      .param0 = 2,
                      .plane_stride = pairs};
    hc_vector(HC_VECTOR_OP_ARGMAX_MERGE, &v, hc_now(), hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
    ++rt.vectors;
  }
  g->compared[g->tiles % 2u] = rt.vectors;
  if (!tile->last) return;
  rt_store(best, args->out + (uint64_t)g->index * pairs, hc_line(pairs),
           hc_when(HC_COUNTER_VECTOR, rt.vectors), kernel_done());
}

/* Waits until the tile before the last one has left the accumulator that comes next. */
static void reuse_accumulator(const gemm_t* g) {
  if (g->tiles < 2) return;
  hc_counter_wait(HC_COUNTER_STORED, g->stored[g->tiles % 2u]);
  hc_counter_wait(HC_COUNTER_SENT, g->sent[g->tiles % 2u]);
  hc_counter_wait(HC_COUNTER_VECTOR, g->compared[g->tiles % 2u]);
}

void kernel_gemm(const hc_launch_t* launch) {
  const hc_gemm_args_t* args = &launch->args.gemm;
  gemm_t g = {.args = args, .size = rt_size_of(args->dtype), .index = rt.core - launch->first_core};
  g.weights = args->w + ((uint64_t)args->core_stride_hi << 32 | args->core_stride_lo) * g.index;
  const rt_range_t columns = rt_deal(args->cols, args->unit, launch);
  for (uint32_t first = columns.begin; first < columns.end; first += args->tile_n) {
    column_tile_t tile = {.first = first, .count = rt_min(args->tile_n, columns.end - first)};
    tile.width = args->epilogue == HC_EPILOGUE_SWIGLU ? 2u * tile.count : tile.count;
    tile.accumulator = rt_area(g.tiles % 2u == 0 ? HC_SRAM_ACC0 : HC_SRAM_ACC1);
    /* Converted in place; silu(gate) * up, which has two sources, goes behind them. */
    tile.result = tile.accumulator;
    if (args->epilogue == HC_EPILOGUE_SWIGLU) {
      tile.result += rt_align64(args->rows * tile.width * 4u);
    }
    tile.last = first + tile.count >= columns.end;
    reuse_accumulator(&g);
    multiply(&g, &tile);
    switch (args->epilogue) {
      case HC_EPILOGUE_REDUCE:
        scatter_tile(&g, &tile);
        break;
      case HC_EPILOGUE_ARGMAX:
        argmax_tile(&g, &tile);
        break;
      default:
        store_tile(&g, &tile);
        break;
    }
    g.stored[g.tiles % 2u] = rt.stores;
    g.sent[g.tiles % 2u] = rt.sends;
    ++g.tiles;
  }
}
