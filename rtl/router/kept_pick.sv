// SPDX-License-Identifier: Apache-2.0
// The queue whose input an output keeps: the one last kept for and served, if it is able (urgent
// and its packet has credit); else the first able one, classes ascending, within a class inputs
// behind that one's, wrapping. Queue (class c, input i) is bit c x Ports + i.
module kept_pick #(
  parameter Ports = 4,
  parameter PortWidth = 2  // do not set: $clog2(Ports)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [4*Ports-1:0]   able_i,
  input  logic                 serve_i,  // the kept one is served
  output logic                 valid_o,
  output logic [PortWidth-1:0] in_o,
  output logic [1:0]           class_o,
  output logic [Ports-1:0]     onehot_o  // its input; none without valid_o
);
  logic [PortWidth-1:0] last_in_q;
  logic [1:0]           last_class_q;
  logic [PortWidth-1:0] start;
  logic [Ports-1:0]     able;  // of the first class with any
  logic [1:0]           first_class;
  logic                 again;
  logic [Ports-1:0]     pick_onehot;
  logic [PortWidth-1:0] pick_in;

  assign start = (last_in_q == PortWidth'(Ports - 1)) ? '0 : last_in_q + 1'b1;
  always_comb begin
    again       = 1'b0;
    first_class = 2'd3;
    able        = '0;
    if (able_i != '0) begin
      again = able_i[32'(last_class_q)*Ports+32'(last_in_q)];
      if (able_i[0+:Ports] != '0) first_class = 2'd0;
      else if (able_i[Ports+:Ports] != '0) first_class = 2'd1;
      else if (able_i[2*Ports+:Ports] != '0) first_class = 2'd2;
      able = able_i[32'(first_class)*Ports+:Ports];
    end
  end

  rr_pick #(
    .Width(Ports),
    .IndexWidth(PortWidth)
  ) u_pick (
    .request_i(able),
    .start_i(start),
    .valid_o(valid_o),
    .onehot_o(pick_onehot),
    .index_o(pick_in)
  );

  assign in_o     = again ? last_in_q : pick_in;
  assign class_o  = again ? last_class_q : first_class;
  assign onehot_o = again ? Ports'(1) << last_in_q : pick_onehot;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      last_in_q    <= '0;
      last_class_q <= '0;
    end else if (serve_i) begin
      last_in_q    <= in_o;
      last_class_q <= class_o;
    end
  end
endmodule
