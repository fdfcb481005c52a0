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

  logic [HeadWidth-1:0]   head_q [Ports][4<<PortWidth];  // by input; output, class
  logic [CreditWidth-1:0] credit_q [1<<IndexWidth];
  logic [IndexWidth-1:0]  take_index [Ports];
  logic [Ports-1:0]       able [4*Ports];
  logic [Ports-1:0]       candidate [4*Ports];
  logic [Ports-1:0]       fair [4*Ports];
  logic [Ports-1:0]       urgent [4*Ports];
  logic [PortWidth-1:0]   pointer [4*Ports];
  logic [Ports-1:0]       waiting [4*Ports];
  logic [LenWidth-1:0]    pick_len [4*Ports];
  logic [PortWidth-1:0]   pick_in [4*Ports];
  logic [PortWidth-1:0]   grant_in [Ports];

  for (genvar i = 0; i < Ports; i++) begin : gen_in
    logic [PortWidth+1:0] push_index;
    logic [PortWidth+1:0] serve_index;
    logic                 same;

    assign push_index  = {push_out_i[i*PortWidth+:PortWidth], push_class_i[2*i+:2]};
    assign serve_index = {serve_out_i[i*PortWidth+:PortWidth], serve_class_i[2*i+:2]};
    assign same        = serve_i[i] && (serve_index == push_index);

    // A packet that enters an empty queue is its head; a busy queue's head stays.
    logic empty;
    assign empty = !waiting[push_index[PortWidth+1:0]][i] || (same && serve_last_i[i]);
    always_ff @(posedge clk_i) begin
      if (serve_i[i]) begin
        head_q[i][serve_index] <=
            {second_pool_i[i*PoolWidth+:PoolWidth], second_len_i[i*LenWidth+:LenWidth]};
      end
      if (push_i[i] && empty) begin
        head_q[i][push_index] <=
            {push_pool_i[i*PoolWidth+:PoolWidth], push_len_i[i*LenWidth+:LenWidth]};
      end
    end
  end

  for (genvar o = 0; o < Ports; o++) begin : gen_out
    logic [HeadWidth-1:0]  served;
    logic [1:0]            class_taken;

    assign grant_in[o]   = grant_in_i[o*PortWidth+:PortWidth];
    assign class_taken   = grant_class_i[2*o+:2];
    assign served        = head_q[grant_in[o]][{PortWidth'(o), class_taken}];
    assign take_index[o] = {PortWidth'(o), served[LenWidth+:PoolWidth], class_taken};

    logic [1:0]               give;
    logic [2*IndexWidth-1:0]  give_index;
    logic [2*LenWidth-1:0]    give_flits;
    logic [2*CreditWidth-1:0] give_credit;
    logic [CreditWidth-1:0]   taken_credit;
    logic [1:0]               given;
    logic [2*CreditWidth-1:0] given_credit;
    for (genvar r = 0; r < 2; r++) begin : gen_return
      if (r < Returns) begin : gen_pins
        assign give[r] = credit_valid_i[o*Returns+r];
        assign give_index[r*IndexWidth+:IndexWidth] = {
            PortWidth'(o), credit_pool_i[(o*Returns+r)*PoolWidth+:PoolWidth],
            credit_class_i[2*(o*Returns+r)+:2]};
        assign give_flits[r*LenWidth+:LenWidth] = credit_flits_i[(o*Returns+r)*LenWidth+:LenWidth];
        assign give_credit[r*CreditWidth+:CreditWidth] =
            credit_q[give_index[r*IndexWidth+:IndexWidth]];
        always_ff @(posedge clk_i) begin
          if (given[r])
            credit_q[give_index[r*IndexWidth+:IndexWidth]] <= given_credit[r*CreditWidth+:CreditWidth];
        end
      end else begin : gen_none
        logic unused;
        assign unused = given[r] ^ (^given_credit[r*CreditWidth+:CreditWidth]);
        assign give[r] = 1'b0;
        assign give_index[r*IndexWidth+:IndexWidth] = '0;
        assign give_flits[r*LenWidth+:LenWidth] = '0;
        assign give_credit[r*CreditWidth+:CreditWidth] = '0;
      end
    end
    credit_step #(
      .IndexWidth(IndexWidth),
      .CreditWidth(CreditWidth),
      .FlitsWidth(LenWidth)
    ) u_credit (
      .take_i(grant_i[o]),
      .take_index_i(take_index[o]),
      .take_credit_i(credit_q[take_index[o]]),
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
      if (grant_i[o]) credit_q[take_index[o]] <= taken_credit;
    end

    for (genvar c = 0; c < 4; c++) begin : gen_class
      assign waiting[4*o+c]                            = waiting_i[(4*o+c)*Ports+:Ports];
      assign able_o[(4*o+c)*Ports+:Ports]              = able[4*o+c];
      assign candidate_o[(4*o+c)*Ports+:Ports]         = candidate[4*o+c];
      assign fair_o[(4*o+c)*Ports+:Ports]              = fair[4*o+c];
      assign urgent[4*o+c]                             = urgent_i[(4*o+c)*Ports+:Ports];
      assign pointer[4*o+c]                            = pointer_i[(4*o+c)*PortWidth+:PortWidth];
      assign pick_in[4*o+c]                            = pick_in_i[(4*o+c)*PortWidth+:PortWidth];
      assign pick_len_o[(4*o+c)*LenWidth+:LenWidth]    = pick_len[4*o+c];
    end
  end

  always_ff @(posedge clk_i) begin
    if (set_credit_i) credit_q[{set_port_i, set_index_i}] <= set_value_i;
  end

  always_comb begin
    logic [HeadWidth-1:0] head;
    logic [PoolWidth-1:0] pool [Ports];
    logic [Ports-1:0]     row;
    logic [Ports-1:0]     lacking;
    logic [Ports-1:0]     same;    // queues of the pool of one that lacks credit
    logic [Ports-1:0]     after;   // positions behind it
    logic [Ports-1:0]     low;     // positions below the pointer
    logic [Ports-1:0]     taken;   // reserved by urgent queues
    logic [Ports-1:0]     behind;  // reserved by queues before them
    head    = '0;
    row     = '0;
    lacking = '0;
    same    = '0;
    after   = '0;
    low     = '0;
    taken   = '0;
    behind  = '0;
    for (int i = 0; i < Ports; i++) pool[i] = '0;
    for (int o = 0; o < Ports; o++) begin
      for (int c = 0; c < 4; c++) begin
        row     = '0;
        taken   = '0;
        behind  = '0;
        lacking = '0;
        if (ask_i[o] && (waiting[4*o+c] != '0)) begin
          for (int i = 0; i < Ports; i++) begin
            head    = head_q[i][{PortWidth'(o), 2'(c)}];
            pool[i] = head[LenWidth+:PoolWidth];
            row[i]  = waiting[4*o+c][i] &&
                (credit_q[{PortWidth'(o), pool[i], 2'(c)}] >= CreditWidth'(head[LenWidth-1:0]));
          end
          lacking = waiting[4*o+c] & ~row;
        end
        if (lacking != '0) begin
          low = ~({Ports{1'b1}} << pointer[4*o+c]);
          for (int j = 0; j < Ports; j++) begin
            if (lacking[j]) begin
              for (int i = 0; i < Ports; i++) same[i] = (pool[i] == pool[j]);
              after = ({Ports{1'b1}} << 1) << j;
              if (urgent[4*o+c][j]) taken |= same;
              behind |= same & (low[j] ? (after & low) : (after | low));
            end
          end
        end
        able[4*o+c]      = row;
        candidate[4*o+c] = waiting[4*o+c] & ~taken;
        fair[4*o+c]      = row & ~taken & ~behind;
      end
    end
  end

  always_comb begin
    for (int q = 0; q < 4 * Ports; q++) begin
      pick_len[q] = '0;
      if (pick_i[q]) pick_len[q] = head_q[pick_in[q]][(PortWidth + 2)'(q)][LenWidth-1:0];
    end
  end
endmodule
