// SPDX-License-Identifier: Apache-2.0
// The one form of an assertion: holds at every rising edge, in reset too, of what was there before
// it. A break is told to the test bench by rule and place, which stops when it has the whole cycle.
`ifndef AIPU_RULE_SVH
`define AIPU_RULE_SVH
`define AIPU_PORT_RULE(Label, Id, Port, Property) \
  Label: assert property (@(posedge clk_i) Property) else sva_pkg::aipu_rule_broken(Id, `"Label`", Port);
`define AIPU_RULE(Label, Id, Property) `AIPU_PORT_RULE(Label, Id, -1, Property)
`endif
