// SPDX-License-Identifier: Apache-2.0
// The queues of packets at one input, one for each (output, class): linked lists through a memory
// with an entry for the first slot of each packet. The entry of a packet describes the one behind
// it, so that a queue has its new first packet in the cycle after it gave the old one away.
//
// An append and a removal may meet in one cycle, also in one queue.
module packet_lists #(
  parameter Queues = 16,
  parameter QueueWidth = 4,  // do not set: $clog2(Queues)
  parameter Depth = 64,
  parameter SlotWidth = 6,   // do not set: $clog2(Depth)
  parameter EntryWidth = 8,  // what is known of a packet, beside its slot
  parameter LenLsb = 0,      // where its length is in that
  parameter LenWidth = 7
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  append_i,
  input  logic [QueueWidth-1:0] append_queue_i,
  input  logic [SlotWidth-1:0]  append_slot_i,
  input  logic [EntryWidth-2:0] append_entry_i,  // all but its mark
  input  logic [SlotWidth:0]    mark_flits_i,    // mark a packet if its queue is longer; 0: never
  input  logic [QueueWidth-1:0] remove_queue_i,  // whose first packet is shown...
  input  logic                  remove_i,        // ...and taken away
  output logic [SlotWidth-1:0]  first_slot_o,
  output logic [EntryWidth-1:0] first_entry_o,
  output logic                  last_o,          // it is the only one
  output logic [EntryWidth-1:0] second_entry_o,  // the one behind it, unless last_o
  output logic [Queues-1:0]     waiting_o        // queues that are not empty
);
  logic [SlotWidth+EntryWidth-1:0] first_q [Queues];
  logic [SlotWidth-1:0]            tail_q [Queues];  // slot of the last packet
  logic [SlotWidth:0]              flits_q [Queues];
  logic [SlotWidth+EntryWidth-1:0] behind_mem [Depth];
  logic [Queues-1:0]               waiting_q;

  logic [SlotWidth+EntryWidth-1:0] first;
  logic [SlotWidth+EntryWidth-1:0] second;

  assign first_slot_o   = first[EntryWidth+:SlotWidth];
  assign first_entry_o  = first[EntryWidth-1:0];
  assign second_entry_o = second[EntryWidth-1:0];
  assign waiting_o      = waiting_q;

  always_comb begin
    first  = '0;
    second = '0;
    last_o = 1'b0;
    if (remove_i) begin
      first  = first_q[remove_queue_i];
      second = behind_mem[first[EntryWidth+:SlotWidth]];
      last_o = (tail_q[remove_queue_i] == first[EntryWidth+:SlotWidth]);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waiting_q <= '0;
    end else begin
      if (remove_i && last_o) waiting_q[remove_queue_i] <= 1'b0;
      if (append_i) waiting_q[append_queue_i] <= 1'b1;
    end
  end

  // verilator tracing_off
  always_ff @(posedge clk_i) begin
    logic [SlotWidth:0]              flits;  // of the queue
    logic [SlotWidth+EntryWidth-1:0] appended;
    flits = '0;
    if (remove_i) begin
      flits = flits_q[remove_queue_i] - (SlotWidth + 1)'(first[LenLsb+:LenWidth]);
      flits_q[remove_queue_i] <= flits;
      first_q[remove_queue_i] <= second;
    end
    if (append_i) begin
      if (!remove_i || (remove_queue_i != append_queue_i))
        flits = waiting_q[append_queue_i] ? flits_q[append_queue_i] : '0;
      flits = flits + (SlotWidth + 1)'(append_entry_i[LenLsb+:LenWidth]);
      appended = {append_slot_i, (mark_flits_i != '0) && (flits > mark_flits_i), append_entry_i};
      flits_q[append_queue_i] <= flits;
      tail_q[append_queue_i]  <= append_slot_i;
      if (!waiting_q[append_queue_i] || (last_o && (remove_queue_i == append_queue_i)))
        first_q[append_queue_i] <= appended;
      else behind_mem[tail_q[append_queue_i]] <= appended;
    end
  end
  // verilator tracing_on
endmodule
