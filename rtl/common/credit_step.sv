// SPDX-License-Identifier: Apache-2.0
// One tick of a bank of credit counters: one packet takes credit and up to two credits return, all
// perhaps of one counter. The registers are the user's, who shows the value of each counter that is
// named and writes back what comes out: take_credit_o with take_i, give_credit_o[r] with
// give_write_o[r]; no counter is written twice. Contract: take_flits_i <= take_credit_i. Then no
// counter wraps, and none is above its first value as long as no more returns to it than was taken.
module credit_step #(
  parameter IndexWidth = 4,
  parameter CreditWidth = 17,
  parameter FlitsWidth = 7
) (
  input  logic                     take_i,
  input  logic [IndexWidth-1:0]    take_index_i,
  input  logic [CreditWidth-1:0]   take_credit_i,  // of its counter, now
  input  logic [FlitsWidth-1:0]    take_flits_i,
  output logic [CreditWidth-1:0]   take_credit_o,
  input  logic [1:0]               give_i,
  input  logic [2*IndexWidth-1:0]  give_index_i,
  input  logic [2*CreditWidth-1:0] give_credit_i,  // of their counters, now
  input  logic [2*FlitsWidth-1:0]  give_flits_i,
  output logic [1:0]               give_write_o,
  output logic [2*CreditWidth-1:0] give_credit_o
);
  // verilator tracing_off
  logic [1:0] to_taken;  // returns to the counter that is taken from
  logic       to_one;    // both return to one

  // Each part under its condition: simulators skip what does not happen.
  always_comb begin
    to_taken      = '0;
    to_one        = 1'b0;
    give_write_o  = '0;
    give_credit_o = '0;
    if (give_i != '0) begin
      to_one = (give_i == 2'b11) &&
               (give_index_i[IndexWidth-1:0] == give_index_i[2*IndexWidth-1:IndexWidth]);
      if (take_i) begin
        to_taken[0] = give_i[0] && (give_index_i[IndexWidth-1:0] == take_index_i);
        to_taken[1] = give_i[1] && (give_index_i[2*IndexWidth-1:IndexWidth] == take_index_i);
      end
      give_write_o = {give_i[1] && !to_taken[1] && !to_one, give_i[0] && !to_taken[0]};
      give_credit_o[CreditWidth-1:0] =
          give_credit_i[CreditWidth-1:0] + CreditWidth'(give_flits_i[FlitsWidth-1:0]) +
          (to_one ? CreditWidth'(give_flits_i[2*FlitsWidth-1:FlitsWidth]) : '0);
      give_credit_o[2*CreditWidth-1:CreditWidth] =
          give_credit_i[2*CreditWidth-1:CreditWidth] +
          CreditWidth'(give_flits_i[2*FlitsWidth-1:FlitsWidth]);
    end
  end
  always_comb begin
    take_credit_o = '0;
    if (take_i) begin
      take_credit_o = take_credit_i - CreditWidth'(take_flits_i) +
                      (to_taken[0] ? CreditWidth'(give_flits_i[FlitsWidth-1:0]) : '0) +
                      (to_taken[1] ? CreditWidth'(give_flits_i[2*FlitsWidth-1:FlitsWidth]) : '0);
    end
  end
  // verilator tracing_on
endmodule
