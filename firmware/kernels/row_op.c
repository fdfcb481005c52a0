/* SPDX-License-Identifier: Apache-2.0
 *
 * One vector operation over all rows of a matrix in memory: normalisation, activation, softmax,
 * quantisation, rotation. Tiles of rows pass through the stream ring: the load queue runs ahead as
 * far as the ring has room, the store queue follows the results. Bound by memory: each byte crosses
 * it once. Queues keep their words, so a tile costs the hart the words that change.
 */
#include "firmware/kernels/kernels.h"

/* A tile in the ring; parts that an operation does not have are empty. */
typedef struct {
  uint32_t src1, out, dst, bytes; /* offsets of the parts behind src0; of the whole tile */
} layout_t;

typedef struct {
  rt_tile_t tile;
  uint32_t first, rows;
} piece_t;

/* Rows of src1 that `rows` rows need. */
static uint32_t src1_rows(const hc_rows_args_t* a, uint32_t rows) {
  switch (a->src1_kind) {
    case HC_ROWS_STREAMED:
      return rows;
    case HC_ROWS_GROUPED:
      return (rows + a->src1_rows - 1u) / a->src1_rows;
    default:
      return 0;
  }
}

static layout_t layout_of(const hc_rows_args_t* a) {
  const uint32_t numbers = a->block_rows * a->cols;
  const uint32_t from = rt_size_of(a->dtype_src0), to = rt_size_of(a->dtype_dst);
  layout_t l;
  l.src1 = rt_align64(numbers * from);
  l.out =
      l.src1 + rt_align64(src1_rows(a, a->block_rows) * a->src1_cols * rt_size_of(a->dtype_src1));
  const uint32_t end = l.out + rt_align64(a->block_rows * a->out_cols * 4u);
  /* Results that are not wider replace what they came from. */
  l.dst = to <= from ? 0 : end;
  l.bytes = to <= from ? end : end + rt_align64(numbers * to);
  return l;
}

/* Rows that are packed in SRAM; a single line where they are packed in memory as well. */
static hc_shape_t load_shape(uint32_t bytes, uint32_t rows, uint32_t stride) {
  return stride == bytes ? hc_line(bytes * rows) : hc_rows(bytes, rows, stride, bytes);
}
static hc_shape_t store_shape(uint32_t bytes, uint32_t rows, uint32_t stride) {
  return stride == bytes ? hc_line(bytes * rows) : hc_rows(bytes, rows, bytes, stride);
}

/* Every word of a load; of the first, which waits for the kernels before this one. What it
 * overwrites was freed before they were done. Later loads wait for their room only. */
static void first_load(hc_gaddr_t src, uint32_t sram, hc_shape_t shape) {
  const hc_add_t filled = hc_add(HC_COUNTER_FILLED, 1);
  rt_stream_words_lost();
  hc_dma_copy(HC_ABI_QUEUE_LOAD, src, rt_local(sram), shape, rt_ready(), filled, HC_NO_ADD);
  hc_queue_sync(HC_ABI_QUEUE_LOAD, hc_when(HC_COUNTER_FREED, 0), filled, HC_NO_ADD);
}

static void load(const hc_rows_args_t* a, const layout_t* l, const piece_t* p, int fresh) {
  const hc_gaddr_t src = a->src0 + (uint64_t)p->first * a->src0_stride;
  const hc_shape_t shape = load_shape(a->cols * rt_size_of(a->dtype_src0), p->rows, a->src0_stride);
  if (fresh) {
    first_load(src, p->tile.sram, shape);
  } else {
    hc_dma_repeat_shape(HC_ABI_QUEUE_LOAD, src, p->tile.sram - HC_CORE_SRAM_BASE, shape,
                        p->tile.freed);
  }
  ++rt.fills;
  const uint32_t rows = src1_rows(a, p->rows);
  if (rows == 0) return;
  const uint32_t first = a->src1_kind == HC_ROWS_GROUPED ? p->first / a->src1_rows : p->first;
  hc_dma_repeat_shape(HC_ABI_QUEUE_LOAD, a->src1 + (uint64_t)first * a->src1_stride,
                      p->tile.sram + l->src1 - HC_CORE_SRAM_BASE,
                      load_shape(a->src1_cols * rt_size_of(a->dtype_src1), rows, a->src1_stride),
                      p->tile.freed);
  ++rt.fills;
}

