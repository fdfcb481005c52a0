// SPDX-License-Identifier: Apache-2.0
// Between crossbar and link of one output. Without speed-up a register: the crossbar is as fast as
// the link. With a crossbar of two ticks a link cycle a FIFO of OutFlits, and the count of link
// cycles that are allotted to granted packets: flits leave in exactly those, Pipeline - 1 later.
//
// Ticks (speed-up 2): phase_i is low in the first tick of a link cycle. The pins change with it.
module output_link #(
  parameter FlitWidth = 128,
  parameter Speedup = 1,      // 1, 2
  parameter OutFlits = 66,    // with speed-up 2
  parameter Pipeline = 4,     // 4 or more
  parameter LenWidth = 7,
  parameter RoomWidth = 7     // do not set: wide enough for OutFlits and a packet
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 phase_i,
  input  logic                 grant_i,
  input  logic [LenWidth-1:0]  grant_len_i,
  input  logic [LenWidth-1:0]  longest_i,    // packet
  output logic                 room_o,       // for the longest packet: else short ones would be first
  input  logic                 valid_i,      // a flit from the crossbar
  input  logic                 mark_i,
  input  logic [FlitWidth-1:0] data_i,
  output logic                 valid_o,
  output logic                 mark_o,
  output logic [FlitWidth-1:0] data_o,
  output logic                 busy_o
);
  if (Speedup == 1) begin : gen_register
    logic unused;
    assign unused = phase_i ^ grant_i ^ (^grant_len_i) ^ (^longest_i);
    assign room_o = 1'b1;
    delay_line #(
      .Width(FlitWidth + 1),
      .Stages(Pipeline - 3)
    ) u_delay (
      .clk_i,
      .rst_ni,
      .valid_i,
      .data_i({mark_i, data_i}),
      .valid_o,
      .data_o({mark_o, data_o}),
      .busy_o
    );
  end else begin : gen_fifo
    localparam Depth = 1 << $clog2(OutFlits + Pipeline + 4);
    localparam PlaceWidth = $clog2(Depth);

    logic [RoomWidth-1:0]  backlog_q;  // link cycles allotted, this one included
    logic [RoomWidth-1:0]  backlog_d;
    logic [Pipeline-3:0]   allotted_q;  // the last cycles, newest first
    logic                  pop;
    logic                  empty;
    logic                  valid_q;

    assign room_o  = (backlog_q + RoomWidth'(longest_i) <= RoomWidth'(OutFlits));
    assign pop     = phase_i && allotted_q[Pipeline-3];
    assign valid_o = valid_q;
    assign busy_o  = (backlog_q != '0) || (allotted_q != '0) || valid_q || !empty;

    fifo #(
      .Width(FlitWidth + 1),
      .Depth(Depth),
      .PlaceWidth(PlaceWidth)
    ) u_flits (
      .clk_i,
      .rst_ni,
      .push_i(valid_i),
      .data_i({mark_i, data_i}),
      .pop_i(pop),
      .empty_o(empty),
      .data_o({mark_o, data_o})
    );

    always_comb begin
      backlog_d = backlog_q;
      if (phase_i && (backlog_q != '0)) backlog_d = backlog_d - 1'b1;
      if (grant_i) backlog_d = backlog_d + RoomWidth'(grant_len_i);
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        backlog_q  <= '0;
        allotted_q <= '0;
        valid_q    <= 1'b0;
      end else begin
        backlog_q <= backlog_d;
        if (phase_i) begin
          allotted_q <= {allotted_q[Pipeline-4:0], (backlog_q != '0)};
          valid_q    <= pop;
        end
      end
    end
  end
endmodule
