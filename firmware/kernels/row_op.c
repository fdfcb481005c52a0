/* SPDX-License-Identifier: Apache-2.0
 *
 * One vector operation over all rows of a matrix in memory: normalisation, activation, softmax,
 * quantisation, rotation. Tiles of rows are taken from the stream ring, loaded and stored through
 * the store queue: it begins commands in order, so the loads of later tiles are under way while a
 * store waits for its result. Bound by memory: each byte crosses it once.
 */
#include "firmware/kernels/kernels.h"

/* A tile in the ring; parts that an operation does not have are empty. */
typedef struct {
  uint32_t src1, out, dst, bytes; /* offsets of the parts behind src0; of the whole tile */
} layout_t;

typedef struct {
  uint32_t sram, first, rows;
  uint32_t vectors; /* the operation is done when this many are */
} piece_t;

static uint32_t align64(uint32_t bytes) {
  return (bytes + 63u) & ~63u;
}

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
  l.src1 = align64(numbers * from);
  l.out = l.src1 + align64(src1_rows(a, a->block_rows) * a->src1_cols * rt_size_of(a->dtype_src1));
  const uint32_t end = l.out + align64(a->block_rows * a->out_cols * 4u);
  /* Results that are not wider replace what they came from. */
  l.dst = to <= from ? 0 : end;
  l.bytes = to <= from ? end : end + align64(numbers * to);
  return l;
}

/* Rows that are packed in SRAM; a single line where they are packed in memory as well. */
static hc_shape_t load_shape(uint32_t bytes, uint32_t rows, uint32_t stride) {
  return stride == bytes ? hc_line(bytes * rows) : hc_rows(bytes, rows, stride, bytes);
}
static hc_shape_t store_shape(uint32_t bytes, uint32_t rows, uint32_t stride) {
  return stride == bytes ? hc_line(bytes * rows) : hc_rows(bytes, rows, bytes, stride);
}

static void load(const hc_rows_args_t* a, const layout_t* l, const piece_t* p, hc_wait_t wait) {
  rt_input_after(a->src0 + (uint64_t)p->first * a->src0_stride, p->sram,
                 load_shape(a->cols * rt_size_of(a->dtype_src0), p->rows, a->src0_stride), wait);
  const uint32_t rows = src1_rows(a, p->rows);
  if (rows == 0) return;
  const uint32_t first = a->src1_kind == HC_ROWS_GROUPED ? p->first / a->src1_rows : p->first;
  rt_input_after(a->src1 + (uint64_t)first * a->src1_stride, p->sram + l->src1,
                 load_shape(a->src1_cols * rt_size_of(a->dtype_src1), rows, a->src1_stride),
                 hc_now());
}

static void operate(const hc_rows_args_t* a, const layout_t* l, piece_t* p) {
  const int shared = a->src1_kind == HC_ROWS_SHARED;
  const hc_vector_t v = {.src0 = p->sram,
                         .src1 = shared ? rt_area(HC_SRAM_INPUT) : p->sram + l->src1,
                         .dst = p->sram + l->dst,
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
                         .out = p->sram + l->out,
                         .out_cols = a->out_cols,
                         .ld_out = a->out_cols};
  hc_vector(a->opcode, &v, hc_when(HC_COUNTER_INPUT, rt.inputs), hc_add(HC_COUNTER_VECTOR, 1),
            HC_NO_ADD);
  p->vectors = ++rt.vectors;
}

/* The last store of a tile frees it. */
static void store(const hc_rows_args_t* a, const layout_t* l, const piece_t* p) {
  const hc_wait_t done = hc_when(HC_COUNTER_VECTOR, p->vectors);
  const hc_add_t freed = hc_add(HC_COUNTER_FREED, 1);
  rt_store(p->sram + l->dst, a->dst + (uint64_t)p->first * a->dst_stride,
           store_shape(a->cols * rt_size_of(a->dtype_dst), p->rows, a->dst_stride), done,
           a->out_cols == 0 ? freed : HC_NO_ADD);
  if (a->out_cols == 0) return;
  rt_store(p->sram + l->out, a->out + (uint64_t)p->first * a->out_stride,
           store_shape(a->out_cols * 4u, p->rows, a->out_stride), hc_now(), freed);
}

void kernel_row_op(const hc_launch_t* launch) {
  const hc_rows_args_t* a = &launch->args.row_op;
  const rt_range_t rows = rt_deal(a->rows, a->block_rows, launch);
  const layout_t layout = layout_of(a);
  if (a->src1_kind == HC_ROWS_SHARED && rows.begin != rows.end) {
    rt_input(a->src1, rt_area(HC_SRAM_INPUT),
             load_shape(a->src1_cols * rt_size_of(a->dtype_src1), a->src1_rows, a->src1_stride));
  }
  piece_t pieces[HC_ROWS_MOST_AHEAD];
  uint32_t loaded = 0, stored = 0;
  for (uint32_t first = rows.begin; first < rows.end; first += a->block_rows) {
    const rt_tile_t tile = rt_stream_take(layout.bytes);
    piece_t* p = &pieces[loaded++ % HC_ROWS_MOST_AHEAD];
    *p = (piece_t){
        .sram = tile.sram, .first = first, .rows = rt_min(a->block_rows, rows.end - first)};
    /* What the first tile overwrites was freed before the kernels before this one were done. */
    load(a, &layout, p, first == rows.begin ? rt_ready() : hc_when(HC_COUNTER_FREED, tile.freed));
    operate(a, &layout, p);
    if (loaded - stored == a->ahead) store(a, &layout, &pieces[stored++ % HC_ROWS_MOST_AHEAD]);
  }
  while (stored != loaded)
    store(a, &layout, &pieces[stored++ % HC_ROWS_MOST_AHEAD]);
  rt_fence(hc_now(), kernel_done());
}
