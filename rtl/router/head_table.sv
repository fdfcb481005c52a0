// SPDX-License-Identifier: Apache-2.0
// What the outputs must know of the first packet of every queue, their credit at the next hops, and
// which packets have enough of it: a packet needs credit for all its flits before it starts. One that
// lacks it reserves its pool at the next hop: short packets would take every credit before it adds up.
// In the masks of an output, queue (class c, input i) is bit c x Ports + i.
module head_table #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter PoolWidth = 5,
  parameter LenWidth = 7,
  parameter Returns = 1,    // credits that an output can get in a cycle: 1, 2
  parameter CreditWidth = 17
) (
  input  logic                       clk_i,
  // By input: a packet that enters a queue.
  input  logic [Ports-1:0]           push_i,
  input  logic [PortWidth*Ports-1:0] push_out_i,
  input  logic [2*Ports-1:0]         push_class_i,
  input  logic [LenWidth*Ports-1:0]  push_len_i,
  input  logic [PoolWidth*Ports-1:0] push_pool_i,    // at the next hop
  // By input: the packet that leaves, and the one behind it unless it is the last.
  input  logic [Ports-1:0]           serve_i,
  input  logic [PortWidth*Ports-1:0] serve_out_i,
  input  logic [2*Ports-1:0]         serve_class_i,
  input  logic [Ports-1:0]           serve_last_i,
  input  logic [LenWidth*Ports-1:0]  second_len_i,
  input  logic [PoolWidth*Ports-1:0] second_pool_i,
  // By output: the input that is served.
  input  logic [Ports-1:0]           grant_i,
  input  logic [PortWidth*Ports-1:0] grant_in_i,
  input  logic [2*Ports-1:0]         grant_class_i,
  // By output (Returns of each): credit that comes back; its first value is set by the configuration port.
  input  logic [Returns*Ports-1:0]           credit_valid_i,
  input  logic [Returns*PoolWidth*Ports-1:0] credit_pool_i,
  input  logic [Returns*2*Ports-1:0]         credit_class_i,
  input  logic [Returns*LenWidth*Ports-1:0]  credit_flits_i,
  input  logic                       set_credit_i,
  input  logic [PortWidth-1:0]       set_port_i,
  input  logic [PoolWidth+1:0]       set_index_i,    // pool, class
  input  logic [CreditWidth-1:0]     set_value_i,
  // By output: which of its queues' packets have credit, where it asks.
  input  logic [Ports-1:0]           ask_i,
  input  logic [4*Ports*Ports-1:0]   waiting_i,
  output logic [4*Ports*Ports-1:0]   able_o,
  // Queues that urgent ones without credit leave in the choice, and those of them with credit that no
  // queue before them, from the grant pointer of the class on, keeps from their pool.
  input  logic [4*Ports*Ports-1:0]     urgent_i,
  input  logic [4*PortWidth*Ports-1:0] pointer_i,    // by output, class
  output logic [4*Ports*Ports-1:0]     candidate_o,
  output logic [4*Ports*Ports-1:0]     fair_o,
  // By output, class: the length of the packet of one input.
  input  logic [4*Ports-1:0]           pick_i,
  input  logic [4*PortWidth*Ports-1:0] pick_in_i,
  output logic [4*LenWidth*Ports-1:0]  pick_len_o
);
  parameter HeadWidth = LenWidth + PoolWidth;  // do not set
  parameter IndexWidth = PortWidth + PoolWidth + 2;  // do not set: output, pool, class

  logic [HeadWidth-1:0]    head_q [Ports][4<<PortWidth];  // by input; output, class
  logic [CreditWidth-1:0]  credit_q [1<<IndexWidth];
  // By output:
  logic [4*Ports-1:0]      waiting [Ports];
  logic [4*Ports-1:0]      urgent [Ports];
  logic [4*PortWidth-1:0]  pointer [Ports];
  logic [4*Ports-1:0]      able [Ports];
  logic [4*Ports-1:0]      candidate [Ports];
  logic [4*Ports-1:0]      fair [Ports];
  logic [3:0]              pick [Ports];
  logic [4*PortWidth-1:0]  pick_in [Ports];
  logic [4*LenWidth-1:0]   pick_len [Ports];

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    logic [PortWidth+1:0] push_index;
    logic [PortWidth+1:0] serve_index;

    assign push_index  = {push_out_i[i*PortWidth+:PortWidth], push_class_i[2*i+:2]};
    assign serve_index = {serve_out_i[i*PortWidth+:PortWidth], serve_class_i[2*i+:2]};

    // A packet that enters an empty queue is its head; a busy queue's head stays.
    always_ff @(posedge clk_i) begin
      if (serve_i[i]) begin
        head_q[i][serve_index] <=
            {second_pool_i[i*PoolWidth+:PoolWidth], second_len_i[i*LenWidth+:LenWidth]};
      end
      if (push_i[i] && (!waiting[push_out_i[i*PortWidth+:PortWidth]][32'(push_class_i[2*i+:2])*Ports+i] ||
                        (serve_i[i] && serve_last_i[i] && (serve_index == push_index)))) begin
        head_q[i][push_index] <=
            {push_pool_i[i*PoolWidth+:PoolWidth], push_len_i[i*LenWidth+:LenWidth]};
      end
    end
  end

  for (genvar o = 0; o < Ports; o++) begin : gen_out
    logic [HeadWidth-1:0]   served;
    logic [IndexWidth-1:0]  take_index;
    logic [CreditWidth-1:0] take_credit;

    always_comb begin
      served      = '0;
      take_index  = '0;
      take_credit = '0;
      if (grant_i[o]) begin
        served      = head_q[grant_in_i[o*PortWidth+:PortWidth]][{PortWidth'(o), grant_class_i[2*o+:2]}];
        take_index  = {PortWidth'(o), served[LenWidth+:PoolWidth], grant_class_i[2*o+:2]};
        take_credit = credit_q[take_index];
      end
    end

    logic [1:0]               give;
    logic [2*IndexWidth-1:0]  give_index;
    logic [2*LenWidth-1:0]    give_flits;
    logic [2*CreditWidth-1:0] give_credit;
    logic [CreditWidth-1:0]   taken_credit;
    logic [1:0]               given;
    logic [2*CreditWidth-1:0] given_credit;
    localparam A = o * Returns;
    localparam B = (o + 1) * Returns - 1;  // the second, with two
    assign give = {(Returns > 1) && credit_valid_i[B], credit_valid_i[A]};
    always_comb begin
      give_index  = '0;
      give_flits  = '0;
      give_credit = '0;
      if (give != '0) begin
        give_index = {PortWidth'(o), credit_pool_i[B*PoolWidth+:PoolWidth], credit_class_i[2*B+:2],
                      PortWidth'(o), credit_pool_i[A*PoolWidth+:PoolWidth], credit_class_i[2*A+:2]};
        give_flits = {credit_flits_i[B*LenWidth+:LenWidth], credit_flits_i[A*LenWidth+:LenWidth]};
        give_credit[CreditWidth-1:0] = credit_q[give_index[IndexWidth-1:0]];
        if (give[1])
          give_credit[2*CreditWidth-1:CreditWidth] = credit_q[give_index[2*IndexWidth-1:IndexWidth]];
      end
    end
    always_ff @(posedge clk_i) begin
      if (given[0]) credit_q[give_index[IndexWidth-1:0]] <= given_credit[CreditWidth-1:0];
      if (given[1])
        credit_q[give_index[2*IndexWidth-1:IndexWidth]] <= given_credit[2*CreditWidth-1:CreditWidth];
    end
    credit_step #(
      .IndexWidth(IndexWidth),
      .CreditWidth(CreditWidth),
      .FlitsWidth(LenWidth)
    ) u_credit (
      .take_i(grant_i[o]),
      .take_index_i(take_index),
      .take_credit_i(take_credit),
      .take_flits_i(served[LenWidth-1:0]),
      .take_credit_o(taken_credit),
      .give_i(give),
      .give_index_i(give_index),
      .give_credit_i(give_credit),
      .give_flits_i(give_flits),
      .give_write_o(given),
      .give_credit_o(given_credit)
    );
    always_ff @(posedge clk_i) begin
      if (grant_i[o]) credit_q[take_index] <= taken_credit;
    end

    assign waiting[o]                             = waiting_i[4*o*Ports+:4*Ports];
    assign urgent[o]                              = urgent_i[4*o*Ports+:4*Ports];
    assign pointer[o]                             = pointer_i[4*o*PortWidth+:4*PortWidth];
    assign pick[o]                                = pick_i[4*o+:4];
    assign pick_in[o]                             = pick_in_i[4*o*PortWidth+:4*PortWidth];
    assign able_o[4*o*Ports+:4*Ports]             = able[o];
    assign candidate_o[4*o*Ports+:4*Ports]        = candidate[o];
    assign fair_o[4*o*Ports+:4*Ports]             = fair[o];
    assign pick_len_o[4*o*LenWidth+:4*LenWidth]   = pick_len[o];
  end

  always_ff @(posedge clk_i) begin
    if (set_credit_i) credit_q[{set_port_i, set_index_i}] <= set_value_i;
  end

  // verilator tracing_off
  always_comb begin
    logic [HeadWidth-1:0] head;
    logic [PoolWidth-1:0] pool [Ports];
    logic [Ports-1:0]     some;    // queues with a packet
    logic [Ports-1:0]     row;
    logic [Ports-1:0]     lacking;
    logic [Ports-1:0]     same;    // queues of the pool of one that lacks credit
    logic [Ports-1:0]     after;   // positions behind it
    logic [Ports-1:0]     low;     // positions below the pointer
    logic [Ports-1:0]     taken;   // reserved by urgent queues
    logic [Ports-1:0]     behind;  // reserved by queues before them
    head    = '0;
    some    = '0;
    row     = '0;
    lacking = '0;
    same    = '0;
    after   = '0;
    low     = '0;
    taken   = '0;
    behind  = '0;
    for (int i = 0; i < Ports; i++) pool[i] = '0;
    for (int o = 0; o < Ports; o++) begin
      able[o]      = '0;
      candidate[o] = '0;
      fair[o]      = '0;
      if (ask_i[o]) begin
        candidate[o] = waiting[o];
        for (int c = 0; c < 4; c++) begin
          some = waiting[o][c*Ports+:Ports];
          if (some != '0) begin
            row = '0;
            for (int i = 0; i < Ports; i++) begin
              if (some[i]) begin
                head    = head_q[i][{PortWidth'(o), 2'(c)}];
                pool[i] = head[LenWidth+:PoolWidth];
                row[i]  = (credit_q[{PortWidth'(o), pool[i], 2'(c)}] >=
                           CreditWidth'(head[LenWidth-1:0]));
              end
            end
            lacking = some & ~row;
            taken   = '0;
            behind  = '0;
            if (lacking != '0) begin
              low = ~({Ports{1'b1}} << pointer[o][c*PortWidth+:PortWidth]);
              for (int j = 0; j < Ports; j++) begin
                if (lacking[j]) begin
                  for (int i = 0; i < Ports; i++) same[i] = some[i] && (pool[i] == pool[j]);
                  after = ({Ports{1'b1}} << 1) << j;
                  if (urgent[o][c*Ports+j]) taken |= same;
                  behind |= same & (low[j] ? (after & low) : (after | low));
                end
              end
              candidate[o][c*Ports+:Ports] = some & ~taken;
            end
            able[o][c*Ports+:Ports] = row;
            fair[o][c*Ports+:Ports] = row & ~taken & ~behind;
          end
        end
      end
    end
  end

  always_comb begin
    for (int o = 0; o < Ports; o++) begin
      pick_len[o] = '0;
      if (pick[o] != '0) begin
        for (int c = 0; c < 4; c++) begin
          if (pick[o][c])
            pick_len[o][c*LenWidth+:LenWidth] =
                head_q[pick_in[o][c*PortWidth+:PortWidth]][{PortWidth'(o), 2'(c)}][LenWidth-1:0];
        end
      end
    end
  end
  // verilator tracing_on
endmodule
