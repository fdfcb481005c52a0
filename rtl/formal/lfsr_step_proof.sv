// SPDX-License-Identifier: Apache-2.0
// Proved: a step is linear, only zero goes to zero, and state 1 comes back after 65535 steps and not
// before (that number would divide 65535 = 3 x 5 x 17 x 257): it passes all states but zero. Steps
// are powers of a matrix, constants that Yosys folds.
module lfsr_step_proof (
  input logic [15:0] state_i,
  input logic [15:0] other_i
);
  logic [15:0] step, other_step, sum_step;
  lfsr_step u_step (.state_i, .state_o(step));
  lfsr_step u_other (.state_i(other_i), .state_o(other_step));
  lfsr_step u_sum (.state_i(state_i ^ other_i), .state_o(sum_step));

  // matrix[k]: column b is where bit b alone goes in 2^k steps.
  function [15:0] times(input [255:0] matrix, input [15:0] vector);
    times = '0;
    for (int b = 0; b < 16; b++) times = times ^ ({16{vector[b]}} & matrix[16*b+:16]);
  endfunction
  logic [255:0] matrix [16];
  for (genvar b = 0; b < 16; b++) begin : gen_first
    lfsr_step u_column (.state_i(16'd1 << b), .state_o(matrix[0][16*b+:16]));
    for (genvar k = 1; k < 16; k++) begin : gen_square
      assign matrix[k][16*b+:16] = times(matrix[k-1], matrix[k-1][16*b+:16]);
    end
  end

  // The last of walk[n]: state 1 after Steps[n] steps.
  localparam [5*16-1:0] Steps = {16'd65535, 16'd21845, 16'd13107, 16'd3855, 16'd255};
  logic [15:0] walk [5*17];
  for (genvar n = 0; n < 5; n++) begin : gen_walk
    assign walk[17*n] = 16'd1;
    for (genvar k = 0; k < 16; k++) begin : gen_power
      assign walk[17*n+k+1] = Steps[16*n+k] ? times(matrix[k], walk[17*n+k]) : walk[17*n+k];
    end
    if (n < 4) begin : gen_divisor
      always_comb assert (walk[17*n+16] != 16'd1);
    end
  end
  always_comb begin
    Linear: assert ((step ^ other_step) == sum_step);
    NeverZero: assert (state_i == '0 || step != '0);
    Back: assert (walk[17*4+16] == 16'd1);
  end
endmodule
