/* SPDX-License-Identifier: Apache-2.0
 *
 * Second half of an all-reduce: the partial planes of the own column slice are summed and the sum
 * is put into `delta` of every rank. The first half is the epilogue of the GEMM
 * (HC_EPILOGUE_REDUCE).
 */
#include "firmware/kernels/kernels.h"

void kernel_reduce(const hc_launch_t* launch) {
  const hc_reduce_args_t* a = &launch->args.reduce;
  const rt_range_t columns = rt_deal(a->columns, a->unit, launch);
  const uint32_t count = columns.end - columns.begin, size = rt_size_of(a->dtype);
  const uint32_t row = count * size;
  const uint32_t planes = rt_area(HC_SRAM_INPUT), sum = rt_area(HC_SRAM_SEND);
  const hc_shape_t gather = {.bytes = row,
                             .rows = a->rows,
                             .src_stride = a->slice * size,
                             .dst_stride = row,
                             .planes = a->ranks,
                             .src_plane = a->rows * a->slice * size,
                             .dst_plane = a->rows * row};
  /* Not `phase`: the partial sums of all ranks say more. The own accumulators are free after MAC.
   */
  rt_input_after(a->inbox + (uint64_t)columns.begin * size, planes, gather,
                 hc_when2(HC_COUNTER_REDUCE, rt.reduce, HC_COUNTER_MAC, rt.macs));
  const hc_vector_t v = {.src0 = planes,
                         .dst = sum,
                         .rows = a->rows,
                         .cols = count,
                         .ld_src0 = count,
                         .ld_dst = count,
                         .dtype_src0 = a->dtype,
                         .dtype_dst = a->dtype,
                         .param0 = a->ranks,
                         .plane_stride = a->rows * row};
  hc_vector(HC_VECTOR_OP_SUM_PLANES, &v, hc_when(HC_COUNTER_INPUT, rt.inputs),
            hc_add(HC_COUNTER_VECTOR, 1), HC_NO_ADD);
  ++rt.vectors;
  for (uint32_t i = 0; i < a->ranks; ++i) {
    const uint32_t rank = (a->rank + i) % a->ranks; /* the own first, then round the ring */
    rt_send(sum, a->delta + (uint64_t)(a->first_column + columns.begin) * size,
            a->first_aipu + rank, hc_rows(row, a->rows, row, a->delta_stride), HC_CLASS_TENSOR,
            hc_when(HC_COUNTER_VECTOR, rt.vectors), hc_add_all(HC_COUNTER_GATHER));
  }
}
