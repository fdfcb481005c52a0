// SPDX-License-Identifier: Apache-2.0
// A router that has nothing of directcom_switch but its ports: a FIFO at every input, packets stored
// before they are forwarded, outputs that take the inputs in turn; no priority of classes, no choice
// of outputs, no marks, no accounts. It shows that another router can be plugged in.
module fifo_router #(
  parameter Ports = 4,
  parameter FlitWidth = 128,
  parameter Nodes = 64,
  parameter PoolWidth = 5,
  parameter Depth = 2048,
  parameter Pipeline = 4,
  parameter CreditWidth = 17,
  parameter Speedup = 1,  // 1
  parameter OutFlits = 66,
  parameter PortWidth = $clog2(Ports),  // do not set
  parameter LenWidth = packet_pkg::LenWidth  // do not set
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       phase_i,
  input  logic                       config_valid_i,
  input  logic [packet_pkg::SelectWidth-1:0] config_select_i,
  input  logic [PortWidth-1:0]       config_port_i,
  input  logic [packet_pkg::NodeWidth-1:0]   config_index_i,
  input  logic [packet_pkg::ConfigWidth-1:0] config_value_i,
  input  logic [Ports-1:0]           in_valid_i,
  input  logic [FlitWidth*Ports-1:0] in_data_i,
  output logic [Ports-1:0]           credit_valid_o,
  output logic [PoolWidth*Ports-1:0] credit_pool_o,
  output logic [2*Ports-1:0]         credit_class_o,
  output logic [LenWidth*Ports-1:0]  credit_flits_o,
  output logic [Ports-1:0]           out_valid_o,
  output logic [Ports-1:0]           out_mark_o,
  output logic [FlitWidth*Ports-1:0] out_data_o,
  input  logic [Ports-1:0]           hold_i,
  input  logic [Speedup*Ports-1:0]           credit_valid_i,
  input  logic [Speedup*PoolWidth*Ports-1:0] credit_pool_i,
  input  logic [Speedup*2*Ports-1:0]         credit_class_i,
  input  logic [Speedup*LenWidth*Ports-1:0]  credit_flits_i,
  output logic [Ports-1:0]           routed_o,
  output logic [PortWidth*Ports-1:0] routed_out_o,
  output logic [Ports-1:0]           grant_o,
  output logic [PortWidth*Ports-1:0] grant_in_o,
  output logic [2*Ports-1:0]         grant_class_o,
  output logic [Ports-1:0]           grant_mark_o,
  output logic [Ports-1:0]           no_credit_o,
  output logic [Ports-1:0]           lost_arbitration_o,
  output logic                       busy_o
);
  parameter NodeIndexWidth = $clog2(Nodes);
  parameter NodeWidth = packet_pkg::NodeWidth;
  parameter RouteWidth = PoolWidth + Ports;
  parameter IndexWidth = PoolWidth + 2;

  logic [RouteWidth-1:0] route_mem [Nodes];
  logic [PoolWidth-1:0]  far_pool_mem [Ports<<NodeIndexWidth];

  logic [Ports-1:0]            offer;
  logic [PortWidth-1:0]        offer_out [Ports];
  logic [IndexWidth*Ports-1:0] index;
  logic [LenWidth*Ports-1:0]   len;
  logic [Ports-1:0]            offers [Ports];  // by output
  logic [Ports-1:0]            takes [Ports];
  logic [Ports-1:0]            take;
  logic [FlitWidth*Ports-1:0]  data;
  logic [Ports-1:0]            data_valid;
  logic [Ports-1:0]            in_busy, out_busy;
  logic                        unused;

  assign unused = phase_i ^ (^hold_i) ^ (^data_valid) ^ (^config_value_i) ^ (^config_index_i) ^
                  1'(Pipeline) ^ 1'(OutFlits);
  assign busy_o             = (in_busy != '0) || (out_busy != '0);
  assign out_mark_o         = '0;
  assign grant_mark_o       = '0;
  assign no_credit_o        = '0;
  assign lost_arbitration_o = '0;

  always_ff @(posedge clk_i) begin
    if (config_valid_i && (config_select_i == packet_pkg::SelectRoute))
      route_mem[config_index_i[NodeIndexWidth-1:0]] <= config_value_i[RouteWidth-1:0];
    if (config_valid_i && (config_select_i == packet_pkg::SelectFarPool))
      far_pool_mem[{config_port_i, config_index_i[NodeIndexWidth-1:0]}] <= config_value_i[PoolWidth-1:0];
  end

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    logic [NodeWidth-1:0] new_node, first_node;
    logic [1:0]           first_class;
    logic                 unused_node;
    assign unused_node = (^new_node) ^ (^first_node);
    fifo_input #(
      .Ports(Ports),
      .PortWidth(PortWidth),
      .FlitWidth(FlitWidth),
      .Depth(Depth),
      .PoolWidth(PoolWidth),
      .RouteWidth(RouteWidth)
    ) u_input (
      .clk_i,
      .rst_ni,
      .in_valid_i(in_valid_i[i]),
      .in_data_i(in_data_i[i*FlitWidth+:FlitWidth]),
      .new_node_o(new_node),
      .new_route_i(route_mem[new_node[NodeIndexWidth-1:0]]),
      .first_node_o(first_node),
      .first_route_i(route_mem[first_node[NodeIndexWidth-1:0]]),
      .routed_o(routed_o[i]),
      .routed_out_o(routed_out_o[i*PortWidth+:PortWidth]),
      .offer_o(offer[i]),
      .offer_out_o(offer_out[i]),
      .offer_class_o(first_class),
      .offer_len_o(len[i*LenWidth+:LenWidth]),
      .take_i(take[i]),
      .data_valid_o(data_valid[i]),
      .data_o(data[i*FlitWidth+:FlitWidth]),
      .credit_valid_o(credit_valid_o[i]),
      .credit_pool_o(credit_pool_o[i*PoolWidth+:PoolWidth]),
      .credit_class_o(credit_class_o[2*i+:2]),
      .credit_flits_o(credit_flits_o[i*LenWidth+:LenWidth]),
      .busy_o(in_busy[i])
    );
    assign index[i*IndexWidth+:IndexWidth] = {
        far_pool_mem[{offer_out[i], first_node[NodeIndexWidth-1:0]}], first_class};
  end

  always_comb begin
    for (int o = 0; o < Ports; o++) offers[o] = '0;
    for (int i = 0; i < Ports; i++) offers[offer_out[i]][i] = offer[i];
  end
  always_comb begin
    take = '0;
    for (int o = 0; o < Ports; o++) take |= takes[o];
  end

  for (genvar o = 0; o < Ports; o++) begin : gen_out
    fifo_output #(
      .Ports(Ports),
      .PortWidth(PortWidth),
      .FlitWidth(FlitWidth),
      .PoolWidth(PoolWidth),
      .CreditWidth(CreditWidth)
    ) u_output (
      .clk_i,
      .rst_ni,
      .set_i(config_valid_i && (config_select_i == packet_pkg::SelectCredit) &&
             (config_port_i == PortWidth'(o))),
      .set_index_i(config_index_i[IndexWidth-1:0]),
      .set_value_i(config_value_i[CreditWidth-1:0]),
      .credit_valid_i(credit_valid_i[o]),
      .credit_index_i({credit_pool_i[o*PoolWidth+:PoolWidth], credit_class_i[2*o+:2]}),
      .credit_flits_i(credit_flits_i[o*LenWidth+:LenWidth]),
      .offer_i(offers[o]),
      .index_i(index),
      .len_i(len),
      .take_o(takes[o]),
      .grant_o(grant_o[o]),
      .grant_in_o(grant_in_o[o*PortWidth+:PortWidth]),
      .grant_class_o(grant_class_o[2*o+:2]),
      .data_i(data),
      .out_valid_o(out_valid_o[o]),
      .out_data_o(out_data_o[o*FlitWidth+:FlitWidth]),
      .busy_o(out_busy[o])
    );
  end
endmodule
