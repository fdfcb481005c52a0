// SPDX-License-Identifier: Apache-2.0
// One output: takes the inputs in turn, classes alike, if the next hop has room for the whole packet.
module fifo_output #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter FlitWidth = 128,
  parameter PoolWidth = 5,
  parameter CreditWidth = 17
) (
  input  logic                                  clk_i,
  input  logic                                  rst_ni,
  input  logic                                  set_i,  // first credit of a pool and class
  input  logic [PoolWidth+1:0]                  set_index_i,
  input  logic [CreditWidth-1:0]                set_value_i,
  input  logic                                  credit_valid_i,
  input  logic [PoolWidth+1:0]                  credit_index_i,
  input  logic [packet_pkg::LenWidth-1:0]       credit_flits_i,
  // By input: a packet for this output.
  input  logic [Ports-1:0]                      offer_i,
  input  logic [(PoolWidth+2)*Ports-1:0]        index_i,  // pool at the next hop, class
  input  logic [packet_pkg::LenWidth*Ports-1:0] len_i,
  output logic [Ports-1:0]                      take_o,   // one
  output logic                                  grant_o,  // a cycle later, as the others
  output logic [PortWidth-1:0]                  grant_in_o,
  output logic [1:0]                            grant_class_o,
  input  logic [FlitWidth*Ports-1:0]            data_i,   // by input
  output logic                                  out_valid_o,
  output logic [FlitWidth-1:0]                  out_data_o,
  output logic                                  busy_o
);
  parameter IndexWidth = PoolWidth + 2;
  parameter LenWidth = packet_pkg::LenWidth;

  logic [CreditWidth-1:0] credit_q [1<<IndexWidth];
  logic [LenWidth-1:0]    left_q;
  logic [PortWidth-1:0]   from_q;   // of the packet under way; the next turn is behind it
  logic                   found;
  logic [PortWidth-1:0]   from;
  logic [IndexWidth-1:0]  index;
  logic [LenWidth-1:0]    len;
  logic                   grant_q;
  logic [1:0]             class_q;
  logic                   valid_q;
  logic [FlitWidth-1:0]   data_q;

  always_comb begin
    logic [PortWidth:0]   place;
    logic [PortWidth-1:0] i;
    found = 1'b0;
    from  = '0;
    index = '0;
    len   = '0;
    for (int k = 1; k <= Ports; k++) begin
      place = (PortWidth + 1)'(from_q) + (PortWidth + 1)'(k);
      if (place >= (PortWidth + 1)'(Ports)) place = place - (PortWidth + 1)'(Ports);
      i = place[PortWidth-1:0];
      if (!found && (left_q == '0) && offer_i[i] &&
          (credit_q[index_i[i*IndexWidth+:IndexWidth]] >= CreditWidth'(len_i[i*LenWidth+:LenWidth]))) begin
        found = 1'b1;
        from  = i;
        index = index_i[i*IndexWidth+:IndexWidth];
        len   = len_i[i*LenWidth+:LenWidth];
      end
    end
  end

  always_comb begin
    take_o = '0;
    take_o[from] = found;
  end

  assign grant_o       = grant_q;
  assign grant_in_o    = from_q;
  assign grant_class_o = class_q;
  assign out_valid_o   = valid_q;
  assign out_data_o    = data_q;
  assign busy_o        = (left_q != '0) || valid_q || grant_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q  <= '0;
      from_q  <= '0;
      grant_q <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      grant_q <= found;
      valid_q <= (left_q != '0);
      if (found) begin
        left_q <= len;
        from_q <= from;
      end else if (left_q != '0) left_q <= left_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (found) class_q <= index[1:0];
    if (left_q != '0) data_q <= data_i[from_q*FlitWidth+:FlitWidth];
    if (set_i) credit_q[set_index_i] <= set_value_i;
    if (found) begin
      credit_q[index] <= credit_q[index] - CreditWidth'(len) +
          ((credit_valid_i && (credit_index_i == index)) ? CreditWidth'(credit_flits_i) : '0);
    end
    if (credit_valid_i && !(found && (credit_index_i == index)))
      credit_q[credit_index_i] <= credit_q[credit_index_i] + CreditWidth'(credit_flits_i);
  end
endmodule
