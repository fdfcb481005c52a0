// SPDX-License-Identifier: Apache-2.0
// How many outputs want one input, and what it prefers.
`include "cover.svh"
module accept_arbiter_cover #(
  parameter Ports = 4
) (
  input logic               clk_i,
  input logic [Ports-1:0]   wish_i,
  input logic [2*Ports-1:0] wish_class_i,
  input logic               accept_o,
  input logic [1:0]         accept_class_o,
  input logic [Ports-1:0]   lose_turn_o
);
  /* verilator inline_module */  // bins by instance
  logic other;  // an output wishes a packet of another class than 0
  always_comb begin
    other = 1'b0;
    for (int o = 0; o < Ports; o++) other |= wish_i[o] && (wish_class_i[2*o+:2] != 2'd0);
  end
  `AIPU_COVER(OneWishes, $countones(wish_i) == 1)
  `AIPU_COVER(TwoWish, $countones(wish_i) == 2)
  `AIPU_COVER(ThreeWish, $countones(wish_i) == 3)
  `AIPU_COVER(AllWish, wish_i == '1)
  `AIPU_COVER(ControlBeforeOthers, accept_o && (accept_class_o == 2'd0) && other)
  `AIPU_COVER(LosesATurn, lose_turn_o != '0)
endmodule
