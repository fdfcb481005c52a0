// SPDX-License-Identifier: Apache-2.0
// Promises of the half of the arbitration at the inputs.
`include "rule.svh"
module accept_arbiter_sva #(
  parameter Ports = 4
) (
  input logic               clk_i,
  input logic [Ports-1:0]   wish_i,
  input logic [2*Ports-1:0] wish_class_i,
  input logic               accept_o,
  input logic [Ports-1:0]   accept_onehot_o,
  input logic [1:0]         accept_class_o
);
  logic [Ports-1:0] control;
  for (genvar p = 0; p < Ports; p++) begin : gen_out
    assign control[p] = wish_i[p] && (wish_class_i[2*p+:2] == 2'd0);
  end
  `AIPU_RULE(AcceptsOneOutput, "A-ACCEPT", $onehot0(accept_onehot_o))
  `AIPU_RULE(AcceptsOnlyAWish, "A-ACCEPT", (accept_onehot_o & ~wish_i) == '0)
  `AIPU_RULE(AcceptsIfAnyWishes, "A-ACCEPT", accept_o == (wish_i != '0))
  `AIPU_RULE(ControlFirst, "A-ACCEPT", (control == '0) || (accept_class_o == 2'd0))
endmodule

bind accept_arbiter accept_arbiter_sva #(
  .Ports(Ports)
) u_sva (
  .*
);
