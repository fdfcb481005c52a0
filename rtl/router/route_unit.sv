// SPDX-License-Identifier: Apache-2.0
// Finds the output of every packet that comes in this cycle, lowest input first: the only one of
// its destination, or what the rule of choice takes (hw/docs/directcom.md, "Choice of an output").
// Keeps what the rules need: the loads (flits assigned and not yet credited back, of an output and
// of its pools at the next hop) and a random number for each input. Rule ecmp is not built.
module route_unit #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter Nodes = 64,
  parameter PoolWidth = 5,
  parameter LenWidth = 7,
  parameter Returns = 1,    // credits that an output can get in a cycle: 1, 2
  parameter LoadWidth = 17,
  parameter ConfigWidth = 40
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          set_route_i,
  input  logic                          set_far_pool_i,
  input  logic                          set_load_i,  // to zero
  input  logic                          set_lfsr_i,
  input  logic [PortWidth-1:0]          set_port_i,
  input  logic [packet_pkg::NodeWidth-1:0]   set_index_i,
  input  logic [ConfigWidth-1:0]        set_value_i,
  input  logic [packet_pkg::ChoiceWidth-1:0] choice_i,
  input  logic [Ports-1:0]              head_i,
  input  logic [packet_pkg::NodeWidth*Ports-1:0] destination_i,
  input  logic [2*Ports-1:0]            class_i,
  input  logic [LenWidth*Ports-1:0]     len_i,
  input  logic [Returns*Ports-1:0]           credit_valid_i,
  input  logic [Returns*PoolWidth*Ports-1:0] credit_pool_i,
  input  logic [Returns*2*Ports-1:0]         credit_class_i,
  input  logic [Returns*LenWidth*Ports-1:0]  credit_flits_i,
  output logic [PortWidth*Ports-1:0]    out_o,
  output logic [PoolWidth*Ports-1:0]    pool_o,
  output logic [PoolWidth*Ports-1:0]    far_pool_o
);
  parameter NodeIndexWidth = $clog2(Nodes);               // do not set
  parameter RouteWidth = PoolWidth + Ports;               // do not set: pool, mask of outputs
  parameter CountWidth = PortWidth + 1;                   // do not set

  logic [RouteWidth-1:0] route_mem [Nodes];
  logic [PoolWidth-1:0]  far_pool_mem [Ports<<NodeIndexWidth];
  logic [LoadWidth-1:0]  load_q [4*Ports];              // output x 4 + class
  logic [LoadWidth-1:0]  pool_load_q [(4*Ports)<<PoolWidth];  // output, pool, class
  logic [PortWidth-1:0]  turn [Ports];                  // of round-robin
  logic [PortWidth-1:0]  last_best [Ports];             // last choice for the packet's class
  logic                  unused;
  logic                  several_q;                     // a destination has more than one output

  logic [15:0]           lfsr_1 [Ports];
  logic [15:0]           lfsr_2 [Ports];
  logic [Ports-1:0]      several;
  logic [NodeIndexWidth-1:0] node [Ports];
  logic [RouteWidth-1:0] route [Ports];
  logic [Ports-1:0]      mask [Ports];
  logic [PortWidth-1:0]  out [Ports];
  logic [PortWidth-1:0]  single_out [Ports];
  logic [PortWidth-1:0]  best [Ports];
  logic [PoolWidth-1:0]  far_pool [Ports];
  logic [LoadWidth-1:0]  load_sum [Ports];       // load of this packet's output after this cycle
  logic [LoadWidth-1:0]  pool_load_sum [Ports];
  logic [Returns*Ports-1:0] counted;    // the credit of an output is part of a load_sum
  logic [Returns*Ports-1:0] pool_counted;

  assign unused = ^{set_value_i, set_index_i};

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    assign node[i]    = destination_i[i*packet_pkg::NodeWidth+:NodeIndexWidth];
    assign route[i]   = head_i[i] ? route_mem[node[i]] : '0;
    assign mask[i]    = route[i][Ports-1:0];
    assign several[i] = several_q && head_i[i] && ((mask[i] & (mask[i] - 1'b1)) != '0);
    assign pool_o[i*PoolWidth+:PoolWidth]     = route[i][Ports+:PoolWidth];
    assign out_o[i*PortWidth+:PortWidth]      = out[i];
    assign far_pool_o[i*PoolWidth+:PoolWidth] = far_pool[i];

    onehot_index #(
      .Width(Ports),
      .IndexWidth(PortWidth)
    ) u_single (
      .onehot_i(mask[i]),
      .index_o(single_out[i])
    );
    logic [15:0] lfsr_q;
    lfsr_step u_draw_1 (
      .state_i(lfsr_q),
      .state_o(lfsr_1[i])
    );
    lfsr_step u_draw_2 (
      .state_i(lfsr_1[i]),
      .state_o(lfsr_2[i])
    );

    logic [PortWidth-1:0] best_q [4];  // last choices
    logic [PortWidth-1:0] turn_q;
    assign turn[i]      = turn_q;
    assign last_best[i] = best_q[class_i[2*i+:2]];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        lfsr_q <= 16'd1;
        turn_q <= '0;
        for (int c = 0; c < 4; c++) best_q[c] <= '0;
      end else if (set_lfsr_i && (set_port_i == PortWidth'(i))) begin
        lfsr_q <= set_value_i[15:0];
      end else if (several[i]) begin
        case (choice_i)
          packet_pkg::ChooseAdaptive, packet_pkg::ChooseRandom: lfsr_q <= lfsr_1[i];
          packet_pkg::ChooseAdaptive2: begin
            lfsr_q <= lfsr_2[i];
            best_q[class_i[2*i+:2]] <= best[i];
          end
          packet_pkg::ChooseRoundRobin: turn_q <= best[i];
          default: ;
        endcase
      end
    end
  end

  // One input after the other: each sees the loads with the packets of those before it.
  // verilator tracing_off
  always_comb begin
    logic [PortWidth-1:0]  candidate [Ports];
    logic [LoadWidth-1:0]  load [Ports];
    logic [CountWidth-1:0] count;
    logic [PortWidth-1:0]  first, second, last, at;
    logic [PoolWidth-1:0]  f;
    logic [1:0]            c;
    logic [LoadWidth-1:0]  len;
    for (int k = 0; k < Ports; k++) begin
      candidate[k] = '0;
      load[k]      = '0;
    end
    {first, second, last, at, f, c, len, count} = '0;
    for (int i = 0; i < Ports; i++) begin
      out[i]      = single_out[i];
      best[i]     = '0;
      far_pool[i] = '0;
      if (head_i[i]) far_pool[i] = far_pool_mem[{out[i], node[i]}];
      if (several[i]) begin
        c     = class_i[2*i+:2];
        count = '0;
        for (int p = 0; p < Ports; p++) begin
          if (mask[i][p]) begin
            f = far_pool_mem[{PortWidth'(p), node[i]}];
            candidate[count[PortWidth-1:0]] = PortWidth'(p);
            load[count[PortWidth-1:0]] = load_q[4*p+32'(c)] + pool_load_q[{PortWidth'(p), f, c}];
            for (int r = p * Returns; r < (p + 1) * Returns; r++) begin
              if (credit_valid_i[r] && (credit_class_i[2*r+:2] == c)) begin
                len = LoadWidth'(credit_flits_i[r*LenWidth+:LenWidth]);
                if (credit_pool_i[r*PoolWidth+:PoolWidth] == f) len = len << 1;
                load[count[PortWidth-1:0]] = load[count[PortWidth-1:0]] - len;
              end
            end
            for (int j = 0; j < i; j++) begin
              if (head_i[j] && (out[j] == PortWidth'(p)) && (class_i[2*j+:2] == c)) begin
                len = LoadWidth'(len_i[j*LenWidth+:LenWidth]);
                if (far_pool[j] == f) len = len << 1;
                load[count[PortWidth-1:0]] = load[count[PortWidth-1:0]] + len;
              end
            end
            count = count + 1'b1;
          end
        end
        first  = PortWidth'((32'(lfsr_1[i]) * 32'(count)) >> 16);
        second = PortWidth'((32'(lfsr_2[i]) * 32'(count)) >> 16);
        last   = PortWidth'(CountWidth'(last_best[i]) % count);
        case (choice_i)
          packet_pkg::ChooseAdaptive: begin
            best[i] = first;
            at      = first;
            for (int k = 1; k < Ports; k++) begin
              if (CountWidth'(k) < count) begin
                at = (CountWidth'(at) + 1'b1 == count) ? '0 : at + 1'b1;
                if (load[at] < load[best[i]]) best[i] = at;
              end
            end
          end
          packet_pkg::ChooseAdaptive2: begin
            best[i] = first;
            if (load[second] < load[best[i]]) best[i] = second;
            if (load[last] < load[best[i]]) best[i] = last;
          end
          packet_pkg::ChooseRandom: begin
            best[i] = first;
          end
          packet_pkg::ChooseRoundRobin: begin
            best[i] = (CountWidth'(turn[i]) + 1'b1 < count) ? turn[i] + 1'b1 : '0;
          end
          packet_pkg::ChooseStatic: begin
            best[i] = PortWidth'(destination_i[i*packet_pkg::NodeWidth+:packet_pkg::NodeWidth] %
                                 packet_pkg::NodeWidth'(count));
          end
          default: best[i] = '0;
        endcase
        out[i]      = candidate[best[i]];
        far_pool[i] = far_pool_mem[{out[i], node[i]}];
      end
    end
  end

  // New values of the loads that this cycle's packets add to; equal ones where several meet.
  always_comb begin
    int r;  // a return of the packet's output
    counted      = '0;
    pool_counted = '0;
    r            = 0;
    for (int i = 0; i < Ports; i++) begin
      load_sum[i]      = '0;
      pool_load_sum[i] = '0;
    end
    if (several_q && (head_i != '0)) begin
      for (int i = 0; i < Ports; i++) begin
        if (head_i[i]) begin
          load_sum[i] = load_q[{out[i], class_i[2*i+:2]}];
          pool_load_sum[i] = pool_load_q[{out[i], far_pool[i], class_i[2*i+:2]}];
          for (int k = 0; k < Returns; k++) begin
            r = 32'(out[i]) * Returns + k;
            if (credit_valid_i[r] && (credit_class_i[2*r+:2] == class_i[2*i+:2])) begin
              counted[r]  = 1'b1;
              load_sum[i] = load_sum[i] - LoadWidth'(credit_flits_i[r*LenWidth+:LenWidth]);
              if (credit_pool_i[r*PoolWidth+:PoolWidth] == far_pool[i]) begin
                pool_counted[r] = 1'b1;
                pool_load_sum[i] =
                    pool_load_sum[i] - LoadWidth'(credit_flits_i[r*LenWidth+:LenWidth]);
              end
            end
          end
          for (int j = 0; j < Ports; j++) begin
            if (head_i[j] && (out[j] == out[i]) && (class_i[2*j+:2] == class_i[2*i+:2])) begin
              load_sum[i] = load_sum[i] + LoadWidth'(len_i[j*LenWidth+:LenWidth]);
              if (far_pool[j] == far_pool[i])
                pool_load_sum[i] = pool_load_sum[i] + LoadWidth'(len_i[j*LenWidth+:LenWidth]);
            end
          end
        end
      end
    end
  end

  // Credit that no packet's sum includes; two returns of an output may be of one class, and pool.
  for (genvar p = 0; p < Ports; p++) begin : gen_return
    localparam A = p * Returns;
    localparam B = (p + 1) * Returns - 1;  // the second, with two
    always_ff @(posedge clk_i) begin
      logic [1:0]           c_a, c_b;
      logic [PoolWidth-1:0] f_a, f_b;
      logic [LoadWidth-1:0] flits_a, flits_b;
      logic                 second, one_class, one_pool;
      if (several_q && (credit_valid_i[A] || credit_valid_i[B])) begin
        c_a       = credit_class_i[2*A+:2];
        c_b       = credit_class_i[2*B+:2];
        f_a       = credit_pool_i[A*PoolWidth+:PoolWidth];
        f_b       = credit_pool_i[B*PoolWidth+:PoolWidth];
        flits_a   = LoadWidth'(credit_flits_i[A*LenWidth+:LenWidth]);
        flits_b   = LoadWidth'(credit_flits_i[B*LenWidth+:LenWidth]);
        second    = (Returns > 1) && credit_valid_i[B];
        one_class = credit_valid_i[A] && second && (c_a == c_b);
        one_pool  = one_class && (f_a == f_b);
        if (credit_valid_i[A] && !counted[A])
          load_q[{PortWidth'(p), c_a}] <=
              load_q[{PortWidth'(p), c_a}] - flits_a - (one_class ? flits_b : '0);
        if (second && !counted[B] && !one_class)
          load_q[{PortWidth'(p), c_b}] <= load_q[{PortWidth'(p), c_b}] - flits_b;
        if (credit_valid_i[A] && !pool_counted[A])
          pool_load_q[{PortWidth'(p), f_a, c_a}] <=
              pool_load_q[{PortWidth'(p), f_a, c_a}] - flits_a - (one_pool ? flits_b : '0);
        if (second && !pool_counted[B] && !one_pool)
          pool_load_q[{PortWidth'(p), f_b, c_b}] <= pool_load_q[{PortWidth'(p), f_b, c_b}] - flits_b;
      end
    end
  end
  for (genvar i = 0; i < Ports; i++) begin : gen_assign
    always_ff @(posedge clk_i) begin
      if (several_q && head_i[i]) begin
        load_q[{out[i], class_i[2*i+:2]}]                   <= load_sum[i];
        pool_load_q[{out[i], far_pool[i], class_i[2*i+:2]}] <= pool_load_sum[i];
      end
    end
  end
  // verilator tracing_on
  always_ff @(posedge clk_i) begin
    if (set_load_i) begin
      load_q[{set_port_i, set_index_i[1:0]}]                <= '0;
      pool_load_q[{set_port_i, set_index_i[PoolWidth+1:0]}] <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (set_route_i) route_mem[set_index_i[NodeIndexWidth-1:0]] <= set_value_i[RouteWidth-1:0];
    if (set_far_pool_i)
      far_pool_mem[{set_port_i, set_index_i[NodeIndexWidth-1:0]}] <= set_value_i[PoolWidth-1:0];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) several_q <= 1'b0;
    else if (set_route_i &&
             ((set_value_i[Ports-1:0] & (set_value_i[Ports-1:0] - 1'b1)) != '0)) several_q <= 1'b1;
  end
endmodule
