// SPDX-License-Identifier: Apache-2.0
// How the slots of an input come and go.
`include "cover.svh"
module slot_stack_cover #(
  parameter Depth = 16,
  parameter SlotWidth = 4
) (
  input logic clk_i,
  input logic rst_ni,
  input logic take_i,
  input logic give_i
);
  /* verilator inline_module */  // bins by instance
  logic [SlotWidth:0] taken_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) taken_q <= '0;
    else taken_q <= taken_q + (SlotWidth + 1)'(take_i) - (SlotWidth + 1)'(give_i);
  end
  `AIPU_COVER(TakeAndGive, take_i && give_i)
  `AIPU_COVER(Take, take_i && !give_i)
  `AIPU_COVER(Give, !take_i && give_i)
  `AIPU_COVER(EverySlotTaken, taken_q == (SlotWidth + 1)'(Depth - 1))
  `AIPU_COVER(GiveTheLast, give_i && !take_i && (taken_q == (SlotWidth + 1)'(1)))
endmodule
