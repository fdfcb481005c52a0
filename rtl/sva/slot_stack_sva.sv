// SPDX-License-Identifier: Apache-2.0
// Promises of and to the stack of free slots.
`include "rule.svh"
module slot_stack_sva #(
  parameter Depth = 16,
  parameter SlotWidth = 4
) (
  input logic clk_i,
  input logic rst_ni,
  input logic take_i,
  input logic give_i
);
  logic [SlotWidth:0] taken_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) taken_q <= '0;
    else taken_q <= taken_q + (SlotWidth + 1)'(take_i) - (SlotWidth + 1)'(give_i);
  end
  `AIPU_RULE(TakesAFreeSlot, "A-SLOT", !take_i || give_i || (taken_q < (SlotWidth + 1)'(Depth - 1)))
  `AIPU_RULE(GivesATakenSlot, "A-SLOT", !give_i || (taken_q != '0))
endmodule

bind slot_stack slot_stack_sva #(
  .Depth(Depth),
  .SlotWidth(SlotWidth)
) u_sva (
  .*
);
