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
  logic [Width-1:0] upper;
  logic [Width-1:0] candidates;

  assign upper      = request_i & ({Width{1'b1}} << start_i);
  assign candidates = (upper != '0) ? upper : request_i;
  assign onehot_o   = candidates & (~candidates + 1'b1);
  assign valid_o    = (request_i != '0);

  onehot_index #(
    .Width(Width),
    .IndexWidth(IndexWidth)
  ) u_index (
    .onehot_i(onehot_o),
    .index_o(index_o)
  );
endmodule
