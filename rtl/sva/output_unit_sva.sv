// SPDX-License-Identifier: Apache-2.0
// Promises of an output.
`include "rule.svh"
module output_unit_sva #(
  parameter Ports = 4,
  parameter PortWidth = 2
) (
  input logic                 clk_i,
  input logic [4*Ports-1:0]   waiting_o,
  input logic [4*Ports-1:0]   urgent_o,
  input logic                 free_o,
  input logic [Ports-1:0]     keep_o,
  input logic                 wish_o,
  input logic [PortWidth-1:0] wish_in_o,
  input logic [1:0]           wish_class_o,
  input logic                 accept_i,
  input logic                 room_i,
  input logic                 no_credit_o,
  input logic                 lost_arbitration_o
);
  `AIPU_RULE(WishIsForAPacket, "A-WISH",
             !wish_o || waiting_o[32'(wish_class_o)*Ports+32'(wish_in_o)])
  `AIPU_RULE(WishOnlyWhenFree, "A-WISH", !wish_o || free_o)
  `AIPU_RULE(WishOnlyWithRoom, "A-WISH", !wish_o || room_i)
  `AIPU_RULE(GrantOnlyForAWish, "A-WISH", !accept_i || wish_o)
  `AIPU_RULE(UrgentOnlyIfWaiting, "A-URGENT", (urgent_o & ~waiting_o) == '0)
  `AIPU_RULE(KeepsOneInput, "A-KEEP", $onehot0(keep_o))
  `AIPU_RULE(OneReasonToStandIdle, "A-IDLE",
             !(no_credit_o && lost_arbitration_o) && !(accept_i && (no_credit_o || lost_arbitration_o)))
endmodule

bind output_unit output_unit_sva #(
  .Ports(Ports),
  .PortWidth(PortWidth)
) u_sva (
  .*
);
