// SPDX-License-Identifier: Apache-2.0
// Proved unbounded: the pick is one-hot, of a request, the first from the start; with the start
// moved behind every pick, a standing request is passed over fewer than Width times.
module rr_pick_proof #(
  parameter Width = 5,
  parameter IndexWidth = 3
) (
  input logic             clk_i,
  input logic [Width-1:0] request_i
);
  // Reset in the first cycle, whatever the registers held before.
  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [IndexWidth-1:0] start_q;
  logic                  valid;
  logic [Width-1:0]      onehot;
  logic [IndexWidth-1:0] index;
  logic [Width-1:0]      between;
  logic [3:0]            passed_q [Width];

  rr_pick #(.Width(Width), .IndexWidth(IndexWidth)) u_pick (
    .request_i, .start_i(start_q), .valid_o(valid), .onehot_o(onehot), .index_o(index));
  cyclic_range #(.Width(Width), .IndexWidth(IndexWidth)) u_range (
    .first_i(start_q), .last_i(index), .members_o(between));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) start_q <= '0;
    else if (valid) start_q <= (index == IndexWidth'(Width - 1)) ? '0 : index + 1'b1;
  end
  for (genvar i = 0; i < Width; i++) begin : gen_in
    always_ff @(posedge clk_i) begin
      if (!rst_ni || !request_i[i] || onehot[i]) passed_q[i] <= '0;
      else if (valid) passed_q[i] <= passed_q[i] + 1'b1;
    end
    always_comb if (rst_ni) assert (passed_q[i] < Width);
  end
  always_comb begin
    if (rst_ni) begin
      OneHot: assert ((onehot & (onehot - 1'b1)) == '0);
      OfARequest: assert ((onehot & ~request_i) == '0);
      WorkConserving: assert (valid == (request_i != '0) && valid == (onehot != '0));
      RightNumber: assert (!valid || onehot[index]);
      FirstFromStart: assert (!valid || (between & request_i) == '0);
    end
  end
endmodule
