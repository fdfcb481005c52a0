// SPDX-License-Identifier: Apache-2.0
// Promises of the table that tells who has credit.
`include "rule.svh"
module head_table_sva #(
  parameter Ports = 4,
  parameter PortWidth = 2
) (
  input logic                       clk_i,
  input logic [Ports-1:0]           grant_i,
  input logic [PortWidth*Ports-1:0] grant_in_i,
  input logic [2*Ports-1:0]         grant_class_i,
  input logic [4*Ports*Ports-1:0]   waiting_i,
  input logic [4*Ports*Ports-1:0]   able_o
);
  for (genvar o = 0; o < Ports; o++) begin : gen_out
    logic [4*Ports-1:0] able;
    assign able = able_o[4*o*Ports+:4*Ports];
    `AIPU_PORT_RULE(NoGrantWithoutCredit, "A-CREDIT", o,
               !grant_i[o] ||
                   able[32'(grant_class_i[2*o+:2])*Ports+32'(grant_in_i[o*PortWidth+:PortWidth])])
    `AIPU_PORT_RULE(AbleOnlyIfWaiting, "A-CREDIT", o, (able & ~waiting_i[4*o*Ports+:4*Ports]) == '0)
  end
endmodule

bind head_table head_table_sva #(
  .Ports(Ports),
  .PortWidth(PortWidth)
) u_sva (
  .*
);
