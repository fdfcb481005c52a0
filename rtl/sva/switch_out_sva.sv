// SPDX-License-Identifier: Apache-2.0
// Rules at the pins of the outputs of a switch: what leaves, and the credit that comes back for it.
// Pins only, so it fits every router of these ports.
`include "rule.svh"
// Counts of a checker change by several causes in one cycle: one block, in turn.
/* verilator lint_off BLKSEQ */
module switch_out_sva #(
  parameter Ports = 4,
  parameter FlitWidth = 128,
  parameter Nodes = 64,
  parameter PoolWidth = 5,
  parameter Pipeline = 4,
  parameter CreditWidth = 17,
  parameter PortWidth = 2,
  parameter LenWidth = 7,
  parameter Speedup = 1
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       phase_i,
  input logic                       config_valid_i,
  input logic [packet_pkg::SelectWidth-1:0] config_select_i,
  input logic [PortWidth-1:0]       config_port_i,
  input logic [packet_pkg::NodeWidth-1:0]   config_index_i,
  input logic [packet_pkg::ConfigWidth-1:0] config_value_i,
  input logic [Ports-1:0]           in_valid_i,
  input logic [FlitWidth*Ports-1:0] in_data_i,
  input logic [Ports-1:0]           out_valid_o,
  input logic [Ports-1:0]           out_mark_o,
  input logic [FlitWidth*Ports-1:0] out_data_o,
  input logic [Ports-1:0]           hold_i,
  input logic [Speedup*Ports-1:0]           credit_valid_i,
  input logic [Speedup*PoolWidth*Ports-1:0] credit_pool_i,
  input logic [Speedup*2*Ports-1:0]         credit_class_i,
  input logic [Speedup*LenWidth*Ports-1:0]  credit_flits_i,
  input logic [Ports-1:0]           routed_o,
  input logic [PortWidth*Ports-1:0] routed_out_o,
  input logic [Ports-1:0]           grant_o,
  input logic [PortWidth*Ports-1:0] grant_in_o,
  input logic [2*Ports-1:0]         grant_class_o,
  input logic [Ports-1:0]           grant_mark_o,
  input logic                       busy_o
);
  localparam NodeIndexWidth = $clog2(Nodes);
  localparam CountWidth = 16;               // of packets
  localparam FlitsWidth = CreditWidth + 2;  // of flits on their way to the next hop and back

  logic [1:0] coming_class [Ports];  // of the packet that is routed in this cycle
  logic       set_pool;
  logic       unused;

  assign set_pool = config_valid_i && (config_select_i == packet_pkg::SelectFarPool);
  assign unused   = ^{config_value_i, config_index_i, in_data_i, out_data_o, grant_mark_o};

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    logic [1:0] class_1_q, class_2_q;
    assign coming_class[i] = class_2_q;
    always_ff @(posedge clk_i) begin
      if (in_valid_i[i]) class_1_q <= in_data_i[i*FlitWidth+packet_pkg::ClassLsb+:2];
      class_2_q <= class_1_q;
    end
  end

  for (genvar o = 0; o < Ports; o++) begin : gen_out
    logic [CountWidth-1:0] waiting_q [4<<PortWidth];  // packets, by class and input
    logic [PortWidth-1:0]  from;
    logic [PortWidth+1:0]  queue;
    logic                  comes;  // now, in that queue
    logic                  waits;

    assign from  = grant_in_o[o*PortWidth+:PortWidth];
    assign queue = {grant_class_o[2*o+:2], from};
    assign comes = routed_o[from] && (routed_out_o[from*PortWidth+:PortWidth] == PortWidth'(o)) &&
                   (coming_class[from] == grant_class_o[2*o+:2]);
    assign waits = (waiting_q[queue] != '0);
    always @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        for (int q = 0; q < (4 << PortWidth); q++) waiting_q[q] = '0;
      end else begin
        if (routed_o != '0) begin
          for (int i = 0; i < Ports; i++) begin
            if (routed_o[i] && (routed_out_o[i*PortWidth+:PortWidth] == PortWidth'(o)))
              waiting_q[{coming_class[i], PortWidth'(i)}] =
                  waiting_q[{coming_class[i], PortWidth'(i)}] + 1'b1;
          end
        end
        if (grant_o[o]) waiting_q[queue] = waiting_q[queue] - 1'b1;
      end
    end
    `AIPU_PORT_RULE(GrantForAPacketThatWaits, "RTL-2", o,
               !grant_o[o] || comes || waits)

    // The packet at the pins.
    logic [LenWidth-1:0] rest_q;  // flits of it still to come
    logic [LenWidth-1:0] len;
    logic                leaves, head;
    assign len    = sva_pkg::flits_of(out_data_o[o*FlitWidth+:sva_pkg::HeaderWidth], FlitWidth / 8);
    assign leaves = out_valid_o[o] && ((Speedup == 1) || phase_i);
    assign head   = leaves && (rest_q == '0);
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) rest_q <= '0;
      else if (head) rest_q <= len - 1'b1;
      else if (leaves) rest_q <= rest_q - 1'b1;
    end
    `AIPU_PORT_RULE(FlitsLeaveWithoutGap, "RTL-3", o,
               (rest_q == '0) || out_valid_o[o] || ((Speedup != 1) && !phase_i))
    `AIPU_PORT_RULE(MarkOnlyWithAHead, "RTL-4", o, !leaves || !out_mark_o[o] || head)
    `AIPU_PORT_RULE(IdleSendsNothing, "A-IDLE", o, busy_o || (!out_valid_o[o] && (rest_q == '0)))

    if (Speedup == 1) begin : gen_exact
      // What was granted Pipeline - 1 cycles ago is what leaves.
      logic [Pipeline-2:0] grant_q, mark_q;
      logic [1:0]          class_q [Pipeline-1];
      logic                held_q;
      logic [1:0]          granted_class;
      // Not in the property itself: that would sample all of out_data_o.
      logic [1:0]          sent_class;
      assign sent_class    = out_data_o[o*FlitWidth+packet_pkg::ClassLsb+:2];
      assign granted_class = class_q[Pipeline-2];
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          grant_q <= '0;
          mark_q  <= '0;
          held_q  <= 1'b0;
          for (int s = 0; s < Pipeline - 1; s++) class_q[s] <= '0;
        end else begin
          grant_q    <= {grant_q[Pipeline-3:0], grant_o[o]};
          mark_q     <= {mark_q[Pipeline-3:0], grant_mark_o[o]};
          held_q     <= hold_i[o];
          class_q[0] <= grant_class_o[2*o+:2];
          for (int s = 1; s < Pipeline - 1; s++) class_q[s] <= class_q[s-1];
        end
      end
      `AIPU_PORT_RULE(HeadOnePipelineBehindItsGrant, "RTL-3", o, head == grant_q[Pipeline-2])
      `AIPU_PORT_RULE(NoGrantWhileHeld, "RTL-3", o, !grant_o[o] || !held_q)
      `AIPU_PORT_RULE(MarkAsGranted, "RTL-4", o, !head || (out_mark_o[o] == mark_q[Pipeline-2]))
      `AIPU_PORT_RULE(ClassAsGranted, "RTL-4", o,
                 !head || (sent_class == granted_class))
    end else begin : gen_counted
      logic [CountWidth-1:0] granted_q;  // packets, not yet at the pins
      logic                  hold;
      assign hold = hold_i[o];
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) granted_q <= '0;
        else granted_q <= granted_q + CountWidth'(grant_o[o]) - CountWidth'(head);
      end
      `AIPU_PORT_RULE(HeadOnlyForAGrant, "RTL-3", o, !head || (granted_q != '0))
      `AIPU_PORT_RULE(NoHoldWithSpeedup, "IN-4", o, !hold)
    end

    // Credit: only for flits that left, by pool and class.
    logic [PoolWidth-1:0]  pool_mem [Nodes];  // of destinations, at the next hop
    logic [FlitsWidth-1:0] away_q [4<<PoolWidth];
    logic [PoolWidth+1:0]  place, place_q;    // of the packet at the pins
    logic [PoolWidth+1:0]  back [Speedup];    // of the credit
    logic [FlitsWidth-1:0] flits [Speedup];
    assign place = head ? {pool_mem[out_data_o[o*FlitWidth+packet_pkg::DestinationLsb+:NodeIndexWidth]],
                           out_data_o[o*FlitWidth+packet_pkg::ClassLsb+:2]}
                        : place_q;
    always_ff @(posedge clk_i) begin
      if (set_pool && (config_port_i == PortWidth'(o)))
        pool_mem[config_index_i[NodeIndexWidth-1:0]] <= config_value_i[PoolWidth-1:0];
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) place_q <= '0;
      else if (leaves) place_q <= place;
    end
    always @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        for (int f = 0; f < (4 << PoolWidth); f++) away_q[f] = '0;
      end else begin
        if (leaves) away_q[place] = away_q[place] + 1'b1;
        for (int r = 0; r < Speedup; r++) begin
          if (credit_valid_i[o*Speedup+r]) away_q[back[r]] = away_q[back[r]] - flits[r];
        end
      end
    end

    for (genvar r = 0; r < Speedup; r++) begin : gen_return
      localparam At = o * Speedup + r;
      logic [FlitsWidth-1:0] away;
      logic                  second;  // behind another of the same cycle, pool and class
      assign back[r]  = {credit_pool_i[At*PoolWidth+:PoolWidth], credit_class_i[2*At+:2]};
      assign flits[r] = FlitsWidth'(credit_flits_i[At*LenWidth+:LenWidth]);
      assign second   = (r != 0) && credit_valid_i[o*Speedup] && (back[r] == back[0]);
      assign away     = away_q[back[r]] - (second ? flits[0] : '0);
      logic fits;
      assign fits = (flits[r] <= away) && !away[FlitsWidth-1];
      `AIPU_PORT_RULE(CreditForWhatLeft, "IN-3", o, !credit_valid_i[At] || fits)
      `AIPU_PORT_RULE(CreditInSecondTicks, "IN-4", o, !credit_valid_i[At] || (Speedup == 1) || phase_i)
    end
  end
endmodule

bind directcom_switch switch_out_sva #(
  .Ports(Ports),
  .FlitWidth(FlitWidth),
  .Nodes(Nodes),
  .PoolWidth(PoolWidth),
  .Pipeline(Pipeline),
  .CreditWidth(CreditWidth),
  .PortWidth(PortWidth),
  .LenWidth(LenWidth),
  .Speedup(Speedup)
) u_out_sva (
  .*
);
