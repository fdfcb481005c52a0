// SPDX-License-Identifier: Apache-2.0
// Proved: a position is a member if it is nearer to the first, going up and round, than the last is.
module cyclic_range_proof #(
  parameter Width = 5,
  parameter IndexWidth = 3
) (
  input logic [IndexWidth-1:0] first_i,
  input logic [IndexWidth-1:0] last_i,
  input logic [IndexWidth-1:0] position_i
);
  logic [Width-1:0]    members;
  logic [IndexWidth:0] distance, length;

  cyclic_range #(.Width(Width), .IndexWidth(IndexWidth)) u_range (
    .first_i, .last_i, .members_o(members));

  assign distance = (position_i >= first_i) ? {1'b0, position_i} - first_i
                                            : {1'b0, position_i} + Width - first_i;
  assign length   = (last_i >= first_i) ? {1'b0, last_i} - first_i
                                        : {1'b0, last_i} + Width - first_i;
  always_comb begin
    assume (first_i < Width && last_i < Width && position_i < Width);
    Member: assert (members[position_i] == (distance < length));
  end
endmodule
