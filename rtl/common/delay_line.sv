// SPDX-License-Identifier: Apache-2.0
// A word, Stages cycles later; 0 stages are wires. Data move only with their valid bit.
module delay_line #(
  parameter Width = 8,
  parameter Stages = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             valid_i,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  output logic [Width-1:0] data_o,
  output logic             busy_o  // something is between input and output
);
  if (Stages == 0) begin : gen_wires
    logic unused;
    assign unused  = clk_i ^ rst_ni;
    assign valid_o = valid_i;
    assign data_o  = data_i;
    assign busy_o  = 1'b0;
  end else begin : gen_stages
    logic [Stages-1:0] valid_q;
    for (genvar s = 0; s < Stages; s++) begin : gen_stage
      logic [Width-1:0] data_q;
      logic [Width-1:0] data_d;
      logic             valid_d;
      if (s == 0) begin : gen_first
        assign valid_d = valid_i;
        assign data_d  = data_i;
      end else begin : gen_next
        assign valid_d = valid_q[s-1];
        assign data_d  = gen_stage[s-1].data_q;
      end
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) valid_q[s] <= 1'b0;
        else valid_q[s] <= valid_d;
      end
      always_ff @(posedge clk_i) begin
        if (valid_d) data_q <= data_d;
      end
    end
    assign valid_o = valid_q[Stages-1];
    assign data_o  = gen_stage[Stages-1].data_q;
    assign busy_o  = |valid_q;
  end
endmodule