static void first_operation(const hc_rows_args_t* a, const layout_t* l, const piece_t* p) {
  const int shared = a->src1_kind == HC_ROWS_SHARED;
  const uint32_t sram = p->tile.sram;
  const hc_vector_t v = {.src0 = sram,
                         .src1 = shared ? rt_area(HC_SRAM_INPUT) : sram + l->src1,
                         .dst = sram + l->dst,
                         .rows = p->rows,
                         .cols = a->cols,
                         .ld_src0 = a->cols,
                         .ld_src1 = shared && a->src1_rows == 1u ? 0 : a->src1_cols,
                         .ld_dst = a->cols,
                         .dtype_src0 = a->dtype_src0,
                         .dtype_src1 = a->dtype_src1,
                         .dtype_dst = a->dtype_dst,
                         .add_src1 = a->add_src1,
                         .imm0 = a->imm0,
                         .param0 = a->param0,
                         .param1 = a->param1,
                         .out = sram + l->out,
                         .out_cols = a->out_cols,
                         .ld_out = a->out_cols};
  hc_vector(a->opcode, &v, hc_when2(HC_COUNTER_FILLED, rt.fills, HC_COUNTER_INPUT, rt.inputs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
}

static void operate(const hc_rows_args_t* a, const layout_t* l, const piece_t* p, int fresh) {
  const uint32_t q = HC_ABI_QUEUE_VECTOR, sram = p->tile.sram;
  ++rt.vectors;
  if (fresh) {
    first_operation(a, l, p);
    return;
  }
  hc_queue_write(q, HC_VECTOR_W_SRC0, sram);
  if (a->src1_kind != HC_ROWS_SHARED) hc_queue_write(q, HC_VECTOR_W_SRC1, sram + l->src1);
  hc_queue_write(q, HC_VECTOR_W_DST, sram + l->dst);
  hc_queue_write(q, HC_VECTOR_W_OUT, sram + l->out);
  hc_queue_write(q, HC_VECTOR_W_ROWS, p->rows);
  hc_queue_write(q, HC_ABI_W_WAIT0_TARGET, rt.fills);
  hc_queue_ring(q, a->opcode);
}

/* The last store of a tile frees it. `vectors`: operations done when the tile's is. */
static void store(const hc_rows_args_t* a, const layout_t* l, const piece_t* p, uint32_t vectors) {
  const hc_wait_t done = hc_when(HC_COUNTER_VECTOR, vectors);
  const hc_add_t freed = hc_add(HC_COUNTER_FREED, 1);
  rt_store(p->tile.sram + l->dst, a->dst + (uint64_t)p->first * a->dst_stride,
           store_shape(a->cols * rt_size_of(a->dtype_dst), p->rows, a->dst_stride), done,
           a->out_cols == 0 ? freed : HC_NO_ADD);
  if (a->out_cols == 0) return;
  rt_store(p->tile.sram + l->out, a->out + (uint64_t)p->first * a->out_stride,
           store_shape(a->out_cols * 4u, p->rows, a->out_stride), done, freed);
}

void kernel_row_op(const hc_launch_t* launch) {
  const hc_rows_args_t* a = &launch->args.row_op;
  const rt_range_t rows = rt_deal(a->rows, a->block_rows, launch);
  const layout_t layout = layout_of(a);
  if (a->src1_kind == HC_ROWS_SHARED && rows.begin != rows.end) {
    rt_input(a->src1, rt_area(HC_SRAM_INPUT),
             load_shape(a->src1_cols * rt_size_of(a->dtype_src1), a->src1_rows, a->src1_stride));
  }
  for (uint32_t first = rows.begin; first < rows.end; first += a->block_rows) {
    const piece_t p = {.tile = rt_stream_take(layout.bytes),
                       .first = first,
                       .rows = rt_min(a->block_rows, rows.end - first)};
    load(a, &layout, &p, first == rows.begin);
    operate(a, &layout, &p, first == rows.begin);
    store(a, &layout, &p, rt.vectors);
  }
  rt_stream_words_lost();
  rt_fence(hc_now(), kernel_done());
}
