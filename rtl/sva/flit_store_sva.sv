// SPDX-License-Identifier: Apache-2.0
// Promises of and to the memory of flits.
`include "rule.svh"
module flit_store_sva #(
  parameter LenWidth = 7
) (
  input logic                clk_i,
  input logic                start_i,
  input logic [LenWidth-1:0] start_len_i,
  input logic                reading_o,
  input logic                last_o,
  input logic                data_valid_o,
  input logic                busy_o
);
  `AIPU_RULE(StartsBehindTheLast, "A-READ", !start_i || !reading_o || last_o)
  `AIPU_RULE(StartsAPacket, "A-READ", !start_i || (start_len_i != '0))
  `AIPU_RULE(IdleReadsNothing, "A-IDLE", busy_o || (!reading_o && !data_valid_o))
endmodule

bind flit_store flit_store_sva #(
  .LenWidth(LenWidth)
) u_sva (
  .*
);
