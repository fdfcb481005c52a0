// SPDX-License-Identifier: Apache-2.0
// One step of the 16-bit Galois LFSR x^16 + x^14 + x^13 + x^11 + 1, shifting right (period 65535; a
// state of zero stays). The register is the user's, who may chain several steps in a cycle.
module lfsr_step (
  input  logic [15:0] state_i,
  output logic [15:0] state_o
);
  assign state_o = {1'b0, state_i[15:1]} ^ (state_i[0] ? 16'hB400 : 16'h0000);
endmodule
