// SPDX-License-Identifier: Apache-2.0
// The positions from first_i up to before last_i, wrapping round; none when the two are equal.
// Contract: both < Width.
module cyclic_range #(
  parameter Width = 4,
  parameter IndexWidth = 2  // do not set: $clog2(Width)
) (
  input  logic [IndexWidth-1:0] first_i,
  input  logic [IndexWidth-1:0] last_i,
  output logic [Width-1:0]      members_o
);
  // verilator tracing_off
  logic [Width-1:0] from_first;
  logic [Width-1:0] before_last;

  assign from_first  = {Width{1'b1}} << first_i;
  assign before_last = ~({Width{1'b1}} << last_i);
  assign members_o   = (first_i <= last_i) ? (from_first & before_last) : (from_first | before_last);
  // verilator tracing_on
endmodule
