// SPDX-License-Identifier: Apache-2.0
// The free slots of a memory. slot_o is the slot that the next take gets; next_o, valid with take_i,
// the one after it, so that a user can link a slot to its successor in the cycle it is written.
// Contract: at most Depth - 1 slots are taken at a time. Slots are given out in order of number
// first, then the last given back: nothing needs to be initialised.
module slot_stack #(
  parameter Depth = 16,
  parameter SlotWidth = 4  // do not set: $clog2(Depth)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 take_i,
  input  logic                 give_i,
  input  logic [SlotWidth-1:0] give_slot_i,
  output logic [SlotWidth-1:0] slot_o,
  output logic [SlotWidth-1:0] next_o
);
  logic [SlotWidth-1:0] stack_q [Depth];
  logic [SlotWidth-1:0] slot_q;
  logic [SlotWidth:0]   count_q;  // slots on the stack
  logic [SlotWidth:0]   fresh_q;  // slots that were out at least once, slot_q included
  logic [SlotWidth-1:0] top;

  assign top    = SlotWidth'(count_q - 1'b1);
  assign slot_o = slot_q;

  always_comb begin
    if (give_i) next_o = give_slot_i;
    else if (count_q != '0) next_o = stack_q[top];
    else next_o = fresh_q[SlotWidth-1:0];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_q  <= '0;
      count_q <= '0;
      fresh_q <= (SlotWidth + 1)'(1);
    end else begin
      if (take_i) slot_q <= next_o;
      if (take_i && !give_i) begin
        if (count_q != '0) count_q <= count_q - 1'b1;
        else fresh_q <= fresh_q + 1'b1;
      end
      if (give_i && !take_i) count_q <= count_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (give_i && !take_i) stack_q[count_q[SlotWidth-1:0]] <= give_slot_i;
  end
endmodule
