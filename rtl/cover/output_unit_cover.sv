// SPDX-License-Identifier: Apache-2.0
// Grants out of turn, reservations and waits at an output.
`include "cover.svh"
module output_unit_cover #(
  parameter Ports = 4,
  parameter PortWidth = 2
) (
  input logic                 clk_i,
  input logic [4*Ports-1:0]   waiting_o,
  input logic [4*Ports-1:0]   urgent_o,
  input logic [4*Ports-1:0]   able_i,
  input logic [4*Ports-1:0]   fair_i,
  input logic [Ports-1:0]     keep_o,
  input logic [Ports-1:0]     free_in_i,
  input logic                 wish_o,
  input logic [PortWidth-1:0] wish_in_o,
  input logic [1:0]           wish_class_o,
  input logic                 accept_i,
  input logic                 no_credit_o,
  input logic                 lost_arbitration_o
);
  /* verilator inline_module */  // bins by instance
  logic urgent, fair;
  assign urgent = urgent_o[32'(wish_class_o)*Ports+32'(wish_in_o)];
  assign fair   = fair_i[32'(wish_class_o)*Ports+32'(wish_in_o)];
  `AIPU_COVER(UrgentGrant, accept_i && urgent)
  `AIPU_COVER(KeptGrant, accept_i && keep_o[wish_in_o])
  `AIPU_COVER(KeptAheadOfItsTurn, accept_i && keep_o[wish_in_o] && urgent && !fair)
  `AIPU_COVER(KeepsABusyInput, (keep_o & ~free_in_i) != '0)
  `AIPU_COVER(UrgentWithoutCredit, (urgent_o & ~able_i) != '0)
  `AIPU_COVER(ReservedForOneBefore, (waiting_o & able_i & ~fair_i) != '0)
  `AIPU_COVER(NoCredit, no_credit_o)
  `AIPU_COVER(LostArbitration, lost_arbitration_o)
  `AIPU_COVER(WishNotAccepted, wish_o && !accept_i)
endmodule
