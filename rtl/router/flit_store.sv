// SPDX-License-Identifier: Apache-2.0
// The flits of one input: a memory of linked slots. A packet's flits are written in successive
// cycles, each linked to the slot that the next will get; they are read, and their slots freed, one
// a cycle behind start_i, a flit at the earliest two cycles behind its writing (what is read may
// come in more slowly).
module flit_store #(
  parameter FlitWidth = 128,
  parameter Depth = 64,
  parameter SlotWidth = 6,  // do not set: $clog2(Depth)
  parameter LenWidth = 7
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 write_i,
  input  logic [FlitWidth-1:0] write_data_i,
  output logic [SlotWidth-1:0] write_slot_o,  // where this cycle's flit goes
  input  logic                 start_i,       // read a packet from the next cycle on
  input  logic [SlotWidth-1:0] start_slot_i,
  input  logic [LenWidth-1:0]  start_len_i,
  output logic                 reading_o,     // a packet is being read
  output logic                 last_o,        // its last flit, in this cycle
  output logic                 data_valid_o,  // a cycle behind the read
  output logic [FlitWidth-1:0] data_o,
  output logic                 busy_o
);
  logic [FlitWidth-1:0] data_mem [Depth];
  logic [SlotWidth-1:0] next_mem [Depth];
  logic [SlotWidth-1:0] write_slot;
  logic [SlotWidth-1:0] next_slot;
  logic [SlotWidth-1:0] read_slot_q;
  logic [LenWidth-1:0]  left_q;
  logic                 reading;
  logic                 wrote_q;
  logic [SlotWidth-1:0] wrote_slot_q;
  logic                 data_valid_q;
  logic [FlitWidth-1:0] data_q;

  // The slot of a flit that is still to come is the next to be written.
  assign reading      = (left_q != '0) && (read_slot_q != write_slot) &&
                        !(wrote_q && (read_slot_q == wrote_slot_q));
  assign write_slot_o = write_slot;
  assign reading_o    = (left_q != '0);
  assign last_o       = reading && (left_q == LenWidth'(1));
  assign data_valid_o = data_valid_q;
  assign data_o       = data_q;
  assign busy_o       = (left_q != '0) || data_valid_q || wrote_q;

  slot_stack #(
    .Depth(Depth),
    .SlotWidth(SlotWidth)
  ) u_slots (
    .clk_i,
    .rst_ni,
    .take_i(write_i),
    .give_i(reading),
    .give_slot_i(read_slot_q),
    .slot_o(write_slot),
    .next_o(next_slot)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q       <= '0;
      data_valid_q <= 1'b0;
      wrote_q      <= 1'b0;
    end else begin
      wrote_q <= write_i;
      if (start_i) left_q <= start_len_i;
      else if (reading) left_q <= left_q - 1'b1;
      data_valid_q <= reading;
    end
  end

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      wrote_slot_q         <= write_slot;
      data_mem[write_slot] <= write_data_i;
      next_mem[write_slot] <= next_slot;
    end
    if (start_i) read_slot_q <= start_slot_i;
    else if (reading) read_slot_q <= next_mem[read_slot_q];
    if (reading) data_q <= data_mem[read_slot_q];
  end
endmodule
