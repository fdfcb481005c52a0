// SPDX-License-Identifier: Apache-2.0
// What the lists of packets ask of their user.
`include "rule.svh"
module packet_lists_sva #(
  parameter Queues = 16,
  parameter QueueWidth = 4
) (
  input logic                  clk_i,
  input logic                  remove_i,
  input logic [QueueWidth-1:0] remove_queue_i,
  input logic [Queues-1:0]     waiting_o
);
  `AIPU_RULE(RemovesWhatWaits, "A-LIST", !remove_i || waiting_o[remove_queue_i])
endmodule

bind packet_lists packet_lists_sva #(
  .Queues(Queues),
  .QueueWidth(QueueWidth)
) u_sva (
  .*
);
