// SPDX-License-Identifier: Apache-2.0
// The fields of a header that a switch needs. A packet without payload, or of a type that this
// switch does not know, is one flit.
module header_decode #(
  parameter FlitWidth = 128
) (
  input  logic [FlitWidth-1:0]              flit_i,
  output logic [packet_pkg::NodeWidth-1:0]  destination_o,
  output logic [packet_pkg::ClassWidth-1:0] class_o,
  output logic [packet_pkg::LenWidth-1:0]   len_o
);
  parameter FlitBytes = FlitWidth / 8;
  parameter BytesWidth = packet_pkg::BytesWidth;

  logic [packet_pkg::TypeWidth-1:0] kind;
  logic [BytesWidth-1:0]            bytes;
  logic [BytesWidth:0]              rounded;
  logic                             has_payload;
  logic                             unused;

  assign kind          = flit_i[packet_pkg::TypeLsb+:packet_pkg::TypeWidth];
  assign bytes         = flit_i[packet_pkg::BytesLsb+:BytesWidth];
  assign destination_o = flit_i[packet_pkg::DestinationLsb+:packet_pkg::NodeWidth];
  assign class_o       = flit_i[packet_pkg::ClassLsb+:packet_pkg::ClassWidth];
  assign has_payload   = (kind == packet_pkg::TypeData) || (kind == packet_pkg::TypeGet);
  assign rounded       = {1'b0, bytes} + (BytesWidth + 1)'(2 * FlitBytes - 1);
  assign len_o         = has_payload ? packet_pkg::LenWidth'(rounded >> $clog2(FlitBytes))
                                     : packet_pkg::LenWidth'(1);
  assign unused        = ^flit_i;
endmodule
