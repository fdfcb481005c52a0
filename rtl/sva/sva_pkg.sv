// SPDX-License-Identifier: Apache-2.0
// What the checkers share. Rules and ids: hw/docs/rtl_rules.md.
package sva_pkg;
  // tlm/cosim/switch_pins.cpp keeps the first of a model.
  import "DPI-C" context function void aipu_rule_broken(
      input string id, input string name, input int port);

  parameter LongestPacket = 64;

  // Flits of the packet with this header (its low bits up to the payload's length).
  parameter HeaderWidth = packet_pkg::BytesLsb + packet_pkg::BytesWidth;
  function automatic logic [packet_pkg::LenWidth-1:0] flits_of(
      input logic [HeaderWidth-1:0] header, input int flit_bytes);
    logic [packet_pkg::TypeWidth-1:0] kind;
    logic                             unused;
    unused = ^header;
    kind = header[packet_pkg::TypeLsb+:packet_pkg::TypeWidth];
    if ((kind != packet_pkg::TypeData) && (kind != packet_pkg::TypeGet)) return 1;
    return packet_pkg::LenWidth'(
        (32'(header[packet_pkg::BytesLsb+:packet_pkg::BytesWidth]) + 2 * flit_bytes - 1) / flit_bytes);
  endfunction
endpackage
