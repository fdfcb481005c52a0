// SPDX-License-Identifier: Apache-2.0
// A FIFO with a registered output: the word that pop_i takes is at data_o from the next cycle until
// the next pop. Contract: at most Depth - 1 words are in it, and pop_i only without empty_o; a word
// is there from the cycle after its push. Registers move only with push_i or pop_i.
module fifo #(
  parameter Width = 8,
  parameter Depth = 16,     // a power of two
  parameter PlaceWidth = 4  // do not set: $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  input  logic             pop_i,
  output logic             empty_o,
  output logic [Width-1:0] data_o
);
  logic [Width-1:0]      data_mem [Depth];
  logic [Width-1:0]      out_q;
  logic [PlaceWidth-1:0] write_q;
  logic [PlaceWidth-1:0] read_q;

  assign empty_o = (write_q == read_q);
  assign data_o  = out_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
    end else begin
      if (push_i) write_q <= write_q + 1'b1;
      if (pop_i) read_q <= read_q + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (push_i) data_mem[write_q] <= data_i;
    if (pop_i) out_q <= data_mem[read_q];
  end
endmodule
