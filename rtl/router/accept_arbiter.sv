// SPDX-License-Identifier: Apache-2.0
// Which of the outputs that chose this input it accepts: those with a packet of class 0 first, then
// the first at or after the accept pointer, which moves behind it. lose_turn_o: queues of the
// accepted class, between pointer and accepted output, that could not be taken.
module accept_arbiter #(
  parameter Ports = 4,
  parameter PortWidth = 2  // do not set: $clog2(Ports)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [Ports-1:0]     wish_i,         // outputs that chose this input
  input  logic [2*Ports-1:0]   wish_class_i,   // of every output
  input  logic [Ports-1:0]     control_i,      // outputs that chose class 0
  input  logic [4*Ports-1:0]   waiting_i,      // class x Ports + output: a packet waits here
  input  logic [Ports-1:0]     open_out_i,     // outputs that were free when the choices began
  input  logic                 open_i,         // so was this input, and not kept
  output logic                 accept_o,
  output logic [Ports-1:0]     accept_onehot_o,
  output logic [PortWidth-1:0] accept_out_o,
  output logic [1:0]           accept_class_o,
  output logic [Ports-1:0]     lose_turn_o
);
  logic [PortWidth-1:0] pointer_q;
  logic [Ports-1:0]     control;
  logic [Ports-1:0]     passed;

  assign control = wish_i & control_i;

  rr_pick #(
    .Width(Ports),
    .IndexWidth(PortWidth)
  ) u_pick (
    .request_i((control != '0) ? control : wish_i),
    .start_i(pointer_q),
    .valid_o(accept_o),
    .onehot_o(accept_onehot_o),
    .index_o(accept_out_o)
  );

  cyclic_range #(
    .Width(Ports),
    .IndexWidth(PortWidth)
  ) u_passed (
    .first_i(pointer_q),
    .last_i(accept_out_o),
    .members_o(passed)
  );

  always_comb begin
    accept_class_o = '0;
    lose_turn_o    = '0;
    if (accept_o) begin
      accept_class_o = wish_class_i[2*accept_out_o+:2];
      lose_turn_o    = passed & waiting_i[32'(accept_class_o)*Ports+:Ports];
      if (open_i) lose_turn_o &= ~open_out_i;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pointer_q <= '0;
    else if (accept_o)
      pointer_q <= (accept_out_o == PortWidth'(Ports - 1)) ? '0 : accept_out_o + 1'b1;
  end
endmodule
