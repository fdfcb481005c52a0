// SPDX-License-Identifier: Apache-2.0
// One input of the switch: registers what comes, has it routed, keeps it in its queues, accepts an
// output, sends the flits across and returns the credit when the last is on its way.
//
// Cycles: a flit at the pins in a - 1 is "in the buffer from a" on; its head is routed in a and can
// be granted in a + 1. A packet of L flits granted in t is read in t + 1 .. t + L, is at data_o in
// t + 2 .. t + L + 1, and its credit is at the pins in t + L; then the input is free again. (Without
// speed-up; with it, cycles are ticks, and reading may have to wait for the link.)
module input_unit #(
  parameter Ports = 4,
  parameter PortWidth = 2,   // do not set: $clog2(Ports)
  parameter FlitWidth = 128,
  parameter Depth = 64,      // flits of all queues, and one
  parameter SlotWidth = 6,   // do not set: $clog2(Depth)
  parameter PoolWidth = 5,
  parameter NodeWidth = 12,
  parameter LenWidth = 7
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 in_valid_i,
  input  logic [FlitWidth-1:0] in_data_i,
  // The head of a packet, and where the router sends it.
  output logic                 head_o,
  output logic [NodeWidth-1:0] head_destination_o,
  output logic [1:0]           head_class_o,
  output logic [LenWidth-1:0]  head_len_o,
  input  logic [PortWidth-1:0] route_out_i,
  input  logic [PoolWidth-1:0] route_pool_i,      // its pool here: goes back with the credit
  input  logic [PoolWidth-1:0] route_far_pool_i,  // and at the next hop
  input  logic [SlotWidth:0]   mark_flits_i,
  // Arbitration.
  input  logic [Ports-1:0]     wish_i,
  input  logic [2*Ports-1:0]   wish_class_i,
  input  logic [Ports-1:0]     control_i,
  input  logic [Ports-1:0]     open_out_i,
  input  logic                 open_i,
  output logic                 free_o,
  output logic                 done_o,            // the last flit of a packet crosses
  output logic                 accept_o,
  output logic [PortWidth-1:0] accept_out_o,
  output logic [Ports-1:0]     accept_onehot_o,
  output logic [1:0]           accept_class_o,
  output logic                 accept_mark_o,
  output logic [Ports-1:0]     lose_turn_o,
  output logic                 last_o,            // the accepted packet's queue is empty then, or:
  output logic [LenWidth-1:0]  second_len_o,      // the packet behind it
  output logic [PoolWidth-1:0] second_far_pool_o,
  // Crossbar, credit.
  output logic                 data_valid_o,
  output logic [FlitWidth-1:0] data_o,
  output logic                 credit_valid_o,
  output logic [PoolWidth-1:0] credit_pool_o,
  output logic [1:0]           credit_class_o,
  output logic [LenWidth-1:0]  credit_flits_o,
  output logic                 busy_o
);
  // mark, pool here, pool at the next hop, length
  parameter EntryWidth = 1 + 2 * PoolWidth + LenWidth;  // do not set
  parameter QueueWidth = PortWidth + 2;                 // do not set: class x Ports + output

  logic                  valid_q;
  logic [FlitWidth-1:0]  flit_q;
  logic [LenWidth-1:0]   rest_q;  // flits of this packet still to come
  logic [SlotWidth-1:0]  write_slot;
  logic [SlotWidth-1:0]  first_slot;
  logic [EntryWidth-1:0] first_entry;
  logic [EntryWidth-1:0] second_entry;
  logic                  unused;
  logic [4*Ports-1:0]    waiting;
  logic                  reading;
  logic                  read_last;
  logic                  store_busy;
  logic [PoolWidth-1:0]  crossing_pool_q;
  logic [1:0]            crossing_class_q;
  logic [LenWidth-1:0]   crossing_len_q;

  assign unused            = ^second_entry;
  assign head_o            = valid_q && (rest_q == '0);
  assign accept_mark_o     = first_entry[EntryWidth-1];
  assign second_len_o      = second_entry[LenWidth-1:0];
  assign second_far_pool_o = second_entry[LenWidth+:PoolWidth];
  assign free_o            = !reading || read_last;
  assign done_o            = read_last;
  assign credit_valid_o    = read_last;
  assign credit_pool_o     = crossing_pool_q;
  assign credit_class_o    = crossing_class_q;
  assign credit_flits_o    = crossing_len_q;
  assign busy_o            = valid_q || (rest_q != '0) || (waiting != '0) || store_busy;

  header_decode #(
    .FlitWidth(FlitWidth)
  ) u_header (
    .flit_i(flit_q),
    .destination_o(head_destination_o),
    .class_o(head_class_o),
    .len_o(head_len_o)
  );

  packet_lists #(
    .Queues(4 * Ports),
    .QueueWidth(QueueWidth),
    .Depth(Depth),
    .SlotWidth(SlotWidth),
    .EntryWidth(EntryWidth),
    .LenLsb(0),
    .LenWidth(LenWidth)
  ) u_lists (
    .clk_i,
    .rst_ni,
    .append_i(head_o),
    .append_queue_i(QueueWidth'(head_class_o) * QueueWidth'(Ports) + QueueWidth'(route_out_i)),
    .append_slot_i(write_slot),
    .append_entry_i({route_pool_i, route_far_pool_i, head_len_o}),
    .mark_flits_i,
    .remove_queue_i(QueueWidth'(accept_class_o) * QueueWidth'(Ports) + QueueWidth'(accept_out_o)),
    .remove_i(accept_o),
    .first_slot_o(first_slot),
    .first_entry_o(first_entry),
    .last_o,
    .second_entry_o(second_entry),
    .waiting_o(waiting)
  );

  accept_arbiter #(
    .Ports(Ports),
    .PortWidth(PortWidth)
  ) u_accept (
    .clk_i,
    .rst_ni,
    .wish_i,
    .wish_class_i,
    .control_i,
    .waiting_i(waiting),
    .open_out_i,
    .open_i,
    .accept_o,
    .accept_onehot_o,
    .accept_out_o,
    .accept_class_o,
    .lose_turn_o
  );

  flit_store #(
    .FlitWidth(FlitWidth),
    .Depth(Depth),
    .SlotWidth(SlotWidth),
    .LenWidth(LenWidth)
  ) u_store (
    .clk_i,
    .rst_ni,
    .write_i(valid_q),
    .write_data_i(flit_q),
    .write_slot_o(write_slot),
    .start_i(accept_o),
    .start_slot_i(first_slot),
    .start_len_i(first_entry[LenWidth-1:0]),
    .reading_o(reading),
    .last_o(read_last),
    .data_valid_o,
    .data_o,
    .busy_o(store_busy)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      rest_q  <= '0;
    end else begin
      valid_q <= in_valid_i;
      if (head_o) rest_q <= head_len_o - 1'b1;
      else if (valid_q) rest_q <= rest_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i) flit_q <= in_data_i;
    if (accept_o) begin
      crossing_pool_q  <= first_entry[LenWidth+PoolWidth+:PoolWidth];
      crossing_class_q <= accept_class_o;
      crossing_len_q   <= first_entry[LenWidth-1:0];
    end
  end
endmodule
