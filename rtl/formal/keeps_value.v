// SPDX-License-Identifier: Apache-2.0
// Put in the place of every register for the engine `keeps` (tools/rtl/prove.py): the same register,
// and the assertion that it keeps its value.
(* techmap_celltype = "$dff" *)
module keeps_value (CLK, D, Q);
  parameter WIDTH = 1;
  parameter CLK_POLARITY = 1'b1;
  input CLK;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  wire same;
  \$dff #(.WIDTH(WIDTH), .CLK_POLARITY(CLK_POLARITY)) _TECHMAP_REPLACE_ (.CLK(CLK), .D(D), .Q(Q));
  \$eqx #(.A_SIGNED(0), .B_SIGNED(0), .A_WIDTH(WIDTH), .B_WIDTH(WIDTH), .Y_WIDTH(1)) compare (
    .A(D), .B(Q), .Y(same));
  \$assert check (.A(same), .EN(1'b1));
endmodule
