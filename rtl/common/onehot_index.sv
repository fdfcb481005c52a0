// SPDX-License-Identifier: Apache-2.0
// The number of the set bit. Contract: at most one bit is set; none gives 0.
module onehot_index #(
  parameter Width = 4,
  parameter IndexWidth = 2  // do not set: $clog2(Width)
) (
  input  logic [Width-1:0]      onehot_i,
  output logic [IndexWidth-1:0] index_o
);
  // verilator tracing_off
  for (genvar b = 0; b < IndexWidth; b++) begin : gen_bit
    logic [Width-1:0] mask;  // constant: the positions whose number has bit b
    for (genvar w = 0; w < Width; w++) begin : gen_mask
      assign mask[w] = 1'((w >> b) & 1);
    end
    assign index_o[b] = |(onehot_i & mask);
  end
  // verilator tracing_on
endmodule
