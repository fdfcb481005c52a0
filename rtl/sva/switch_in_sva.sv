// SPDX-License-Identifier: Apache-2.0
// Rules at the pins of the inputs of a switch: what may come in, and what is answered to the sender.
// Pins only, so it fits every router of these ports.
`include "rule.svh"
module switch_in_sva #(
  parameter Ports = 4,
  parameter FlitWidth = 128,
  parameter Depth = 2048,
  parameter PortWidth = 2,
  parameter LenWidth = 7,
  parameter Speedup = 1
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       phase_i,
  input logic                       config_valid_i,
  input logic [packet_pkg::SelectWidth-1:0] config_select_i,
  input logic [packet_pkg::NodeWidth-1:0]   config_index_i,
  input logic [packet_pkg::ConfigWidth-1:0] config_value_i,
  input logic [Ports-1:0]           in_valid_i,
  input logic [FlitWidth*Ports-1:0] in_data_i,
  input logic [Ports-1:0]           credit_valid_o,
  input logic [2*Ports-1:0]         credit_class_o,
  input logic [LenWidth*Ports-1:0]  credit_flits_o,
  input logic [Ports-1:0]           routed_o,
  input logic [Ports-1:0]           grant_o,
  input logic [PortWidth*Ports-1:0] grant_in_o,
  input logic [2*Ports-1:0]         grant_class_o,
  input logic                       busy_o
);
  localparam CountWidth = $clog2(Depth + 1) + 1;

  logic [LenWidth-1:0] longest_q;  // packet, as configured
  logic [Ports-1:0]    granted;    // by input
  logic [Ports-1:0]    twice;      // granted by several outputs
  logic [1:0]          granted_class [Ports];
  logic                set_rule;
  logic                unused;

  assign unused   = ^{config_value_i, in_data_i};
  assign set_rule = config_valid_i && (config_select_i == packet_pkg::SelectRule);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) longest_q <= LenWidth'(33);
    else if (set_rule && (config_index_i == packet_pkg::NodeWidth'(packet_pkg::RuleLongest)))
      longest_q <= config_value_i[LenWidth-1:0];
  end

  always_comb begin
    granted = '0;
    twice   = '0;
    for (int i = 0; i < Ports; i++) granted_class[i] = '0;
    if (grant_o != '0) begin
      for (int o = 0; o < Ports; o++) begin
        if (grant_o[o]) begin
          twice[grant_in_o[o*PortWidth+:PortWidth]]         = granted[grant_in_o[o*PortWidth+:PortWidth]];
          granted[grant_in_o[o*PortWidth+:PortWidth]]       = 1'b1;
          granted_class[grant_in_o[o*PortWidth+:PortWidth]] = grant_class_o[2*o+:2];
        end
      end
    end
  end

  // Configuration.
  `AIPU_RULE(ConfiguredWhileEmpty, "CFG-1", !config_valid_i || (!busy_o && (in_valid_i == '0)))
  `AIPU_RULE(ConfiguresWhatExists, "CFG-2",
             !config_valid_i || (config_select_i <= packet_pkg::SelectRule))
  `AIPU_RULE(ConfiguresARuleThatExists, "CFG-2",
             !set_rule || (config_index_i <= packet_pkg::NodeWidth'(packet_pkg::RuleLongest)))
  `AIPU_RULE(PhaseOnlyWithSpeedup, "IN-4", (Speedup != 1) || !phase_i)

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    logic [LenWidth-1:0]   rest_q;    // flits of the packet still to come
    logic [LenWidth-1:0]   len;
    logic                  head, head_1_q, head_2_q;
    logic [CountWidth-1:0] stored_q;  // flits that the sender has no credit back for
    logic                  crossing_q;
    logic [1:0]            class_q;
    logic [LenWidth-1:0]   credit;

    assign head   = in_valid_i[i] && (rest_q == '0);
    assign len    = sva_pkg::flits_of(in_data_i[i*FlitWidth+:sva_pkg::HeaderWidth], FlitWidth / 8);
    assign credit = credit_flits_o[i*LenWidth+:LenWidth];
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        rest_q     <= '0;
        head_1_q   <= 1'b0;
        head_2_q   <= 1'b0;
        stored_q   <= '0;
        crossing_q <= 1'b0;
        class_q    <= '0;
      end else begin
        if (head) rest_q <= len - 1'b1;
        else if (in_valid_i[i]) rest_q <= rest_q - 1'b1;
        head_1_q <= head;
        head_2_q <= head_1_q;
        stored_q <= stored_q + CountWidth'(in_valid_i[i]) -
                    (credit_valid_o[i] ? CountWidth'(credit) : '0);
        if (granted[i]) begin
          crossing_q <= 1'b1;
          class_q    <= granted_class[i];
        end else if (credit_valid_o[i]) begin
          crossing_q <= 1'b0;
        end
      end
    end

    `AIPU_PORT_RULE(FlitsFollowWithoutGap, "IN-1", i, (rest_q == '0) || phase_i || in_valid_i[i])
    `AIPU_PORT_RULE(LengthIsAllowed, "IN-2", i,
               !head || ((len != '0) && (len <= longest_q) && (len <= LenWidth'(sva_pkg::LongestPacket))))
    `AIPU_PORT_RULE(FlitsInFirstTicks, "IN-4", i, !in_valid_i[i] || !phase_i)
    `AIPU_PORT_RULE(SenderHasCredit, "IN-5", i, !in_valid_i[i] || (stored_q < CountWidth'(Depth - 1)))
    `AIPU_PORT_RULE(RoutedOnceInTheNextCycle, "RTL-1", i, routed_o[i] == head_2_q)
    `AIPU_PORT_RULE(CreditOnceForWhatCrossed, "RTL-5", i,
               !credit_valid_o[i] || (crossing_q && (credit != '0) &&
                                      (CountWidth'(credit) <= stored_q)))
    `AIPU_PORT_RULE(CreditOfTheClassThatCrossed, "RTL-5", i,
               !credit_valid_o[i] || (credit_class_o[2*i+:2] == class_q))
    `AIPU_PORT_RULE(GrantedByOneOutput, "A-GRANT-ONE", i, !twice[i])
    `AIPU_PORT_RULE(GrantedWhenFree, "A-GRANT-FREE", i,
               !granted[i] || !crossing_q || credit_valid_o[i])
    `AIPU_PORT_RULE(IdleHoldsNothing, "A-IDLE", i, busy_o || ((stored_q == '0) && !crossing_q))
  end
endmodule

bind directcom_switch switch_in_sva #(
  .Ports(Ports),
  .FlitWidth(FlitWidth),
  .Depth(Depth),
  .PortWidth(PortWidth),
  .LenWidth(LenWidth),
  .Speedup(Speedup)
) u_in_sva (
  .*
);
