// SPDX-License-Identifier: Apache-2.0
// Moves flits from inputs to outputs along the grants, two cycles behind them. An output goes on
// with the input it was granted until the next grant.
module crossbar #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter FlitWidth = 128
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic [Ports-1:0]           grant_i,     // by output...
  input  logic [PortWidth*Ports-1:0] grant_in_i,  // ...from which input
  input  logic [Ports-1:0]           grant_mark_i,
  input  logic [Ports*Ports-1:0]     grant_onehot_i,  // by input: its output
  input  logic [Ports-1:0]           data_valid_i,    // by input, from two cycles behind its grant
  input  logic [FlitWidth*Ports-1:0] data_i,
  output logic [Ports-1:0]           out_valid_o,
  output logic [Ports-1:0]           out_mark_o,      // with the head
  output logic [FlitWidth*Ports-1:0] out_data_o,
  output logic                       busy_o
);
  logic [FlitWidth-1:0] data [Ports];
  logic [Ports-1:0]     to [Ports];  // by input: the output of its last grant, when its flits are there
  logic [Ports-1:0]     arriving;        // by output: a flit is there
  logic [Ports-1:0]     mark_q;
  logic [Ports-1:0]     mark_2_q;
  logic [Ports-1:0]     busy;
  logic [Ports-1:0]     moving;          // grants that are not yet in the second registers

  assign busy_o = (busy != '0) || (moving != '0);

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    logic             granted_q;
    logic [Ports-1:0] to_q;
    logic [Ports-1:0] to_2_q;
    assign to[i]     = to_2_q;
    assign data[i]   = data_i[i*FlitWidth+:FlitWidth];
    assign moving[i] = granted_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        to_q   <= '0;
        to_2_q <= '0;
        granted_q <= 1'b0;
      end else begin
        granted_q <= (grant_onehot_i[i*Ports+:Ports] != '0);
        if (grant_onehot_i[i*Ports+:Ports] != '0) to_q <= grant_onehot_i[i*Ports+:Ports];
        if (granted_q) to_2_q <= to_q;
      end
    end
  end

  // verilator tracing_off
  always_comb begin
    arriving = '0;
    for (int i = 0; i < Ports; i++) begin
      if (data_valid_i[i]) arriving |= to[i];
    end
  end

  // verilator tracing_on
  for (genvar o = 0; o < Ports; o++) begin : gen_out
    logic [PortWidth-1:0] from_q;
    logic [PortWidth-1:0] from_2_q;
    logic                 granted_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        granted_q   <= 1'b0;
        mark_q[o]   <= 1'b0;
        mark_2_q[o] <= 1'b0;
      end else begin
        granted_q   <= grant_i[o];
        mark_q[o]   <= grant_i[o] && grant_mark_i[o];
        mark_2_q[o] <= mark_q[o];
      end
    end
    always_ff @(posedge clk_i) begin
      if (grant_i[o]) from_q <= grant_in_i[o*PortWidth+:PortWidth];
      if (granted_q) from_2_q <= from_q;
    end
    assign out_data_o[o*FlitWidth+:FlitWidth] = data[from_2_q];
    assign busy[o]                            = granted_q || mark_q[o] || mark_2_q[o];
  end

  assign out_valid_o = arriving;
  assign out_mark_o  = mark_2_q;
endmodule
