// SPDX-License-Identifier: Apache-2.0
// Promises of the registers or FIFO in front of a link.
`include "rule.svh"
module output_link_sva #(
  parameter Speedup = 1,
  parameter OutFlits = 66,
  parameter Pipeline = 4
) (
  input logic clk_i,
  input logic rst_ni,
  input logic phase_i,
  input logic valid_i,
  input logic valid_o,
  input logic busy_o
);
  localparam Most = OutFlits + Pipeline + 4;  // the FIFO, and what is on its way out of it
  localparam CountWidth = $clog2(Most) + 1;
  logic [CountWidth-1:0] held_q;
  logic                  leaves;
  assign leaves = valid_o && ((Speedup == 1) || phase_i);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) held_q <= '0;
    else held_q <= held_q + CountWidth'(valid_i) - CountWidth'(leaves);
  end
  `AIPU_RULE(FifoHasRoom, "A-LINK", !valid_i || (held_q < CountWidth'(Most)))
  `AIPU_RULE(SendsWhatCame, "A-LINK", !leaves || (held_q != '0))
  `AIPU_RULE(IdleLinkHoldsNothing, "A-IDLE", busy_o || (held_q == '0))
endmodule

bind output_link output_link_sva #(
  .Speedup(Speedup),
  .OutFlits(OutFlits),
  .Pipeline(Pipeline)
) u_sva (
  .*
);
