// SPDX-License-Identifier: Apache-2.0
// The one form of a cover property. Bins get their names from instance and label: tests/rtl/plan.yaml.
`ifndef AIPU_COVER_SVH
`define AIPU_COVER_SVH
`define AIPU_COVER(Label, Expression) Label: cover property (@(posedge clk_i) Expression);
`endif
