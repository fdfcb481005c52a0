// SPDX-License-Identifier: Apache-2.0
// Promises of the choice of a class.
`include "rule.svh"
module class_scheduler_sva #(
  parameter LenWidth = 7
) (
  input logic                  clk_i,
  input logic [4*LenWidth-1:0] len_i,
  input logic                  accept_i,
  input logic                  valid_o,
  input logic [1:0]            class_o
);
  `AIPU_RULE(ChoosesWhatCanBeSent, "A-CLASS", !valid_o || (len_i[class_o*LenWidth+:LenWidth] != '0))
  `AIPU_RULE(StrictPriority, "A-CLASS", (len_i[0+:LenWidth] == '0) || (class_o == 2'd0))
  `AIPU_RULE(NoGrantWithoutAWish, "A-CLASS", !accept_i || valid_o)
endmodule

bind class_scheduler class_scheduler_sva #(
  .LenWidth(LenWidth)
) u_sva (
  .*
);
