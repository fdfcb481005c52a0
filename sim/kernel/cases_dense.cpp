// SPDX-License-Identifier: Apache-2.0
// Matrix products: few rows (weights stream), many rows (blocks), and a list of experts.
#include <algorithm>

#include "hw/base/rng.h"
#include "sim/kernel/case.h"
#include "sim/kernel/dense_data.h"

namespace aipu::kernel {
namespace {

using workload::MatmulCounts;
using workload::MatmulShape;
using workload::MatmulTiling;

constexpr std::uint32_t kMost = 65536;
constexpr std::uint32_t kScaleBlock = 128;

std::uint64_t round_up(std::uint64_t n, std::uint64_t unit) {
  return (n + unit - 1) / unit * unit;
}

DType out_of(const Parameters& p) {
  const std::string word = p.word("out", {"f32", "bf16", "fp8", "int8", "int32"});
  return word == "int32" ? DType::kInt32 : p.dtype("out");
}

MatmulShape shape_of(const Parameters& p) {
  MatmulShape s;
  s.rows = p.count("rows", 1, kMost);
  s.k = p.count("k", 1, kMost);
  s.cols = p.count("cols", 1, kMost);
  s.dtype = p.dtype("dtype");
  s.out = out_of(p);
  s.pairs = p.word("swiglu", {"no", "yes"}) == "yes";
  const std::string scales = p.word("scales", {"none", "tensor", "channel", "block"});
  s.scaled_a = s.scaled_b = scales != "none";
  s.one_row_of_scales = scales == "tensor";
  s.scale_k = scales == "block" ? kScaleBlock : 0;
  s.scale_n = scales == "block" ? kScaleBlock : scales == "channel" ? 1 : 0;
  // INT8 results need a scale to mean something: sums are that much larger.
  if (size_of(s.out) == 1) s.out_scale = scales == "none" ? 0x1p-6F : 1.0F;
  return s;
}

/// "auto", or block_m x block_n x block_k x part_m as "512x256x256x128".
MatmulTiling tiling_of(const Parameters& p, const MatmulShape& shape, std::uint32_t cores,
                       std::uint32_t groups) {
  const std::vector<std::uint32_t> sizes = p.sizes("block", 4);
  if (sizes.empty()) return workload::tile_matmul(shape, cores, groups);
  return workload::cut_blocks(shape, sizes[0], sizes[1], sizes[2], sizes[3]);
}

/// Where the operands of a product lie.
struct Places {
  Gaddr a, scale_a, w, out;
  std::uint64_t a_stride = 0, out_stride = 0, scale_stride = 0;
};

/// What both kinds of case share: memory, launches, bounds.
class Dense : public Case {
 public:
  Dense(const Parameters& p, const config::Board& board, std::uint32_t groups = 0)
      : shape_(shape_of(p)),
        cores_(p.count("cores", 1, board.aipu.cores)),
        result_in_hbm_(p.word("result", {"shared", "hbm"}) == "hbm"),
        tiling_(tiling_of(p, shape_, cores_, groups)),
        board_(board) {}

  Expected expected() const override {
    const MatmulCounts c = counts();
    Expected e;
    e.commands = {
        {"load", c.loads}, {"store", c.stores}, {"tensor", c.products}, {"vector", c.vectors}};
    e.hbm_read = c.weights + c.table;
    e.hbm_written = result_in_hbm_ ? c.results : 0;
    e.flops = c.flops;
    return e;
  }

  /// Weights once however often they are read, and the results where they go there.
  std::map<std::string, double> bounds() const override {
    const MatmulCounts c = counts();
    const auto hbm = static_cast<double>(needed_weights() + (result_in_hbm_ ? c.results : 0));
    const tensor::Config& array = board_.aipu.tensor;
    const std::uint32_t depth = shape_.dtype == DType::kF32    ? array.depth_32bit
                                : shape_.dtype == DType::kBf16 ? array.depth_16bit
                                                               : array.depth_8bit;
    const double flops_per_cycle = 2.0 * array.array_m * array.array_n * depth * cores_;
    const auto clock = static_cast<double>(board_.aipu.clock.count);
    return {{"hbm", hbm / static_cast<double>(hbm::peak_bytes_per_second(board_.aipu.hbm))},
            {"tensor", static_cast<double>(c.flops) / flops_per_cycle / clock}};
  }

