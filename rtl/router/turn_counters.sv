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
  input  logic [Ports-1:0]     lose_there_i,       // at the input
  input  logic [2*Ports-1:0]   lose_there_class_i,
  input  logic                 serve_i,
  input  logic [PortWidth-1:0] serve_in_i,
  input  logic [1:0]           serve_class_i,
  input  logic                 serve_last_i,       // the queue is empty then
  output logic [4*Ports-1:0]   urgent_o
);
  parameter Queues = 4 * Ports;

  logic [Queues*TurnWidth-1:0] lost_q, lost_d;
  logic [Queues-1:0]           urgent_q, urgent_d;
  logic [Queues-1:0]           some_q, some_d;  // queues with a turn lost
  logic [Queues-1:0]           touched;  // those that lose a turn or are served
  logic [Queues-1:0]           once;
  logic [Queues-1:0]           twice;
  logic [Queues-1:0]           serve;

  assign urgent_o = urgent_q;
  assign touched  = (patience_i != '0) ? (once | (serve & some_q)) : '0;

  always_comb begin
    once  = '0;
    twice = '0;
    serve = '0;
    if ((lose_here_i != '0) || (lose_there_i != '0)) begin
      once[32'(lose_here_class_i)*Ports+:Ports] = lose_here_i;
      for (int i = 0; i < Ports; i++) begin
        if (lose_there_i[i]) begin
          twice[32'(lose_there_class_i[2*i+:2])*Ports+i] =
              once[32'(lose_there_class_i[2*i+:2])*Ports+i];
          once[32'(lose_there_class_i[2*i+:2])*Ports+i] = 1'b1;
        end
      end
    end
    if (serve_i) serve[32'(serve_class_i)*Ports+32'(serve_in_i)] = 1'b1;
  end

  always_comb begin
    logic [TurnWidth:0] turns;
    lost_d   = lost_q;
    urgent_d = urgent_q;
    some_d   = some_q;
    turns    = '0;
    if (touched != '0) begin
      for (int q = 0; q < Queues; q++) begin
        if (touched[q]) begin
          turns = {1'b0, lost_q[q*TurnWidth+:TurnWidth]};
          if (serve[q]) begin
            if (serve_last_i) turns = '0;
            else if (turns != '0) turns = turns - 1'b1;
            if (turns == '0) urgent_d[q] = 1'b0;
          end else if (!urgent_q[q]) begin
            turns = turns + (TurnWidth + 1)'(once[q]) + (TurnWidth + 1)'(twice[q]);
            if (turns >= {1'b0, patience_i}) begin
              turns       = {1'b0, patience_i};
              urgent_d[q] = 1'b1;
            end
          end
          lost_d[q*TurnWidth+:TurnWidth] = turns[TurnWidth-1:0];
          some_d[q] = (turns != '0);
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lost_q   <= '0;
      urgent_q <= '0;
      some_q   <= '0;
    end else if (touched != '0) begin
      lost_q   <= lost_d;
      urgent_q <= urgent_d;
      some_q   <= some_d;
    end
  end
endmodule
