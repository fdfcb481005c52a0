// SPDX-License-Identifier: Apache-2.0
// Where appending and removing packets meet.
`include "cover.svh"
module packet_lists_cover #(
  parameter Queues = 16,
  parameter QueueWidth = 4
) (
  input logic                  clk_i,
  input logic                  append_i,
  input logic [QueueWidth-1:0] append_queue_i,
  input logic                  remove_i,
  input logic [QueueWidth-1:0] remove_queue_i,
  input logic                  last_o,
  input logic [Queues-1:0]     waiting_o
);
  /* verilator inline_module */  // bins by instance
  logic same;
  assign same = append_i && remove_i && (append_queue_i == remove_queue_i);
  `AIPU_COVER(AppendToAnEmptyQueue, append_i && !waiting_o[append_queue_i])
  `AIPU_COVER(AppendBehindOthers, append_i && waiting_o[append_queue_i])
  `AIPU_COVER(AppendBehindTheLastThatLeaves, same && last_o)
  `AIPU_COVER(AppendAndRemoveInOneQueue, same && !last_o)
  `AIPU_COVER(AppendAndRemoveInTwoQueues, append_i && remove_i && !same)
  `AIPU_COVER(EveryQueueBusy, waiting_o == '1)
endmodule
