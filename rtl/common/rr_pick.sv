// SPDX-License-Identifier: Apache-2.0
// The first request at or above start_i, wrapping round. Contract: start_i < Width; without a
// request nothing is picked and index_o is 0. Purely combinational: who moves the start, and when,
// is the user's rule.
module rr_pick #(
  parameter Width = 4,
  parameter IndexWidth = 2  // do not set: $clog2(Width)
) (
  input  logic [Width-1:0]      request_i,
  input  logic [IndexWidth-1:0] start_i,
  output logic                  valid_o,
  output logic [Width-1:0]      onehot_o,
  output logic [IndexWidth-1:0] index_o
);
  // verilator tracing_off
  logic [Width-1:0] candidates;

  assign valid_o = (request_i != '0);

  // Under its condition: simulators skip a pick without requests.
  always_comb begin
    candidates = '0;
    if (request_i != '0) begin
      candidates = request_i & ({Width{1'b1}} << start_i);
      if (candidates == '0) candidates = request_i;
    end
    onehot_o = candidates & (~candidates + 1'b1);
  end

  // verilator tracing_on
  onehot_index #(
    .Width(Width),
    .IndexWidth(IndexWidth)
  ) u_index (
    .onehot_i(onehot_o),
    .index_o(index_o)
  );
endmodule
