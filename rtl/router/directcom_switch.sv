// SPDX-License-Identifier: Apache-2.0
// The DirectCom switch of hw/docs/directcom.md: one tick a clock cycle. Packets of 1..64 flits, cut
// through, packet-atomic; lossless by credit.
//
// Pins of cycle n without speed-up, where a link cycle is a clock cycle:
// - in: a flit in n is "in the buffer from the start of n + 1"; the flits of a packet follow each
//   other without a gap.
// - out: a packet granted in t is on the link in t + Pipeline - 1 and after.
// - credit in: usable in n + 1. credit out: the packet's buffer is free in n.
// - hold: output o starts no packet in n + 1 (its link repeats flits).
// - routed: a packet of input i entered its queue for output routed_out, before the arbitration of n.
// - grant, no_credit, lost_arbitration: what the arbitration of cycle n decided, for observers.
// - config: one word a cycle, while no packet is in the switch (packet_pkg, "Select").
// busy_o low and nothing arriving: no register changes.
// With speed-up 2, for link cycle n: in, in tick 2 n; out, in ticks 2 n and 2 n + 1; credit in, up
// to two for an output, in tick 2 n - 1 to be usable in n; routed, grant, credit out and status, every tick. No hold.
module directcom_switch #(
  parameter Ports = 4,           // 2..32
  parameter FlitWidth = 128,     // 128, 256, 512, ...
  parameter Nodes = 64,          // destinations, a power of two
  parameter PoolWidth = 5,       // log2 of the pools of an input, here and at the next hop
  parameter Depth = 2048,        // flits that an input can hold, all pools and classes, plus one
  parameter Pipeline = 4,        // 4 or more
  parameter CreditWidth = 17,
  parameter Speedup = 1,         // ticks (clock cycles) a link cycle: 1, 2
  parameter OutFlits = 66,       // FIFO of an output, with speed-up 2
  parameter PortWidth = $clog2(Ports),  // do not set
  parameter SlotWidth = $clog2(Depth),  // do not set
  parameter LenWidth = packet_pkg::LenWidth  // do not set
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       phase_i,  // second tick of a link cycle; speed-up 1: low
  input  logic                       config_valid_i,
  input  logic [packet_pkg::SelectWidth-1:0] config_select_i,
  input  logic [PortWidth-1:0]       config_port_i,
  input  logic [packet_pkg::NodeWidth-1:0]   config_index_i,
  input  logic [packet_pkg::ConfigWidth-1:0] config_value_i,
  input  logic [Ports-1:0]           in_valid_i,
  input  logic [FlitWidth*Ports-1:0] in_data_i,
  output logic [Ports-1:0]           credit_valid_o,
  output logic [PoolWidth*Ports-1:0] credit_pool_o,
  output logic [2*Ports-1:0]         credit_class_o,
  output logic [LenWidth*Ports-1:0]  credit_flits_o,
  output logic [Ports-1:0]           out_valid_o,
  output logic [Ports-1:0]           out_mark_o,
  output logic [FlitWidth*Ports-1:0] out_data_o,
  input  logic [Ports-1:0]           hold_i,
  input  logic [Speedup*Ports-1:0]           credit_valid_i,
  input  logic [Speedup*PoolWidth*Ports-1:0] credit_pool_i,
  input  logic [Speedup*2*Ports-1:0]         credit_class_i,
  input  logic [Speedup*LenWidth*Ports-1:0]  credit_flits_i,
  output logic [Ports-1:0]           routed_o,
  output logic [PortWidth*Ports-1:0] routed_out_o,
  output logic [Ports-1:0]           grant_o,
  output logic [PortWidth*Ports-1:0] grant_in_o,
  output logic [2*Ports-1:0]         grant_class_o,
  output logic [Ports-1:0]           grant_mark_o,
  output logic [Ports-1:0]           no_credit_o,
  output logic [Ports-1:0]           lost_arbitration_o,
  output logic                       busy_o
);
  parameter QuantumWidth = packet_pkg::QuantumWidth;
  parameter NodeWidth = packet_pkg::NodeWidth;
  parameter ConfigWidth = packet_pkg::ConfigWidth;
  parameter TurnWidth = 8;
  parameter RoomWidth = $clog2(OutFlits + (1 << LenWidth));

  logic [3*QuantumWidth-1:0]          quantum;
  logic [TurnWidth-1:0]               patience;
  logic [SlotWidth:0]                 mark_flits;
  logic [packet_pkg::ChoiceWidth-1:0] choice;
  logic [LenWidth-1:0]                longest;
  logic                               set_credit;

  // By input.
  logic [Ports-1:0]           head;
  logic [NodeWidth*Ports-1:0] head_destination;
  logic [2*Ports-1:0]         head_class;
  logic [LenWidth*Ports-1:0]  head_len;
  logic [PortWidth*Ports-1:0] route_out;
  logic [PoolWidth*Ports-1:0] route_pool;
  logic [PoolWidth*Ports-1:0] route_far_pool;
  logic [Ports-1:0]           free_in;
  logic [Ports-1:0]           wishes [Ports];
  logic [Ports*Ports-1:0]     accept_onehot;
  logic [Ports-1:0]           accept;
  logic [PortWidth*Ports-1:0] accept_out;
  logic [2*Ports-1:0]         accept_class;
  logic [Ports-1:0]           accept_mark;
  logic [Ports-1:0]           last;
  logic [LenWidth*Ports-1:0]  second_len;
  logic [PoolWidth*Ports-1:0] second_far_pool;
  logic [Ports-1:0]           turns_lost [Ports];
  logic [4*Ports-1:0]         head_of_class, accept_of_class;  // class x Ports + input
  logic [Ports-1:0]           data_valid;
  logic [FlitWidth*Ports-1:0] data;
  logic [Ports-1:0]           in_busy;

  // By output.
  logic [Ports-1:0]           pushes [Ports];
  logic [Ports-1:0]           keep [Ports];
  logic [Ports-1:0]           free_out, kept_in, wish, wish_control, ask;
  logic [PortWidth*Ports-1:0] wish_in;
  logic [2*Ports-1:0]         wish_class;
  logic [4*Ports*Ports-1:0]   waiting, able, candidate, fair, urgent;
  logic [4*Ports-1:0]         pick;
  logic [4*PortWidth*Ports-1:0] pick_in, pointer;
  logic [4*LenWidth*Ports-1:0]  pick_len;
  logic [Ports-1:0]           losers [Ports];
  logic [Ports-1:0]           grant, done_in, room;
  logic [Ports-1:0]           out_busy, link_busy;
  logic [Ports-1:0]           crossed_valid, crossed_mark;
  logic [FlitWidth*Ports-1:0] crossed_data;
  logic                       crossbar_busy;

  logic [Ports-1:0]           routed_q;
  logic [PortWidth*Ports-1:0] routed_out_q;

  assign busy_o        = (in_busy != '0) || (out_busy != '0) || (link_busy != '0) ||
                         crossbar_busy;
  assign set_credit    = config_valid_i && (config_select_i == packet_pkg::SelectCredit);
  assign grant_o       = grant;
  assign grant_in_o    = wish_in;
  assign grant_class_o = wish_class;

  rule_registers #(
    .ConfigWidth(ConfigWidth),
    .QuantumWidth(QuantumWidth),
    .TurnWidth(TurnWidth),
    .FlitsWidth(SlotWidth + 1),
    .ChoiceWidth(packet_pkg::ChoiceWidth),
    .LenWidth(LenWidth)
  ) u_rules (
    .clk_i,
    .rst_ni,
    .set_i(config_valid_i && (config_select_i == packet_pkg::SelectRule)),
    .set_index_i(config_index_i[2:0]),
    .set_value_i(config_value_i),
    .quantum_o(quantum),
    .patience_o(patience),
    .mark_flits_o(mark_flits),
    .choice_o(choice),
    .longest_o(longest)
  );

  route_unit #(
    .Ports(Ports),
    .PortWidth(PortWidth),
    .Nodes(Nodes),
    .PoolWidth(PoolWidth),
    .LenWidth(LenWidth),
    .Returns(Speedup),
    .LoadWidth(CreditWidth + PortWidth),
    .ConfigWidth(ConfigWidth)
  ) u_route (
    .clk_i,
    .rst_ni,
    .set_route_i(config_valid_i && (config_select_i == packet_pkg::SelectRoute)),
    .set_far_pool_i(config_valid_i && (config_select_i == packet_pkg::SelectFarPool)),
    .set_load_i(set_credit),
    .set_lfsr_i(config_valid_i && (config_select_i == packet_pkg::SelectLfsr)),
    .set_port_i(config_port_i),
    .set_index_i(config_index_i),
    .set_value_i(config_value_i),
    .choice_i(choice),
    .head_i(head),
    .destination_i(head_destination),
    .class_i(head_class),
    .len_i(head_len),
    .credit_valid_i,
    .credit_pool_i,
    .credit_class_i,
    .credit_flits_i,
    .out_o(route_out),
    .pool_o(route_pool),
    .far_pool_o(route_far_pool)
  );

  assign routed_o     = routed_q;
  assign routed_out_o = routed_out_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) routed_q <= '0;
    else routed_q <= head;
  end
  always_ff @(posedge clk_i) begin
    if (head != '0) routed_out_q <= route_out;
  end

  // verilator tracing_off
  // From the side of the inputs to that of the outputs, and back.
  always_comb begin
    for (int o = 0; o < Ports; o++) pushes[o] = '0;
    for (int i = 0; i < Ports; i++) begin
      if (head[i]) pushes[route_out[i*PortWidth+:PortWidth]][i] = 1'b1;
    end
  end
  always_comb begin
    kept_in = '0;
    for (int o = 0; o < Ports; o++) kept_in |= keep[o];
  end
  always_comb begin
    for (int i = 0; i < Ports; i++) wishes[i] = '0;
    wish_control = '0;
    for (int o = 0; o < Ports; o++) begin
      if (wish[o]) begin
        wishes[wish_in[o*PortWidth+:PortWidth]][o] = 1'b1;
        wish_control[o] = (wish_class[2*o+:2] == '0);
      end
    end
  end
  always_comb begin
    grant = '0;
    for (int i = 0; i < Ports; i++) grant |= accept_onehot[i*Ports+:Ports];
  end
  always_comb begin
    for (int o = 0; o < Ports; o++) losers[o] = '0;
    for (int i = 0; i < Ports; i++) begin
      if (turns_lost[i] != '0) begin
        for (int o = 0; o < Ports; o++) losers[o][i] = turns_lost[i][o];
      end
    end
  end
  always_comb begin
    head_of_class   = '0;
    accept_of_class = '0;
    for (int i = 0; i < Ports; i++) begin
      if (head[i]) head_of_class[32'(head_class[2*i+:2])*Ports+i] = 1'b1;
      if (accept[i]) accept_of_class[32'(accept_class[2*i+:2])*Ports+i] = 1'b1;
    end
  end

  // verilator tracing_on
  head_table #(
    .Ports(Ports),
    .PortWidth(PortWidth),
    .PoolWidth(PoolWidth),
    .LenWidth(LenWidth),
    .Returns(Speedup),
    .CreditWidth(CreditWidth)
  ) u_heads (
    .clk_i,
    .push_i(head),
    .push_out_i(route_out),
    .push_class_i(head_class),
    .push_len_i(head_len),
    .push_pool_i(route_far_pool),
    .serve_i(accept),
    .serve_out_i(accept_out),
    .serve_class_i(accept_class),
    .serve_last_i(last),
    .second_len_i(second_len),
    .second_pool_i(second_far_pool),
    .grant_i(grant),
    .grant_in_i(wish_in),
    .grant_class_i(wish_class),
    .credit_valid_i,
    .credit_pool_i,
    .credit_class_i,
    .credit_flits_i,
    .set_credit_i(set_credit),
    .set_port_i(config_port_i),
    .set_index_i(config_index_i[PoolWidth+1:0]),
    .set_value_i(config_value_i[CreditWidth-1:0]),
    .ask_i(ask),
    .waiting_i(waiting),
    .able_o(able),
    .urgent_i(urgent),
    .pointer_i(pointer),
    .candidate_o(candidate),
    .fair_o(fair),
    .pick_i(pick),
    .pick_in_i(pick_in),
    .pick_len_o(pick_len)
  );

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    input_unit #(
      .Ports(Ports),
      .PortWidth(PortWidth),
      .FlitWidth(FlitWidth),
      .Depth(Depth),
      .SlotWidth(SlotWidth),
      .PoolWidth(PoolWidth),
      .NodeWidth(NodeWidth),
      .LenWidth(LenWidth)
    ) u_input (
      .clk_i,
      .rst_ni,
      .in_valid_i(in_valid_i[i]),
      .in_data_i(in_data_i[i*FlitWidth+:FlitWidth]),
      .head_o(head[i]),
      .head_destination_o(head_destination[i*NodeWidth+:NodeWidth]),
      .head_class_o(head_class[2*i+:2]),
      .head_len_o(head_len[i*LenWidth+:LenWidth]),
      .route_out_i(route_out[i*PortWidth+:PortWidth]),
      .route_pool_i(route_pool[i*PoolWidth+:PoolWidth]),
      .route_far_pool_i(route_far_pool[i*PoolWidth+:PoolWidth]),
      .mark_flits_i(mark_flits),
      .wish_i(wishes[i]),
      .wish_class_i(wish_class),
      .control_i(wish_control),
      .open_out_i(free_out),
      .open_i(free_in[i] && !kept_in[i]),
      .free_o(free_in[i]),
      .done_o(done_in[i]),
      .accept_o(accept[i]),
      .accept_out_o(accept_out[i*PortWidth+:PortWidth]),
      .accept_onehot_o(accept_onehot[i*Ports+:Ports]),
      .accept_class_o(accept_class[2*i+:2]),
      .accept_mark_o(accept_mark[i]),
      .lose_turn_o(turns_lost[i]),
      .last_o(last[i]),
      .second_len_o(second_len[i*LenWidth+:LenWidth]),
      .second_far_pool_o(second_far_pool[i*PoolWidth+:PoolWidth]),
      .data_valid_o(data_valid[i]),
      .data_o(data[i*FlitWidth+:FlitWidth]),
      .credit_valid_o(credit_valid_o[i]),
      .credit_pool_o(credit_pool_o[i*PoolWidth+:PoolWidth]),
      .credit_class_o(credit_class_o[2*i+:2]),
      .credit_flits_o(credit_flits_o[i*LenWidth+:LenWidth]),
      .busy_o(in_busy[i])
    );
  end

  for (genvar o = 0; o < Ports; o++) begin : gen_out
    logic [PortWidth-1:0] from;
    logic [PortWidth-1:0] from_q;  // the input that this one is busy with
    assign from            = wish_in[o*PortWidth+:PortWidth];
    assign grant_mark_o[o] = accept_mark[from];
    output_unit #(
      .Ports(Ports),
      .PortWidth(PortWidth),
      .LenWidth(LenWidth),
      .QuantumWidth(QuantumWidth),
      .TurnWidth(TurnWidth)
    ) u_output (
      .clk_i,
      .rst_ni,
      .quantum_i(quantum),
      .patience_i(patience),
      .hold_i(hold_i[o]),
      .push_i(pushes[o]),
      .push_class_i(head_of_class),
      .ask_o(ask[o]),
      .waiting_o(waiting[4*o*Ports+:4*Ports]),
      .able_i(able[4*o*Ports+:4*Ports]),
      .candidate_i(candidate[4*o*Ports+:4*Ports]),
      .fair_i(fair[4*o*Ports+:4*Ports]),
      .urgent_o(urgent[4*o*Ports+:4*Ports]),
      .pointer_o(pointer[4*o*PortWidth+:4*PortWidth]),
      .room_i(room[o]),
      .pick_o(pick[4*o+:4]),
      .pick_in_o(pick_in[4*o*PortWidth+:4*PortWidth]),
      .pick_len_i(pick_len[4*o*LenWidth+:4*LenWidth]),
      .free_in_i(free_in),
      .kept_in_i(kept_in),
      .done_i(done_in[from_q]),
      .free_o(free_out[o]),
      .keep_o(keep[o]),
      .wish_o(wish[o]),
      .wish_in_o(wish_in[o*PortWidth+:PortWidth]),
      .wish_class_o(wish_class[2*o+:2]),
      .accept_i(grant[o]),
      .last_i(last[from]),
      .lose_turn_i(losers[o]),
      .lose_class_i(accept_of_class),
      .no_credit_o(no_credit_o[o]),
      .lost_arbitration_o(lost_arbitration_o[o]),
      .busy_o(out_busy[o])
    );
    always_ff @(posedge clk_i) begin
      if (grant[o]) from_q <= from;
    end

    output_link #(
      .FlitWidth(FlitWidth),
      .Speedup(Speedup),
      .OutFlits(OutFlits),
      .Pipeline(Pipeline),
      .LenWidth(LenWidth),
      .RoomWidth(RoomWidth)
    ) u_link (
      .clk_i,
      .rst_ni,
      .phase_i,
      .grant_i(grant[o]),
      .grant_len_i(pick_len[(4*o+32'(wish_class[2*o+:2]))*LenWidth+:LenWidth]),
      .longest_i(longest),
      .room_o(room[o]),
      .valid_i(crossed_valid[o]),
      .mark_i(crossed_mark[o]),
      .data_i(crossed_data[o*FlitWidth+:FlitWidth]),
      .valid_o(out_valid_o[o]),
      .mark_o(out_mark_o[o]),
      .data_o(out_data_o[o*FlitWidth+:FlitWidth]),
      .busy_o(link_busy[o])
    );
  end

  crossbar #(
    .Ports(Ports),
    .PortWidth(PortWidth),
    .FlitWidth(FlitWidth)
  ) u_crossbar (
    .clk_i,
    .rst_ni,
    .grant_i(grant),
    .grant_in_i(wish_in),
    .grant_mark_i(grant_mark_o),
    .grant_onehot_i(accept_onehot),
    .data_valid_i(data_valid),
    .data_i(data),
    .out_valid_o(crossed_valid),
    .out_mark_o(crossed_mark),
    .out_data_o(crossed_data),
    .busy_o(crossbar_busy)
  );
endmodule
