// SPDX-License-Identifier: Apache-2.0
// Proved unbounded, of a bank of counters with the step's writes, any start values, a take and two
// returns a cycle: a counter is its first value less what was taken and not returned; so it is never
// below zero, and never above its first value while no more returns to it than was taken.
module credit_step_proof #(
  parameter IndexWidth = 1,
  parameter CreditWidth = 3,
  parameter FlitsWidth = 2,
  parameter Unpaid = 0,   // control: takes more than there is
  parameter Surplus = 0   // control: returns more than was taken
) (
  input logic                    clk_i,
  input logic [CreditWidth-1:0]  first_i,
  input logic [IndexWidth-1:0]   watched_i,
  input logic                    take_i,
  input logic [IndexWidth-1:0]   take_index_i,
  input logic [FlitsWidth-1:0]   take_flits_i,
  input logic [1:0]              give_i,
  input logic [2*IndexWidth-1:0] give_index_i,
  input logic [2*FlitsWidth-1:0] give_flits_i
);
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic [CreditWidth-1:0]   credit_q [1<<IndexWidth];
  logic [IndexWidth-1:0]    watched_q;
  logic [CreditWidth-1:0]   first_q, out_q;  // flits of the watched counter taken, not returned
  logic [CreditWidth+1:0]   out_d;
  logic [CreditWidth-1:0]   taken;
  logic [2*CreditWidth-1:0] given;
  logic [1:0]               write, to_watched;
  logic                     take;

  assign take = take_i && (Unpaid || CreditWidth'(take_flits_i) <= credit_q[take_index_i]);

  credit_step #(.IndexWidth(IndexWidth), .CreditWidth(CreditWidth), .FlitsWidth(FlitsWidth)) u_step (
    .take_i(take), .take_index_i, .take_credit_i(credit_q[take_index_i]), .take_flits_i,
    .take_credit_o(taken), .give_i, .give_index_i,
    .give_credit_i({credit_q[give_index_i[IndexWidth+:IndexWidth]],
                    credit_q[give_index_i[0+:IndexWidth]]}),
    .give_flits_i, .give_write_o(write), .give_credit_o(given));

  always_comb begin
    to_watched[0] = give_i[0] && (give_index_i[0+:IndexWidth] == watched_q);
    to_watched[1] = give_i[1] && (give_index_i[IndexWidth+:IndexWidth] == watched_q);
    out_d = {2'b00, out_q} + ((take && take_index_i == watched_q) ? take_flits_i : '0) -
            (to_watched[0] ? give_flits_i[0+:FlitsWidth] : '0) -
            (to_watched[1] ? give_flits_i[FlitsWidth+:FlitsWidth] : '0);
  end
  always_ff @(posedge clk_i) begin
    if (!started_q) begin
      watched_q <= watched_i;
      first_q   <= first_i;
      out_q     <= '0;
      credit_q[watched_i] <= first_i;
    end else begin
      out_q <= out_d[CreditWidth-1:0];
      if (take) credit_q[take_index_i] <= taken;
      if (write[0]) credit_q[give_index_i[0+:IndexWidth]] <= given[0+:CreditWidth];
      if (write[1]) credit_q[give_index_i[IndexWidth+:IndexWidth]] <= given[CreditWidth+:CreditWidth];
    end
  end
  always_comb begin
    // What returns was taken in an earlier cycle.
    assume (Surplus || !started_q ||
            ((to_watched[0] ? {2'b00, give_flits_i[0+:FlitsWidth]} : 4'd0) +
             (to_watched[1] ? {2'b00, give_flits_i[FlitsWidth+:FlitsWidth]} : 4'd0) <= {1'b0, out_q}));
    if (started_q) begin
      FirstLessOut: assert ({1'b0, credit_q[watched_q]} + {1'b0, out_q} == {1'b0, first_q});
      NeverAbove: assert (credit_q[watched_q] <= first_q);
      WrittenOnce: assert (!(take && write[0] && take_index_i == give_index_i[0+:IndexWidth]) &&
                           !(take && write[1] && take_index_i == give_index_i[IndexWidth+:IndexWidth]) &&
                           !(write == 2'b11 && give_index_i[0+:IndexWidth] == give_index_i[IndexWidth+:IndexWidth]));
    end
  end
endmodule
