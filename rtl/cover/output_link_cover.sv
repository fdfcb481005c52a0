// SPDX-License-Identifier: Apache-2.0
// The FIFO of an output with speed-up: without room, filled while it sends.
`include "cover.svh"
module output_link_cover #(
  parameter Speedup = 1
) (
  input logic clk_i,
  input logic grant_i,
  input logic room_o,
  input logic valid_i,
  input logic valid_o
);
  /* verilator inline_module */  // bins by instance
  `AIPU_COVER(PassesAFlit, valid_o)
  `AIPU_COVER(FlitInAndOut, valid_i && valid_o)
  if (Speedup == 2) begin : gen_fifo
    `AIPU_COVER(NoRoom, !room_o)
    `AIPU_COVER(GrantWhileSending, grant_i && valid_o)
  end else begin : gen_register
    logic unused;
    assign unused = grant_i ^ room_o;
  end
endmodule