 protected:
  virtual MatmulCounts counts() const = 0;
  virtual std::uint64_t needed_weights() const = 0;

  /// Rows of A lie an odd number of interleaves apart where they are long: tiles of it, whose rows
  /// begin one such stride apart, then spread over all banks of the shared SRAM.
  std::uint64_t input_stride() const {
    const std::uint64_t row = std::uint64_t{shape_.k} * size_of(shape_.dtype);
    const std::uint64_t unit = board_.aipu.sram.bank_interleave.count;
    if (row < unit) return row;
    return (round_up(row, unit) / unit | 1U) * unit;
  }
  Places place(Builder& builder, std::uint64_t rows, std::uint64_t groups) const {
    Places at;
    at.a_stride = input_stride();
    at.out_stride = std::uint64_t{shape_.cols} * size_of(shape_.out);
    at.a = builder.shared(rows * at.a_stride);
    if (shape_.scaled_a) {
      const std::uint64_t row = tiling_.k_scales(shape_.k) * sizeof(float);
      at.scale_stride = shape_.one_row_of_scales ? 0 : row;
      at.scale_a = builder.shared(shape_.one_row_of_scales ? row : rows * row);
    }
    at.w = builder.hbm(tiling_.group_bytes() * groups);
    const std::uint64_t result = rows * at.out_stride;
    at.out = result_in_hbm_ ? builder.hbm(result) : builder.shared(result);
    return at;
  }
  hc_launch_t launch_of(const Places& at) const {
    hc_launch_t e{};
    e.kernel = HC_KERNEL_MATMUL;
    e.core_count = e.phase_signals = cores_;
    hc_matmul_args_t& a = e.args.matmul;
    a = tiling_.args();
    a.a = at.a.raw;
    a.w = at.w.raw;
    a.out = at.out.raw;
    a.scale_a = shape_.scaled_a ? at.scale_a.raw : 0;
    a.a_stride = static_cast<std::uint32_t>(at.a_stride);
    a.out_stride = static_cast<std::uint32_t>(at.out_stride);
    a.scale_a_stride = static_cast<std::uint32_t>(at.scale_stride);
    return e;
  }
  /// Operands of a group whose first row is `first`.
  void write_group(Builder& builder, const Product& p, const Places& at, std::uint64_t first,
                   std::uint64_t group) const {
    const std::uint64_t row = std::uint64_t{shape_.k} * size_of(shape_.dtype);
    for (std::uint64_t r = 0; r < p.a.rows; ++r)
      builder.write(0, Gaddr{at.a.raw + (first + r) * at.a_stride}, p.a.codes.data() + r * row,
                    row);
    if (shape_.scaled_a && (first == 0 || at.scale_stride != 0))
      builder.write(0, Gaddr{at.scale_a.raw + first * at.scale_stride}, p.scale_a.codes);
    builder.write(0, Gaddr{at.w.raw + group * tiling_.group_bytes()}, packed(p, tiling_));
  }
  double error_at(const Reader& read, const Product& p, const Places& at,
                  std::uint64_t first) const {
    const Gaddr from{at.out.raw + first * at.out_stride};
    return error_of(p, read(0, from, p.shape.rows * at.out_stride), at.out_stride);
  }

  const MatmulShape shape_;
  const std::uint32_t cores_;
  const bool result_in_hbm_;
  const MatmulTiling tiling_;
  const config::Board& board_;
};

class Matmul : public Dense {
 public:
  using Dense::Dense;

  void build(Builder& builder) override {
    at_ = place(builder, shape_.rows, 1);
    if (builder.functional()) {
      product_ = random_product(shape_, "matmul");
      write_group(builder, product_, at_, 0, 0);
    }
    builder.launch(0, launch_of(at_));
  }
  double error(const Reader& read) const override { return error_at(read, product_, at_, 0); }

 private:
  MatmulCounts counts() const override { return matmul_counts(tiling_, cores_); }
  std::uint64_t needed_weights() const override { return tiling_.packed_bytes(); }

  Places at_;
  Product product_;
};

/// Experts with a table of their rows; those with the number i x `idle` have none.
class Experts : public Dense {
 public:
  Experts(const Parameters& p, const config::Board& board) : Dense(p, board, experts_of(p)) {
    const std::uint32_t experts = experts_of(p);
    const std::uint32_t idle = p.count("idle", 0, experts);
    const bool even = p.word("spread", {"even", "random"}) == "even";
    Rng rng(1, "experts");
    for (std::uint32_t i = 0; i < experts; ++i) {
      const auto drawn = static_cast<std::uint32_t>(1 + rng.next() % shape_.rows);
      rows_.push_back(idle != 0 && i % idle == 0 ? 0 : even ? shape_.rows : drawn);
    }
  }

