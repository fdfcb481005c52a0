// SPDX-License-Identifier: Apache-2.0
// Proved of a switch of two ports for some cycles behind reset and configuration, with packets of one
// or two flits, two destinations with any route, two classes, two pools, first credits of 0 to 3, any
// credits returned, patience 0 (no turns are counted):
// - each packet comes out at the output of its route, whole, not interleaved, none from nowhere; the
//   first, if alone and with credit, Pipeline + 1 cycles behind its arrival; none is left when the
//   switch is idle;
// - of any output, pool and class: no packet starts without credit for all its flits;
// - an input gets no more credit back than it sent flits, and all of it when the switch is idle.
// A flit says in its top bits, which the switch does not read: its input, whether it is the first.
module switch_proof (
  input logic        clk_i,
  input logic [1:0]  in_valid_i,
  input logic [1:0]  long_i,         // by input: the packet that starts has two flits
  input logic [1:0]  to_i,           // its destination
  input logic [1:0]  class_i,        // 0, 1
  input logic [1:0]  hold_i,
  input logic [1:0]  credit_valid_i,
  input logic [1:0]  credit_pool_i,
  input logic [1:0]  credit_class_i,
  input logic [1:0]  credit_flits_i, // by output: two, not one
  input logic [1:0]  route_i,        // by destination: its output
  input logic [1:0]  first_i,        // credit that is written now
  input logic        out_i,          // what credit is watched: output...
  input logic        pool_i,         // ...pool, which is that of a destination...
  input logic        watched_class_i // ...and class
);
  parameter Depth = 4;               // three flits an input
  parameter FlitWidth = 64;
  parameter ConfigCycles = 15;
  parameter Latency = 5;             // of a lone packet: Pipeline + 1

  logic rst_ni;
  initial rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic        config_valid, port;
  logic [2:0]  select;
  logic [11:0] index;
  logic [39:0] value;
  logic [3:0]  cycle_q;
  logic [1:0]  route_q, first_q;
  logic        out_q, pool_q, class_q, running;
  assign running = rst_ni && (cycle_q == ConfigCycles);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cycle_q <= '0;
      route_q <= route_i;
      out_q   <= out_i;
      pool_q  <= pool_i;
      class_q <= watched_class_i;
      first_q <= '0;
    end else begin
      if (!running) cycle_q <= cycle_q + 1'b1;
      if (config_valid && select == packet_pkg::SelectCredit &&
          {port, index[2], index[0]} == {out_q, pool_q, class_q})
        first_q <= first_i;
    end
  end

  // Configuration: two routes, four pools at the next hops, patience, eight credits.
  always_comb begin
    config_valid = rst_ni && !running;
    port         = 1'b0;
    select       = packet_pkg::SelectRoute;
    index        = {11'd0, cycle_q[0]};
    value        = {37'd0, cycle_q[0], route_q[cycle_q[0]], !route_q[cycle_q[0]]};
    if (cycle_q >= 2) begin
      select = packet_pkg::SelectFarPool;
      port   = cycle_q[1];
      value  = {39'd0, cycle_q[0]};
    end
    if (cycle_q == 6) begin
      select = packet_pkg::SelectRule;
      index  = packet_pkg::RulePatience;
      value  = '0;
    end
    if (cycle_q >= 7) begin
      select = packet_pkg::SelectCredit;
      port   = cycle_q[2];
      index  = {9'd0, cycle_q[1], 1'b0, cycle_q[0]};
      value  = {38'd0, first_i};
    end
  end

  logic [1:0]             valid, out_valid, credit_valid, rest_q;
  logic [2*FlitWidth-1:0] in_data, out_data;
  logic [13:0]            credit_flits, returned_flits;
  logic                   busy;
  directcom_switch #(.Ports(2), .FlitWidth(FlitWidth), .Nodes(2), .PoolWidth(1), .Depth(Depth),
                     .CreditWidth(7)) u_switch (
    .clk_i, .rst_ni, .phase_i(1'b0), .config_valid_i(config_valid), .config_select_i(select),
    .config_port_i(port), .config_index_i(index), .config_value_i(value), .in_valid_i(valid),
    .in_data_i(in_data), .credit_valid_o(credit_valid), .credit_flits_o(returned_flits),
    .out_valid_o(out_valid), .out_data_o(out_data), .hold_i(hold_i & {2{running}}),
    .credit_valid_i(credit_valid_i & {2{running}}), .credit_pool_i,
    .credit_class_i({1'b0, credit_class_i[1], 1'b0, credit_class_i[0]}),
    .credit_flits_i(credit_flits), .busy_o(busy));

  logic [4:0] sent [2];              // flits that went in...
  logic [4:0] left [2];              // ...and came out
  for (genvar i = 0; i < 2; i++) begin : gen_in
    logic [4:0] held_q, sent_q;      // flits of this input, less the credit that came back; all
    logic [4:0] back;
    logic       head;
    assign head     = !rest_q[i];
    assign valid[i] = running && (rest_q[i] || (in_valid_i[i] && held_q < Depth - 1 - long_i[i]));
    assign back     = credit_valid[i] ? 5'(returned_flits[7*i+:7]) : '0;
    assign sent[i]  = sent_q;
    assign credit_flits[7*i+:7] = credit_flits_i[i] ? 7'd2 : 7'd1;
    assign in_data[FlitWidth*i+:FlitWidth] =
        head ? {1'(i), 1'b1, 6'd0, long_i[i] ? 10'd8 : 10'd0, 28'd0, 11'd0, to_i[i],
                1'b0, class_i[i], packet_pkg::TypeData}
             : {1'(i), 63'd0};
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        rest_q[i] <= 1'b0;
        held_q    <= '0;
        sent_q    <= '0;
      end else begin
        rest_q[i] <= valid[i] && head && long_i[i];
        held_q    <= held_q + 5'(valid[i]) - back;
        sent_q    <= sent_q + 5'(valid[i]);
      end
    end
    always_comb begin
      if (rst_ni) begin
        assert (back <= held_q);
        assert (busy || valid[i] || held_q == '0);
      end
    end
  end

  for (genvar o = 0; o < 2; o++) begin : gen_out
    logic       more_q, from_q;      // of the packet under way
    logic       first, from, two, to;
    logic [4:0] left_q;
    assign from    = out_data[FlitWidth*o+FlitWidth-1];
    assign first   = out_data[FlitWidth*o+FlitWidth-2];
    assign two     = out_data[FlitWidth*o+packet_pkg::BytesLsb+3];
    assign to      = out_data[FlitWidth*o+packet_pkg::DestinationLsb];
    assign left[o] = left_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        more_q <= 1'b0;
        left_q <= '0;
      end else if (out_valid[o]) begin
        more_q <= first && two;
        from_q <= from;
        left_q <= left_q + 1'b1;
      end
    end
    always_comb begin
      if (rst_ni && out_valid[o]) begin
        assert (first == !more_q);
        assert (first || from == from_q);
        assert (!first || route_q[to] == 1'(o));
      end
      if (rst_ni && !busy) assert (!more_q);
    end
  end

  // The watched credit.
  logic [6:0]           credit_q, given, taken;
  logic                 returns, starts;
  logic [FlitWidth-1:0] data;
  assign returns = running && credit_valid_i[out_q] && credit_pool_i[out_q] == pool_q &&
                   credit_class_i[out_q] == class_q;
  assign given   = returns ? credit_flits[7*out_q+:7] : '0;
  assign data    = out_data[FlitWidth*out_q+:FlitWidth];
  assign starts  = out_valid[out_q] && data[FlitWidth-2] && data[packet_pkg::ClassLsb] == class_q &&
                   data[packet_pkg::DestinationLsb] == pool_q;
  assign taken   = starts ? (data[packet_pkg::BytesLsb+3] ? 7'd2 : 7'd1) : '0;
  always_ff @(posedge clk_i) begin
    if (!running) credit_q <= 7'd0;
    else credit_q <= credit_q + given - taken;
  end

  // A packet that comes first and alone, for the watched credit, on a link that is free.
  logic [2:0] age_q;                 // cycles that this was so
  logic       ready;
  assign ready = (first_q >= 2) && valid == (2'b01 << 1'(valid[1])) && hold_i == '0;
  always_ff @(posedge clk_i) begin
    if (!running) age_q <= '0;
    else if (age_q == '0) begin
      age_q <= (sent[0] == '0 && sent[1] == '0 && ready && route_q[to_i[valid[1]]] == out_q &&
                to_i[valid[1]] == pool_q && class_i[valid[1]] == class_q) ? 3'd1 : '0;
    end else if (age_q < Latency) age_q <= (hold_i == '0) ? age_q + 1'b1 : '0;
  end
  always_comb begin
    if (running) begin
      HasCredit: assert (taken <= credit_q + 7'(first_q));
      NoneNew: assert (left[0] + left[1] <= sent[0] + sent[1]);
      NoneLost: assert (busy || valid != '0 || sent[0] + sent[1] == left[0] + left[1]);
      InTime: assert (age_q != Latency || (left[0] + left[1] != '0) || out_valid[out_q]);
    end
  end
endmodule
