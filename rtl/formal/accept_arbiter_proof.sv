// SPDX-License-Identifier: Apache-2.0
// Proved unbounded: one wish is accepted whenever there is one, class 0 first; a standing wish that
// is of class 0, or that no wish of class 0 goes before, is passed over fewer than Ports times; only
// queues with a packet of the accepted class, and never the accepted one, lose a turn.
module accept_arbiter_proof #(
  parameter Ports = 4,
  parameter PortWidth = 2
) (
  input logic               clk_i,
  input logic [Ports-1:0]   wish_i,
  input logic [2*Ports-1:0] wish_class_i,
  input logic [4*Ports-1:0] waiting_i,
  input logic [Ports-1:0]   open_out_i,
  input logic               open_i
);
  // Reset in the first cycle, whatever the registers held before.
  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic                 accept;
  logic [Ports-1:0]     onehot, lose_turn, control, waiting;
  logic [PortWidth-1:0] out;
  logic [1:0]           class_accepted;
  logic [3:0]           passed_q [Ports];

  accept_arbiter #(.Ports(Ports), .PortWidth(PortWidth)) u_accept (
    .clk_i, .rst_ni, .wish_i, .wish_class_i,
    .control_i(control), .waiting_i, .open_out_i, .open_i,
    .accept_o(accept), .accept_onehot_o(onehot), .accept_out_o(out),
    .accept_class_o(class_accepted), .lose_turn_o(lose_turn));

  for (genvar p = 0; p < Ports; p++) begin : gen_out
    assign control[p] = wish_i[p] && (wish_class_i[2*p+:2] == 2'd0);
    assign waiting[p] = waiting_i[32'(class_accepted)*Ports+p];
    always_ff @(posedge clk_i) begin
      if (!rst_ni || !wish_i[p] || onehot[p] || (!control[p] && control != '0)) passed_q[p] <= '0;
      else passed_q[p] <= passed_q[p] + 1'b1;
    end
    always_comb if (rst_ni) assert (passed_q[p] < Ports);
  end
  always_comb begin
    if (rst_ni) begin
      OneHot: assert ((onehot & (onehot - 1'b1)) == '0);
      OfAWish: assert ((onehot & ~wish_i) == '0);
      WorkConserving: assert (accept == (wish_i != '0) && accept == (onehot != '0));
      RightNumber: assert (!accept || (onehot[out] && class_accepted == wish_class_i[2*out+:2]));
      ControlFirst: assert (control == '0 || class_accepted == 2'd0);
      LosersWait: assert ((lose_turn & (onehot | ~waiting)) == '0);
    end
  end
endmodule
