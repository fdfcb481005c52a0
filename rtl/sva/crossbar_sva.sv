// SPDX-License-Identifier: Apache-2.0
// Promises of the way across.
`include "rule.svh"
module crossbar_sva #(
  parameter Ports = 4
) (
  input logic             clk_i,
  input logic [Ports-1:0] data_valid_i,
  input logic [Ports-1:0] out_valid_o
);
  `AIPU_RULE(EveryFlitCrossesAlone, "A-CROSS",
             $countones(data_valid_i) == $countones(out_valid_o))
endmodule

bind crossbar crossbar_sva #(
  .Ports(Ports)
) u_sva (
  .*
);
