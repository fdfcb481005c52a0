// SPDX-License-Identifier: Apache-2.0
// Which class an output sends next: class 0 first, the others by deficit round robin on flits
// (hw/docs/directcom.md). Contract: a quantum is at least the longest packet; the choice is charged
// only with accept_i. len_i of a class that can send nothing now is 0.
module class_scheduler #(
  parameter LenWidth = 7,
  parameter QuantumWidth = 17,
  // A class that sends one short packet a turn, and has no credit for more, keeps the rest of every
  // quantum: by the rule there is no bound, so the count is as wide as the model's.
  parameter DeficitWidth = 32
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [3*QuantumWidth-1:0] quantum_i,  // of classes 1, 2, 3
  input  logic [4*LenWidth-1:0]     len_i,      // of the packet that a class could send
  input  logic [3:0]                waiting_i,  // something of the class waits
  input  logic                      accept_i,
  output logic                      valid_o,
  output logic [1:0]                class_o
);
  logic [1:0]              turn_q, turn_d;
  logic                    fresh_q, fresh_d;  // the class at its turn has not had its quantum
  logic [DeficitWidth-1:0] deficit_q [4];     // [0] is not used
  logic [DeficitWidth-1:0] deficit_d [4];
  logic [LenWidth-1:0]     len [4];
  logic [QuantumWidth-1:0] quantum [4];

  assign quantum[0] = '0;
  for (genvar c = 0; c < 4; c++) begin : gen_class
    assign len[c] = len_i[c*LenWidth+:LenWidth];
    if (c > 0) begin : gen_quantum
      assign quantum[c] = quantum_i[(c-1)*QuantumWidth+:QuantumWidth];
    end
  end

  assign valid_o = (len_i != '0);

  // verilator tracing_off
  // Three classes and the first once more, then fresh: one of these steps ends the search.
  always_comb begin
    logic done;
    turn_d  = turn_q;
    fresh_d = fresh_q;
    for (int c = 0; c < 4; c++) deficit_d[c] = deficit_q[c];
    class_o = '0;
    done    = (len[0] != '0) || !valid_o;
    for (int step = 0; step < 4; step++) begin
      if (!done) begin
        if (len[turn_d] != '0) begin
          if (fresh_d) deficit_d[turn_d] = deficit_d[turn_d] + DeficitWidth'(quantum[turn_d]);
          fresh_d = 1'b0;
          if (deficit_d[turn_d] >= DeficitWidth'(len[turn_d])) begin
            deficit_d[turn_d] = deficit_d[turn_d] - DeficitWidth'(len[turn_d]);
            class_o           = turn_d;
            done              = 1'b1;
          end
        end else if (!waiting_i[turn_d]) begin
          deficit_d[turn_d] = '0;
        end
        if (!done) begin
          turn_d  = (turn_d == 2'd3) ? 2'd1 : turn_d + 2'd1;
          fresh_d = 1'b1;
        end
      end
    end
  end

  // verilator tracing_on
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turn_q  <= 2'd1;
      fresh_q <= 1'b1;
      for (int c = 0; c < 4; c++) deficit_q[c] <= '0;
    end else if (accept_i) begin
      turn_q  <= turn_d;
      fresh_q <= fresh_d;
      for (int c = 0; c < 4; c++) deficit_q[c] <= deficit_d[c];
    end
  end
endmodule
