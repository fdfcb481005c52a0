// SPDX-License-Identifier: Apache-2.0
// Proved unbounded: a class that asks is picked whenever there is one, class 0 first, and never one
// that does not ask; class 0 costs nobody anything; a picked class pays for its packet. While no
// deficit wraps, and quanta are at least the longest packet.
module class_scheduler_proof #(
  parameter LenWidth = 2,
  parameter QuantumWidth = 3,
  parameter DeficitWidth = 5
) (
  input logic                      clk_i,
  input logic [3*QuantumWidth-1:0] quantum_i,
  input logic [4*LenWidth-1:0]     len_i,
  input logic [3:0]                waiting_i,
  input logic                      accept_i
);
  // Reset in the first cycle, whatever the registers held before.
  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic       valid;
  logic [1:0] picked;
  class_scheduler #(.LenWidth(LenWidth), .QuantumWidth(QuantumWidth), .DeficitWidth(DeficitWidth))
  u_classes (.clk_i, .rst_ni, .quantum_i, .len_i, .waiting_i, .accept_i, .valid_o(valid),
             .class_o(picked));

  // The counts inside, which Yosys joins by name when it flattens.
  (* hierconn *) logic [DeficitWidth-1:0] \u_classes.deficit_q[1] ;
  (* hierconn *) logic [DeficitWidth-1:0] \u_classes.deficit_q[2] ;
  (* hierconn *) logic [DeficitWidth-1:0] \u_classes.deficit_q[3] ;
  logic [3*DeficitWidth-1:0] deficit, before_q;
  logic [3*QuantumWidth-1:0] quantum_q;
  logic [LenWidth-1:0]       len_q;
  logic [1:0]                picked_q;
  logic                      took_q;
  assign deficit = {\u_classes.deficit_q[3] , \u_classes.deficit_q[2] , \u_classes.deficit_q[1] };

  always_ff @(posedge clk_i) begin
    took_q    <= rst_ni && accept_i && valid;
    before_q  <= deficit;
    picked_q  <= picked;
    quantum_q <= quantum_i;
    len_q     <= len_i[picked*LenWidth+:LenWidth];
  end
  for (genvar c = 1; c < 4; c++) begin : gen_class
    logic [DeficitWidth:0] was, is;
    assign was = {1'b0, before_q[(c-1)*DeficitWidth+:DeficitWidth]};
    assign is  = {1'b0, deficit[(c-1)*DeficitWidth+:DeficitWidth]};
    always_comb begin
      assume (quantum_i[(c-1)*QuantumWidth+:QuantumWidth] >= (1 << LenWidth) - 1);
      assume (is + quantum_i[(c-1)*QuantumWidth+:QuantumWidth] < (1 << DeficitWidth));
      if (rst_ni && took_q) begin
        assert (picked_q != c || is + len_q == was ||
                is + len_q == was + quantum_q[(c-1)*QuantumWidth+:QuantumWidth]);
        assert (picked_q != 2'd0 || is == was);
      end
    end
  end
  always_comb begin
    if (rst_ni) begin
      WorkConserving: assert (valid == (len_i != '0));
      OnlyIfItAsks: assert (!valid || len_i[picked*LenWidth+:LenWidth] != '0);
      ControlFirst: assert (len_i[LenWidth-1:0] == '0 || (valid && picked == 2'd0));
    end
  end
endmodule
