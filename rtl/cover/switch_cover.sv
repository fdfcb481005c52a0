// SPDX-License-Identifier: Apache-2.0
// All cover properties of a switch. Instances of one module share their points in Verilator, so
// they look from here, a copy of each for every port.
module switch_cover #(
  parameter Ports = 4,
  parameter PortWidth = 2,
  parameter LenWidth = 7,
  parameter Depth = 2048,
  parameter SlotWidth = 11,
  parameter Speedup = 1
) (
  input logic clk_i,
  input logic rst_ni
);
  for (genvar i = 0; i < Ports; i++) begin : in
    accept_arbiter_cover #(
      .Ports(Ports)
    ) accept (
      .clk_i,
      .wish_i(gen_in[i].u_input.u_accept.wish_i),
      .wish_class_i(gen_in[i].u_input.u_accept.wish_class_i),
      .accept_o(gen_in[i].u_input.u_accept.accept_o),
      .accept_class_o(gen_in[i].u_input.u_accept.accept_class_o),
      .lose_turn_o(gen_in[i].u_input.u_accept.lose_turn_o)
    );
    packet_lists_cover #(
      .Queues(4 * Ports),
      .QueueWidth(PortWidth + 2)
    ) lists (
      .clk_i,
      .append_i(gen_in[i].u_input.u_lists.append_i),
      .append_queue_i(gen_in[i].u_input.u_lists.append_queue_i),
      .remove_i(gen_in[i].u_input.u_lists.remove_i),
      .remove_queue_i(gen_in[i].u_input.u_lists.remove_queue_i),
      .last_o(gen_in[i].u_input.u_lists.last_o),
      .waiting_o(gen_in[i].u_input.u_lists.waiting_o)
    );
    slot_stack_cover #(
      .Depth(Depth),
      .SlotWidth(SlotWidth)
    ) slots (
      .clk_i,
      .rst_ni,
      .take_i(gen_in[i].u_input.u_store.u_slots.take_i),
      .give_i(gen_in[i].u_input.u_store.u_slots.give_i)
    );
  end
  for (genvar o = 0; o < Ports; o++) begin : out
    output_unit_cover #(
      .Ports(Ports),
      .PortWidth(PortWidth)
    ) choice (
      .clk_i,
      .waiting_o(gen_out[o].u_output.waiting_o),
      .urgent_o(gen_out[o].u_output.urgent_o),
      .able_i(gen_out[o].u_output.able_i),
      .fair_i(gen_out[o].u_output.fair_i),
      .keep_o(gen_out[o].u_output.keep_o),
      .free_in_i(gen_out[o].u_output.free_in_i),
      .wish_o(gen_out[o].u_output.wish_o),
      .wish_in_o(gen_out[o].u_output.wish_in_o),
      .wish_class_o(gen_out[o].u_output.wish_class_o),
      .accept_i(gen_out[o].u_output.accept_i),
      .no_credit_o(gen_out[o].u_output.no_credit_o),
      .lost_arbitration_o(gen_out[o].u_output.lost_arbitration_o)
    );
    class_scheduler_cover #(
      .LenWidth(LenWidth)
    ) classes (
      .clk_i,
      .rst_ni,
      .len_i(gen_out[o].u_output.u_classes.len_i),
      .waiting_i(gen_out[o].u_output.u_classes.waiting_i),
      .accept_i(gen_out[o].u_output.u_classes.accept_i),
      .class_o(gen_out[o].u_output.u_classes.class_o)
    );
    kept_pick_cover #(
      .Ports(Ports)
    ) kept (
      .clk_i,
      .able_i(gen_out[o].u_output.u_kept.able_i),
      .serve_i(gen_out[o].u_output.u_kept.serve_i),
      .valid_o(gen_out[o].u_output.u_kept.valid_o)
    );
    output_link_cover #(
      .Speedup(Speedup)
    ) link (
      .clk_i,
      .grant_i(gen_out[o].u_link.grant_i),
      .room_o(gen_out[o].u_link.room_o),
      .valid_i(gen_out[o].u_link.valid_i),
      .valid_o(gen_out[o].u_link.valid_o)
    );
  end
endmodule

bind directcom_switch switch_cover #(
  .Ports(Ports),
  .PortWidth(PortWidth),
  .LenWidth(LenWidth),
  .Depth(Depth),
  .SlotWidth(SlotWidth),
  .Speedup(Speedup)
) u_cover (
  .clk_i,
  .rst_ni
);
