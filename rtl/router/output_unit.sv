// SPDX-License-Identifier: Apache-2.0
// One output of the switch: chooses one (input, class) whenever it is free, and is busy with it for
// as many cycles as the packet has flits once the input accepts (hw/docs/directcom.md, "One tick").
// Queue (class c, input i) is bit c x Ports + i.
module output_unit #(
  parameter Ports = 4,
  parameter PortWidth = 2,  // do not set: $clog2(Ports)
  parameter LenWidth = 7,
  parameter QuantumWidth = 17,
  parameter TurnWidth = 8
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic [3*QuantumWidth-1:0]  quantum_i,
  input  logic [TurnWidth-1:0]       patience_i,
  input  logic                       hold_i,  // the link is not free in the next cycle: no packet may start
  // Packets that enter queues of this output.
  input  logic [Ports-1:0]          push_i,
  input  logic [4*Ports-1:0]        push_class_i,  // by class: the inputs whose packet is of it
  // The head table: which packets have credit, lengths.
  output logic                      ask_o,
  output logic [4*Ports-1:0]        waiting_o,
  input  logic [4*Ports-1:0]        able_i,
  input  logic [4*Ports-1:0]        candidate_i,  // not reserved by urgent queues without credit...
  input  logic [4*Ports-1:0]        fair_i,       // ...nor by any before them, and with credit
  output logic [4*Ports-1:0]        urgent_o,
  output logic [4*PortWidth-1:0]    pointer_o,    // by class: the first input of the order
  input  logic                      room_i,       // for the longest packet
  output logic [3:0]                pick_o,     // by class: an input...
  output logic [4*PortWidth-1:0]    pick_in_o,
  input  logic [4*LenWidth-1:0]     pick_len_i, // ...and the length of its packet
  // Arbitration with the inputs.
  input  logic [Ports-1:0]          free_in_i,
  input  logic [Ports-1:0]          kept_in_i,  // kept by any output
  input  logic                      done_i,     // the packet on its way ends in this cycle
  output logic                      free_o,
  output logic [Ports-1:0]          keep_o,     // the input that this one keeps
  output logic                      wish_o,
  output logic [PortWidth-1:0]      wish_in_o,
  output logic [1:0]                wish_class_o,
  input  logic                      accept_i,   // the wish is granted
  input  logic                      last_i,     // its queue is empty then
  input  logic [Ports-1:0]          lose_turn_i,  // by input: its queue for this output...
  input  logic [4*Ports-1:0]        lose_class_i,  // ...by class: the inputs that accepted it
  // Why it stands idle, for accounts.
  output logic                       no_credit_o,
  output logic                       lost_arbitration_o,
  output logic                       busy_o
);
  logic [4*Ports-1:0]     waiting_q;
  logic [4*Ports-1:0]     urgent;
  logic                   kept;
  logic [PortWidth-1:0]   kept_in;
  logic [1:0]             kept_class;
  logic [4*PortWidth-1:0] pick_in;
  logic [4*LenWidth-1:0]  len;
  logic [3:0]             picked;
  logic [3:0]             class_waiting;
  logic [3:0]             starved;
  logic                   found;
  logic [Ports-1:0]       passed;
  logic [Ports-1:0]       lose_here;
  logic [4*Ports-1:0]     lose_there;
  logic                   crossing_q;  // a packet is on its way from an input
  logic [4*PortWidth-1:0] pointer_q;
  logic                   choosing;
  logic                   hold_q;
  logic                   open;        // a packet may start
  logic                   first;       // the kept one goes before all others of its class
  logic [Ports-1:0]       candidates [4];  // by class: inputs that could be taken
  logic [Ports-1:0]       able_candidates [4];
  logic [Ports-1:0]       contenders [4];  // candidates, and those that lack credit
  logic [Ports-1:0]       lacking [4];

  assign free_o   = !crossing_q || done_i;
  assign choosing = free_o && (waiting_q != '0);
  assign open     = choosing && room_i && !hold_q;
  assign busy_o   = crossing_q || (waiting_q != '0);

  assign ask_o     = choosing || (urgent != '0);
  assign urgent_o  = urgent;
  assign waiting_o = waiting_q;
  assign pointer_o = pointer_q;
  assign pick_o    = picked;
  assign pick_in_o = pick_in;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    logic [4*Ports-1:0] waiting;
    if (!rst_ni) waiting_q <= '0;
    else if (accept_i || (push_i != '0)) begin
      waiting = waiting_q;
      if (accept_i && last_i) waiting[32'(wish_class_o)*Ports+32'(wish_in_o)] = 1'b0;
      if (push_i != '0) waiting = waiting | ({4{push_i}} & push_class_i);
      waiting_q <= waiting;
    end
  end

  kept_pick #(
    .Ports(Ports),
    .PortWidth(PortWidth)
  ) u_kept (
    .clk_i,
    .rst_ni,
    .able_i(able_i & urgent),
    .serve_i(accept_i && kept && (kept_in == wish_in_o) && (kept_class == wish_class_o)),
    .valid_o(kept),
    .in_o(kept_in),
    .class_o(kept_class),
    .onehot_o(keep_o)
  );

  // verilator tracing_off
  always_comb begin
    logic [Ports-1:0] mine;
    logic [Ports-1:0] usable;
    first  = 1'b0;
    mine   = '0;
    usable = '0;
    for (int c = 0; c < 4; c++) begin
      candidates[c]      = '0;
      able_candidates[c] = '0;
      contenders[c]      = '0;
      lacking[c]         = '0;
    end
    if (choosing) begin
      usable = free_in_i & (~kept_in_i | ((kept && free_in_i[kept_in]) ? keep_o : '0));
      for (int c = 0; c < 4; c++) begin
        mine = candidate_i[c*Ports+:Ports];
        if (mine != '0) begin
          // Others than the kept queue's class leave its input alone, class 0 no one's.
          if (c == 0) candidates[c] = mine & free_in_i;
          else if (kept && (kept_class == 2'(c))) candidates[c] = mine & usable;
          else candidates[c] = mine & free_in_i & ~kept_in_i;
          if (kept && (kept_class == 2'(c)) && free_in_i[kept_in] && mine[kept_in]) first = 1'b1;
          able_candidates[c] = candidates[c] & fair_i[c*Ports+:Ports];
          lacking[c]         = mine & ~able_i[c*Ports+:Ports];
          if ((lacking[c] != '0) && (candidates[c] != '0)) contenders[c] = candidates[c] | lacking[c];
        end
      end
    end
  end

  // verilator tracing_on
  for (genvar c = 0; c < 4; c++) begin : gen_class
    logic                 first_here;
    logic                 some;
    logic [Ports-1:0]     ahead;
    logic [PortWidth-1:0] ahead_index;
    logic                 valid;
    logic [Ports-1:0]     onehot;
    logic [PortWidth-1:0] index;
    logic                 unused;

    assign first_here = first && (kept_class == 2'(c));
    // The first lacks credit if one that does comes before every free one that could be taken.
    assign starved[c] = ((urgent[c*Ports+:Ports] & ~able_i[c*Ports+:Ports]) != '0) ||
                        (!first_here && ((ahead & lacking[c]) != '0));
    rr_pick #(
      .Width(Ports),
      .IndexWidth(PortWidth)
    ) u_ahead (
      .request_i(contenders[c]),
      .start_i(pointer_q[c*PortWidth+:PortWidth]),
      .valid_o(some),
      .onehot_o(ahead),
      .index_o(ahead_index)
    );
    rr_pick #(
      .Width(Ports),
      .IndexWidth(PortWidth)
    ) u_pick (
      .request_i(able_candidates[c]),
      .start_i(pointer_q[c*PortWidth+:PortWidth]),
      .valid_o(valid),
      .onehot_o(onehot),
      .index_o(index)
    );
    assign unused = (^onehot) ^ some ^ (^ahead_index);

    assign class_waiting[c]                = (waiting_q[c*Ports+:Ports] != '0);
    assign picked[c]                       = open && (first_here || valid);
    assign pick_in[c*PortWidth+:PortWidth] = first_here ? kept_in : index;
    assign len[c*LenWidth+:LenWidth]       = picked[c] ? pick_len_i[c*LenWidth+:LenWidth] : '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pointer_q <= '0;
    else if (accept_i)
      pointer_q[wish_class_o*PortWidth+:PortWidth] <=
          (wish_in_o == PortWidth'(Ports - 1)) ? '0 : wish_in_o + 1'b1;
  end

  class_scheduler #(
    .LenWidth(LenWidth),
    .QuantumWidth(QuantumWidth)
  ) u_classes (
    .clk_i,
    .rst_ni,
    .quantum_i,
    .len_i(len),
    .waiting_i(class_waiting),
    .accept_i,
    .valid_o(found),
    .class_o(wish_class_o)
  );

  assign wish_o             = found;
  assign wish_in_o          = pick_in[wish_class_o*PortWidth+:PortWidth];
  assign no_credit_o        = choosing && !found && (starved != '0);
  assign lost_arbitration_o = choosing && !accept_i && (found || (starved == '0));

  cyclic_range #(
    .Width(Ports),
    .IndexWidth(PortWidth)
  ) u_passed (
    .first_i(pointer_q[wish_class_o*PortWidth+:PortWidth]),
    .last_i(wish_in_o),
    .members_o(passed)
  );
  assign lose_here  = accept_i ? (waiting_q[wish_class_o*Ports+:Ports] & passed) : '0;
  assign lose_there = {4{lose_turn_i}} & lose_class_i;

  turn_counters #(
    .Ports(Ports),
    .PortWidth(PortWidth),
    .TurnWidth(TurnWidth)
  ) u_turns (
    .clk_i,
    .rst_ni,
    .patience_i,
    .lose_here_i(lose_here),
    .lose_here_class_i(wish_class_o),
    .lose_there_i(lose_there),
    .serve_i(accept_i),
    .serve_in_i(wish_in_o),
    .serve_class_i(wish_class_o),
    .serve_last_i(last_i),
    .urgent_o(urgent)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) hold_q <= 1'b0;
    else hold_q <= hold_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) crossing_q <= 1'b0;
    else if (accept_i) crossing_q <= 1'b1;
    else if (done_i) crossing_q <= 1'b0;
  end
endmodule
