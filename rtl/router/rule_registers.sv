// SPDX-License-Identifier: Apache-2.0
// The numbers that rules of a switch depend on, written by the configuration port before the first
// packet. Reset values are those of the reference chip (hw/directcom/config.h).
module rule_registers #(
  parameter ConfigWidth = 40,
  parameter QuantumWidth = 17,
  parameter TurnWidth = 8,
  parameter FlitsWidth = 17,
  parameter ChoiceWidth = 3,
  parameter LenWidth = 7
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      set_i,
  input  logic [2:0]                set_index_i,
  input  logic [ConfigWidth-1:0]    set_value_i,
  output logic [3*QuantumWidth-1:0] quantum_o,
  output logic [TurnWidth-1:0]      patience_o,
  output logic [FlitsWidth-1:0]     mark_flits_o,
  output logic [ChoiceWidth-1:0]    choice_o,
  output logic [LenWidth-1:0]       longest_o
);
  logic [QuantumWidth-1:0] quantum_q [3];
  logic [TurnWidth-1:0]    patience_q;
  logic [FlitsWidth-1:0]   mark_flits_q;
  logic [ChoiceWidth-1:0]  choice_q;
  logic [LenWidth-1:0]     longest_q;
  logic                    unused;

  assign quantum_o    = {quantum_q[2], quantum_q[1], quantum_q[0]};
  assign patience_o   = patience_q;
  assign mark_flits_o = mark_flits_q;
  assign choice_o     = choice_q;
  assign longest_o    = longest_q;
  assign unused       = ^set_value_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int c = 0; c < 3; c++) quantum_q[c] <= QuantumWidth'(66);
      patience_q   <= TurnWidth'(32);
      mark_flits_q <= '0;
      choice_q     <= packet_pkg::ChooseAdaptive;
      longest_q    <= LenWidth'(33);
    end else if (set_i) begin
      case (set_index_i)
        packet_pkg::RuleQuantum1:  quantum_q[0] <= set_value_i[QuantumWidth-1:0];
        packet_pkg::RuleQuantum2:  quantum_q[1] <= set_value_i[QuantumWidth-1:0];
        packet_pkg::RuleQuantum3:  quantum_q[2] <= set_value_i[QuantumWidth-1:0];
        packet_pkg::RulePatience:  patience_q <= set_value_i[TurnWidth-1:0];
        packet_pkg::RuleMarkFlits: mark_flits_q <= set_value_i[FlitsWidth-1:0];
        packet_pkg::RuleChoice:    choice_q <= set_value_i[ChoiceWidth-1:0];
        packet_pkg::RuleLongest:   longest_q <= set_value_i[LenWidth-1:0];
        default: ;
      endcase
    end
  end
endmodule