  void build(Builder& builder) override {
    std::vector<hc_arrival_t> table;
    std::uint32_t total = 0;
    for (const std::uint32_t rows : rows_) {
      table.push_back({rows, total});
      total += rows;
    }
    at_ = place(builder, std::max(total, 1U), rows_.size());
    const Gaddr at_table = builder.control(table.size() * sizeof(hc_arrival_t));
    builder.write(0, at_table, table);
    for (std::size_t i = 0; builder.functional() && i < rows_.size(); ++i) {
      if (rows_[i] == 0) continue;
      MatmulShape shape = shape_;
      shape.rows = rows_[i];
      Product p = random_product(shape, "expert" + std::to_string(i));
      // A scale that all rows share is one for all experts.
      if (shape_.one_row_of_scales && shape_.scaled_a && !products_.empty())
        p.scale_a = products_.front().product.scale_a;
      write_group(builder, p, at_, table[i].first, i);
      products_.push_back({table[i].first, std::move(p)});
    }
    hc_launch_t e = launch_of(at_);
    e.args.matmul.table = at_table.raw;
    e.args.matmul.groups = static_cast<std::uint32_t>(rows_.size());
    e.args.matmul.group_stride = static_cast<std::uint32_t>(tiling_.group_bytes());
    builder.launch(0, e);
  }
  double error(const Reader& read) const override {
    double worst = 0;
    for (const Placed& p : products_)
      worst = std::max(worst, error_at(read, p.product, at_, p.first));
    return worst;
  }

 private:
  static std::uint32_t experts_of(const Parameters& p) {
    return p.count("experts", 1, HC_MATMUL_MOST_GROUPS);
  }
  struct Placed {
    std::uint32_t first;
    Product product;
  };
  MatmulCounts counts() const override { return workload::grouped_counts(tiling_, rows_, cores_); }
  std::uint64_t needed_weights() const override {
    const auto busy =
        rows_.size() - static_cast<std::size_t>(std::count(rows_.begin(), rows_.end(), 0U));
    return busy * tiling_.packed_bytes();
  }

  std::vector<std::uint32_t> rows_;
  Places at_;
  std::vector<Placed> products_;
};

std::vector<Parameter> parameters(const char* rows, const char* k, const char* cols,
                                  const char* result) {
  return {{"rows", rows, "of the activations (of an expert, at most)"},
          {"k", k, "inner dimension"},
          {"cols", cols, "of the result"},
          {"dtype", "fp8", "of the operands: f32, bf16, fp8, int8"},
          {"out", "bf16", "of the result: these, or int32"},
          {"scales", "none", "none, tensor, channel (and a row of A), block (128 x 128, 1 x 128)"},
          {"swiglu", "no", "yes: silu(gate) x up of pairs of columns"},
          {"result", result, "where it goes: shared, hbm"},
          {"block", "auto", "MxNxKxP: blocks of M x N, k in steps of K, P rows a command"},
          {"cores", "32", "that take part"}};
}

std::vector<Parameter> of_experts() {
  std::vector<Parameter> list = parameters("8", "2048", "2048", "shared");
  list.push_back({"experts", "16", "in the table"});
  list.push_back({"idle", "0", "every so manieth expert has no rows; 0: none"});
  list.push_back({"spread", "random", "rows of the others: even, or random up to `rows`"});
  return list;
}

template <typename T>
std::unique_ptr<Case> make(const Parameters& p, const config::Board& board) {
  return std::make_unique<T>(p, board);
}

}  // namespace

std::vector<Kind> dense_kinds() {
  return {{"gemv", "few rows: weights stream through the cores once",
           parameters("1", "8192", "8192", "shared"), 0.9, make<Matmul>},
          {"gemm", "many rows: blocks of the result stay in the cores",
           parameters("4096", "4096", "4096", "hbm"), 0.8, make<Matmul>},
          {"experts", "grouped products: rows and weights of each expert by a table", of_experts(),
           0.9, make<Experts>}};
}

}  // namespace aipu::kernel
