// SPDX-License-Identifier: Apache-2.0
// Which of several queues an output keeps its input for.
`include "cover.svh"
module kept_pick_cover #(
  parameter Ports = 4
) (
  input logic               clk_i,
  input logic [4*Ports-1:0] able_i,
  input logic               serve_i,
  input logic               valid_o
);
  /* verilator inline_module */  // bins by instance
  `AIPU_COVER(One, valid_o && $onehot0(able_i))
  `AIPU_COVER(OneOfSeveral, valid_o && !$onehot0(able_i))
  `AIPU_COVER(Served, serve_i)
endmodule
