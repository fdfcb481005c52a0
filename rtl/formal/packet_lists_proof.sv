// SPDX-License-Identifier: Apache-2.0
// Proved unbounded: one marked packet among any others comes out of its queue once, as it went in,
// behind exactly those that were before it; `last` and `waiting` are right for its queue.
module packet_lists_proof #(
  parameter Depth = 4,
  parameter SlotWidth = 2
) (
  input logic                 clk_i,
  input logic                 append_i,
  input logic                 queue_i,
  input logic [SlotWidth-1:0] slot_i,
  input logic [1:0]           entry_i,
  input logic                 mark_i,    // this one is watched
  input logic                 remove_i,
  input logic                 remove_queue_i
);
  // Reset in the first cycle, whatever the registers held before.
  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [Depth-1:0]     used_q;   // slots of packets in the lists
  logic [SlotWidth:0]   count_q [2];
  logic                 watching_q, watched_q;
  logic                 queue_q;
  logic [SlotWidth-1:0] slot_q;
  logic [1:0]           entry_q;
  logic [SlotWidth:0]   before_q;
  logic                 append, remove, watch, its;
  logic [SlotWidth-1:0] first_slot;
  logic [2:0]           first_entry, second_entry;
  logic                 last;
  logic [1:0]           waiting;

  assign append = append_i && !used_q[slot_i];
  assign remove = remove_i && (count_q[remove_queue_i] != '0);
  assign watch  = append && mark_i && !watched_q;
  assign its    = watching_q && remove && (remove_queue_i == queue_q);

  packet_lists #(.Queues(2), .QueueWidth(1), .Depth(Depth), .SlotWidth(SlotWidth), .EntryWidth(3),
                 .LenLsb(0), .LenWidth(1)) u_lists (
    .clk_i, .rst_ni, .append_i(append), .append_queue_i(queue_i), .append_slot_i(slot_i),
    .append_entry_i(entry_i), .mark_flits_i('0), .remove_queue_i, .remove_i(remove),
    .first_slot_o(first_slot), .first_entry_o(first_entry), .last_o(last),
    .second_entry_o(second_entry), .waiting_o(waiting));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      used_q     <= '0;
      count_q[0] <= '0;
      count_q[1] <= '0;
      watching_q <= 1'b0;
      watched_q  <= 1'b0;
    end else begin
      if (remove) used_q[first_slot] <= 1'b0;
      if (append) used_q[slot_i] <= 1'b1;
      count_q[0] <= count_q[0] + (SlotWidth + 1)'(append && !queue_i) -
                    (SlotWidth + 1)'(remove && !remove_queue_i);
      count_q[1] <= count_q[1] + (SlotWidth + 1)'(append && queue_i) -
                    (SlotWidth + 1)'(remove && remove_queue_i);
      if (watch) begin
        watching_q <= 1'b1;
        watched_q  <= 1'b1;
        queue_q    <= queue_i;
        slot_q     <= slot_i;
        entry_q    <= entry_i;
        before_q   <= count_q[queue_i] - (SlotWidth + 1)'(remove && (remove_queue_i == queue_i));
      end else if (its) begin
        if (before_q == '0) watching_q <= 1'b0;
        else before_q <= before_q - 1'b1;
      end
    end
  end
  always_comb begin
    if (rst_ni) begin
      InOrder: assert (!its || before_q != '0 || (first_slot == slot_q &&
                                                  first_entry[1:0] == entry_q));
      NotBefore: assert (!its || before_q == '0 || first_slot != slot_q);
      Announced: assert (!its || before_q != 1 || (!last && second_entry[1:0] == entry_q));
      LastIsLast: assert (!remove || last == (count_q[remove_queue_i] == 1));
      Waiting: assert (waiting == {count_q[1] != '0, count_q[0] != '0});
    end
  end
endmodule
