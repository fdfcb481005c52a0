// SPDX-License-Identifier: Apache-2.0
// Turns that the queues of one output have lost, and which are urgent for it: those with
// patience_i turns lost, until they are made good (hw/docs/directcom.md, "Turns"). A queue can lose
// one turn at its output and one at its input in a cycle. Patience 0: nothing is counted.
// Queue (class c, input i) is bit c x Ports + i.
module turn_counters #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter TurnWidth = 8
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic [TurnWidth-1:0] patience_i,
  input  logic [Ports-1:0]     lose_here_i,        // at the output, by input...
  input  logic [1:0]           lose_here_class_i,  // ...all of one class
  input  logic [4*Ports-1:0]   lose_there_i,       // at the input, by queue
  input  logic                 serve_i,
  input  logic [PortWidth-1:0] serve_in_i,
  input  logic [1:0]           serve_class_i,
  input  logic                 serve_last_i,       // the queue is empty then
  output logic [4*Ports-1:0]   urgent_o
);
  parameter Queues = 4 * Ports;

  logic [TurnWidth*Ports-1:0] lost_q [4];
  logic [Queues-1:0]          urgent_q;
  logic [Queues-1:0]          some_q;  // queues with a turn lost

  assign urgent_o = urgent_q;

  // verilator tracing_off
  always_ff @(posedge clk_i or negedge rst_ni) begin
    logic [Queues-1:0]          here;
    logic [Queues-1:0]          serve;
    logic [Queues-1:0]          touched;  // those that lose a turn or are served
    logic [TurnWidth*Ports-1:0] row;
    logic [TurnWidth:0]         turns;
    if (!rst_ni) begin
      urgent_q <= '0;
      some_q   <= '0;
      for (int c = 0; c < 4; c++) lost_q[c] <= '0;
    end else if (patience_i != '0) begin
      here  = '0;
      serve = '0;
      if (lose_here_i != '0) here[32'(lose_here_class_i)*Ports+:Ports] = lose_here_i;
      if (serve_i) serve[32'(serve_class_i)*Ports+32'(serve_in_i)] = 1'b1;
      touched = here | lose_there_i | (serve & some_q);
      for (int c = 0; c < 4; c++) begin
        if (touched[c*Ports+:Ports] != '0) begin
          row = lost_q[c];
          for (int i = 0; i < Ports; i++) begin
            if (touched[c*Ports+i]) begin
              turns = {1'b0, row[i*TurnWidth+:TurnWidth]};
              if (serve[c*Ports+i]) begin
                if (serve_last_i) turns = '0;
                else if (turns != '0) turns = turns - 1'b1;
                if (turns == '0) urgent_q[c*Ports+i] <= 1'b0;
              end else if (!urgent_q[c*Ports+i]) begin
                turns = turns + (TurnWidth + 1)'(here[c*Ports+i]) +
                        (TurnWidth + 1)'(lose_there_i[c*Ports+i]);
                if (turns >= {1'b0, patience_i}) begin
                  turns = {1'b0, patience_i};
                  urgent_q[c*Ports+i] <= 1'b1;
                end
              end
              row[i*TurnWidth+:TurnWidth] = turns[TurnWidth-1:0];
              some_q[c*Ports+i] <= (turns != '0);
            end
          end
          lost_q[c] <= row;
        end
      end
    end
  end
  // verilator tracing_on
endmodule
