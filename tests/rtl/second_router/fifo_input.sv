// SPDX-License-Identifier: Apache-2.0
// One FIFO of flits. A packet is offered when all of it is here, and is read without a gap once taken;
// its credit goes back with its last flit.
module fifo_input #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter FlitWidth = 128,
  parameter Depth = 64,
  parameter PoolWidth = 5,
  parameter RouteWidth = 9  // do not set: pool, mask of outputs
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             in_valid_i,
  input  logic [FlitWidth-1:0]             in_data_i,
  // The table of routes, for the packet that has just come and for the first of the FIFO.
  output logic [packet_pkg::NodeWidth-1:0] new_node_o,
  input  logic [RouteWidth-1:0]            new_route_i,
  output logic [packet_pkg::NodeWidth-1:0] first_node_o,
  input  logic [RouteWidth-1:0]            first_route_i,
  output logic                             routed_o,
  output logic [PortWidth-1:0]             routed_out_o,
  // The first packet, while none is read.
  output logic                             offer_o,
  output logic [PortWidth-1:0]             offer_out_o,
  output logic [1:0]                       offer_class_o,
  output logic [packet_pkg::LenWidth-1:0]  offer_len_o,
  input  logic                             take_i,
  output logic                             data_valid_o,  // from the cycle after the take
  output logic [FlitWidth-1:0]             data_o,
  output logic                             credit_valid_o,
  output logic [PoolWidth-1:0]             credit_pool_o,
  output logic [1:0]                       credit_class_o,
  output logic [packet_pkg::LenWidth-1:0]  credit_flits_o,
  output logic                             busy_o
);
  parameter PlaceWidth = $clog2(Depth);
  parameter LenWidth = packet_pkg::LenWidth;
  parameter NodeWidth = packet_pkg::NodeWidth;

  logic [FlitWidth-1:0]  flits_mem [Depth];
  logic [PlaceWidth-1:0] write_q, read_q;
  logic [PlaceWidth:0]   packets_q;  // whole ones
  logic [LenWidth-1:0]   rest_q;     // flits of the packet that comes, still to come
  logic [LenWidth-1:0]   left_q;     // of the packet that is read
  logic [NodeWidth-1:0]  node_q, node;
  logic                  head, tail, last;
  logic [NodeWidth-1:0]  new_node;
  logic [1:0]            new_class;
  logic [LenWidth-1:0]   new_len;
  logic                  routed_q;
  logic [PortWidth-1:0]  routed_out_q;
  logic [1:0]            class_q;
  logic [LenWidth-1:0]   len_q;
  logic [PoolWidth-1:0]  pool_q;
  logic                  credit_q;
  logic                  unused;

  function automatic logic [PlaceWidth-1:0] after(input logic [PlaceWidth-1:0] place);
    return (place == PlaceWidth'(Depth - 1)) ? '0 : place + 1'b1;
  endfunction
  function automatic logic [PortWidth-1:0] lowest(input logic [Ports-1:0] mask);
    logic [PortWidth-1:0] port;
    port = '0;
    for (int p = Ports - 1; p >= 0; p--) begin
      if (mask[p]) port = PortWidth'(p);
    end
    return port;
  endfunction

  header_decode #(.FlitWidth(FlitWidth)) u_new (
    .flit_i(in_data_i),
    .destination_o(new_node),
    .class_o(new_class),
    .len_o(new_len)
  );
  header_decode #(.FlitWidth(FlitWidth)) u_first (
    .flit_i(flits_mem[read_q]),
    .destination_o(first_node_o),
    .class_o(offer_class_o),
    .len_o(offer_len_o)
  );

  assign unused         = (^new_class) ^ (^new_route_i);
  assign head           = in_valid_i && (rest_q == '0);
  assign tail           = in_valid_i && (head ? (new_len == LenWidth'(1)) : (rest_q == LenWidth'(1)));
  assign node           = head ? new_node : node_q;
  assign new_node_o     = node;
  assign offer_o        = (packets_q != '0) && (left_q == '0);
  assign offer_out_o    = lowest(first_route_i[Ports-1:0]);
  assign data_valid_o   = (left_q != '0);
  assign data_o         = flits_mem[read_q];
  assign last           = (left_q == LenWidth'(1));
  assign routed_o       = routed_q;
  assign routed_out_o   = routed_out_q;
  assign credit_valid_o = credit_q;
  assign credit_pool_o  = pool_q;
  assign credit_class_o = class_q;
  assign credit_flits_o = len_q;
  assign busy_o         = (packets_q != '0) || (left_q != '0) || (rest_q != '0) || routed_q || credit_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q   <= '0;
      read_q    <= '0;
      packets_q <= '0;
      rest_q    <= '0;
      left_q    <= '0;
      routed_q  <= 1'b0;
      credit_q  <= 1'b0;
    end else begin
      routed_q  <= tail;
      credit_q  <= last;
      packets_q <= packets_q + (PlaceWidth + 1)'(tail) - (PlaceWidth + 1)'(last);
      if (in_valid_i) begin
        write_q <= after(write_q);
        rest_q  <= head ? new_len - 1'b1 : rest_q - 1'b1;
      end
      if (take_i) left_q <= offer_len_o;
      else if (left_q != '0) left_q <= left_q - 1'b1;
      if (left_q != '0) read_q <= after(read_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i) flits_mem[write_q] <= in_data_i;
    if (head) node_q <= new_node;
    if (tail) routed_out_q <= lowest(new_route_i[Ports-1:0]);
    if (take_i) begin
      class_q <= offer_class_o;
      len_q   <= offer_len_o;
      pool_q  <= first_route_i[Ports+:PoolWidth];
    end
  end
endmodule
