// SPDX-License-Identifier: Apache-2.0
// How the classes of an output take turns.
`include "cover.svh"
module class_scheduler_cover #(
  parameter LenWidth = 7
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic [4*LenWidth-1:0] len_i,
  input logic [3:0]            waiting_i,
  input logic                  accept_i,
  input logic [1:0]            class_o
);
  /* verilator inline_module */  // bins by instance
  logic [1:0] last_q;  // of classes 1..3: the last that sent
  logic [3:0] able;
  for (genvar c = 0; c < 4; c++) begin : gen_class
    assign able[c] = (len_i[c*LenWidth+:LenWidth] != '0);
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) last_q <= 2'd1;
    else if (accept_i && (class_o != 2'd0)) last_q <= class_o;
  end
  `AIPU_COVER(Class0, accept_i && (class_o == 2'd0))
  `AIPU_COVER(Class1, accept_i && (class_o == 2'd1))
  `AIPU_COVER(Class2, accept_i && (class_o == 2'd2))
  `AIPU_COVER(Class3, accept_i && (class_o == 2'd3))
  `AIPU_COVER(ControlBeforeOthers, accept_i && (class_o == 2'd0) && (able[3:1] != '0))
  // The class that sent last could send on, but its deficit is used up.
  `AIPU_COVER(SwitchesByDeficit, accept_i && (class_o != 2'd0) && (class_o != last_q) && able[last_q])
  `AIPU_COVER(SwitchesForWantOfCredit,
              accept_i && (class_o != 2'd0) && (class_o != last_q) && !able[last_q] && waiting_i[last_q])
  `AIPU_COVER(SwitchesFromAnEmptyClass,
              accept_i && (class_o != 2'd0) && (class_o != last_q) && !waiting_i[last_q])
  `AIPU_COVER(GoesOn, accept_i && (class_o == last_q) && ((able & ~(4'd1 << last_q) & 4'hE) != 4'd0))
endmodule
