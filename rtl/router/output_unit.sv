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
  input  logic [2*Ports-1:0]        push_class_i,
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
  input  logic [Ports-1:0]          lose_turn_i,  // by input: its queue for this output
  input  logic [2*Ports-1:0]        lose_class_i,
  // Why it stands idle, for accounts.
  output logic                       no_credit_o,
  output logic                       lost_arbitration_o,
  output logic                       busy_o
);
  logic [4*Ports-1:0]     waiting_q, waiting_d;
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
  logic                   crossing_q;  // a packet is on its way from an input
  logic [PortWidth-1:0]   pointer_q [4];
  logic                   choosing;
  logic                   hold_q;

  assign free_o   = !crossing_q || done_i;
  assign choosing = free_o && (waiting_q != '0);
  assign busy_o   = crossing_q || (waiting_q != '0);

  assign ask_o     = choosing || (urgent != '0);
  assign urgent_o  = urgent;
  assign waiting_o = waiting_q;
  assign pick_o    = picked;
  assign pick_in_o = pick_in;

  always_comb begin
    waiting_d = waiting_q;
    if (accept_i && last_i) waiting_d[32'(wish_class_o)*Ports+32'(wish_in_o)] = 1'b0;
    if (push_i != '0) begin
      for (int i = 0; i < Ports; i++) begin
        if (push_i[i]) waiting_d[32'(push_class_i[2*i+:2])*Ports+i] = 1'b1;
      end
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) waiting_q <= '0;
    else if (accept_i || (push_i != '0)) waiting_q <= waiting_d;
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

  for (genvar c = 0; c < 4; c++) begin : gen_class
    logic                 keeps;
    logic                 first;  // the kept one goes before all others of its class
    logic [Ports-1:0]     mine;
    logic [Ports-1:0]     lacking;
    logic [Ports-1:0]     candidates;  // whose inputs are free
    logic                 some;
    logic [Ports-1:0]     ahead;
    logic [PortWidth-1:0] ahead_index;
    logic                 valid;
    logic [Ports-1:0]     onehot;
    logic [PortWidth-1:0] index;

    assign keeps = kept && (kept_class == 2'(c)) && free_in_i[kept_in];
    assign mine  = candidate_i[c*Ports+:Ports];
    assign first = keeps && mine[kept_in];
    if (c == 0) begin : gen_control
      assign candidates = mine & free_in_i;
    end else begin : gen_other
      assign candidates = mine & free_in_i & (~kept_in_i | (keeps ? keep_o : '0));
    end
    // The first lacks credit if one that does comes before every free one that could be taken.
    assign lacking    = mine & ~able_i[c*Ports+:Ports];
    assign starved[c] = ((urgent[c*Ports+:Ports] & ~able_i[c*Ports+:Ports]) != '0) ||
                        (!first && (candidates != '0) && ((ahead & lacking) != '0));
    rr_pick #(
      .Width(Ports),
      .IndexWidth(PortWidth)
    ) u_ahead (
      .request_i(candidates | lacking),
      .start_i(pointer_q[c]),
      .valid_o(some),
      .onehot_o(ahead),
      .index_o(ahead_index)
    );
    assign pointer_o[c*PortWidth+:PortWidth] = pointer_q[c];
    assign class_waiting[c] = (waiting_q[c*Ports+:Ports] != '0);

    rr_pick #(
      .Width(Ports),
      .IndexWidth(PortWidth)
    ) u_pick (
      .request_i(candidates & fair_i[c*Ports+:Ports]),
      .start_i(pointer_q[c]),
      .valid_o(valid),
      .onehot_o(onehot),
      .index_o(index)
    );
    logic unused;
    assign unused = (^onehot) ^ some ^ (^ahead_index);

    assign picked[c]                         = choosing && room_i && !hold_q && (first || valid);
    assign pick_in[c*PortWidth+:PortWidth]   = first ? kept_in : index;
    assign len[c*LenWidth+:LenWidth]         = picked[c] ? pick_len_i[c*LenWidth+:LenWidth] : '0;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) pointer_q[c] <= '0;
      else if (accept_i && (wish_class_o == 2'(c)))
        pointer_q[c] <= (wish_in_o == PortWidth'(Ports - 1)) ? '0 : wish_in_o + 1'b1;
    end
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
    .first_i(pointer_q[wish_class_o]),
    .last_i(wish_in_o),
    .members_o(passed)
  );
  assign lose_here = accept_i ? (waiting_q[wish_class_o*Ports+:Ports] & passed) : '0;

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
    .lose_there_i(lose_turn_i),
    .lose_there_class_i(lose_class_i),
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
