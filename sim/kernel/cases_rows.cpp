// SPDX-License-Identifier: Apache-2.0
// Row operations over a matrix in HBM: every byte is read or written once.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/number_format.h"
#include "hw/program/sram_map.h"
#include "sim/kernel/case.h"
#include "sim/kernel/row_reference.h"

namespace aipu::kernel {
namespace {

constexpr std::uint32_t kTile = 64U << 10U;  // bytes that a tile aims at
constexpr std::uint32_t kTilesInRing = 4;    // at least
constexpr std::uint32_t kTilesOfCore = 4;    // at least, where it has the rows
constexpr std::uint32_t kGroup = 128;        // columns that share a scale

float largest_of(DType type) {
  return type == DType::kInt8 ? 127.0F : 448.0F;
}

/// What the cases share: one matrix in, one out, rows dealt to cores in tiles.
class RowCase : public Case {
 public:
  RowCase(const Parameters& p, const config::Board& board)
      : rows_(p.count("rows", 1, 1U << 24U)),
        cols_(p.count("cols", 1, vector::kMaxCols)),
        cores_(p.count("cores", 1, board.aipu.cores)),
        in_(p.dtype("in")),
        out_(p.dtype("out")),
        board_(board) {
    args_.rows = rows_;
    args_.cols = cols_;
    args_.dtype_src0 = static_cast<std::uint32_t>(in_);
    args_.dtype_dst = static_cast<std::uint32_t>(out_);
    args_.src0_stride = cols_ * size_of(in_);
    args_.dst_stride = cols_ * size_of(out_);
  }

  void build(Builder& builder) override {
    input_ = random_numbers(in_, std::uint64_t{rows_} * cols_, 1);
    args_.src0 = builder.hbm(input_.size()).raw;
    builder.write(0, Gaddr{args_.src0}, input_);
    args_.dst = builder.hbm(std::uint64_t{rows_} * args_.dst_stride).raw;
    operands(builder);
    choose_block();
    hc_launch_t e{};
    e.kernel = HC_KERNEL_ROWS;
    e.core_count = e.phase_signals = cores_;
    e.args.row_op = args_;
    builder.launch(0, e);
  }

  Expected expected() const override {
    std::uint64_t tiles = 0, at_work = 0, src1_rows = 0;
    for_each_core([&](std::uint32_t begin, std::uint32_t end) {
      at_work += begin != end;
      for (std::uint32_t first = begin; first < end; first += args_.block_rows, ++tiles)
        src1_rows += rows_of_src1(std::min(args_.block_rows, end - first));
    });
    const bool own_src1 = args_.src1_kind == HC_ROWS_STREAMED || args_.src1_kind == HC_ROWS_GROUPED;
    const bool shared = args_.src1_kind == HC_ROWS_SHARED;
    Expected e;
    // A fence ends the share of a core.
    const std::uint64_t stores = tiles * (args_.out_cols != 0 ? 2U : 1U) + cores_;
    e.commands = {{"load", tiles * (own_src1 ? 2U : 1U)},
                  {"store", stores + (shared ? at_work : 0)},
                  {"vector", tiles},
                  {"tensor", 0}};
    if (shared) src1_rows = at_work * args_.src1_rows;
    e.hbm_read = std::uint64_t{rows_} * args_.src0_stride + src1_rows * args_.src1_stride;
    e.hbm_written = std::uint64_t{rows_} * (args_.dst_stride + args_.out_cols * sizeof(float));
    return e;
  }

  std::map<std::string, double> bounds() const override {
    const Expected e = expected();
    const auto bytes = static_cast<double>(*e.hbm_read + *e.hbm_written);
    const vector::Config& v = board_.aipu.vector;
    const double cycles = static_cast<double>(board_.aipu.clock.count) * cores_;
    return {{"hbm", bytes / static_cast<double>(hbm::peak_bytes_per_second(board_.aipu.hbm))},
            {"special", special() / (v.special_per_cycle * cycles)},
            {"sram", bytes / (static_cast<double>(v.sram_per_cycle.count) * cycles)}};
  }

 protected:
  /// Places what else the operation needs and completes the arguments.
  virtual void operands(Builder& builder) = 0;
  /// Special functions of the whole matrix.
  virtual double special() const = 0;

  Numbers result_row(const std::vector<std::uint8_t>& bytes, std::uint32_t row) const {
    return read_numbers(out_, bytes.data() + std::uint64_t{row} * args_.dst_stride, cols_);
  }
  Numbers input_row(std::uint32_t row) const {
    return read_numbers(in_, input_.data() + std::uint64_t{row} * args_.src0_stride, cols_);
  }
  std::vector<std::uint8_t> read_result(const Reader& read) const {
    return read(0, Gaddr{args_.dst}, std::uint64_t{rows_} * args_.dst_stride);
  }

  const std::uint32_t rows_, cols_, cores_;
  const DType in_, out_;
  const config::Board board_;
  hc_rows_args_t args_{};
  std::vector<std::uint8_t> input_;

 private:
  std::uint32_t rows_of_src1(std::uint32_t rows) const {
    if (args_.src1_kind == HC_ROWS_STREAMED) return rows;
    if (args_.src1_kind != HC_ROWS_GROUPED) return 0;
    return (rows + args_.src1_rows - 1) / args_.src1_rows;
  }

  /// Rows of each core, as firmware deals them in units of tiles.
  template <typename Visit>
  void for_each_core(Visit visit) const {
    const std::uint32_t unit = args_.block_rows, units = (rows_ + unit - 1) / unit;
    for (std::uint32_t core = 0; core < cores_; ++core)
      visit(std::min(units * core / cores_ * unit, rows_),
            std::min(units * (core + 1) / cores_ * unit, rows_));
  }

  /// Rows of a tile.
  void choose_block() {
    const std::uint64_t row = std::uint64_t{args_.src0_stride} + args_.out_cols * sizeof(float) +
                              (args_.src1_kind == HC_ROWS_STREAMED ? args_.src1_stride : 0) +
                              (size_of(out_) > size_of(in_) ? args_.dst_stride : 0);
    const std::uint64_t shared = std::uint64_t{args_.src1_rows} * args_.src1_stride;
    const std::uint64_t group = args_.src1_kind == HC_ROWS_GROUPED ? args_.src1_stride : 0;
    if ((row + group) * kTilesInRing > HC_SRAM_STREAM_BYTES ||
        (args_.src1_kind == HC_ROWS_SHARED && shared > HC_SRAM_INPUT_BYTES)) {
      throw ConfigError(fmt::format("--with cols={}", cols_),
                        fmt::format("{} rows do not fit the {} bytes of the stream ring",
                                    kTilesInRing, HC_SRAM_STREAM_BYTES));
    }
    const std::uint32_t share = (rows_ + cores_ * kTilesOfCore - 1) / (cores_ * kTilesOfCore);
    args_.block_rows = std::clamp(static_cast<std::uint32_t>(kTile / row), 1U, share);
    if (args_.src1_kind != HC_ROWS_GROUPED) return;
    // The largest power of two: it divides the group, or is a multiple of it.
    while ((args_.block_rows & (args_.block_rows - 1)) != 0)
      args_.block_rows &= args_.block_rows - 1;
  }
};

/// Operations of the table.
class RowOpCase : public RowCase {
 public:
  RowOpCase(const RowOperation& operation, const Parameters& p, const config::Board& board)
      : RowCase(p, board), op_(operation) {}

  double error(const Reader& read) const override {
    const std::vector<std::uint8_t> bytes = read_result(read);
    double worst = 0;
    for (std::uint32_t r = 0; r < rows_; ++r) {
      const Numbers actual = result_row(bytes, r);
      const RowResult wanted = op_.reference(input_row(r), src1_of(r), op_);
      for (std::uint32_t i = 0; i < cols_; ++i) {
        const double most = std::abs(wanted.value[i]) + wanted.error[i];
        const double bound = wanted.error[i] + half_unit(out_, most);
        const double off = std::abs(actual[i] - wanted.value[i]) / bound;
        worst = std::max(worst, std::isnan(off) ? HUGE_VAL : off);
      }
    }
    return worst;
  }

 protected:
  void operands(Builder& builder) override {
    args_.opcode = static_cast<std::uint32_t>(op_.opcode);
    args_.imm0 = float_bits(op_.imm0);
    args_.src1_kind = op_.src1;
    args_.src1_rows = op_.src1_rows;
    std::uint64_t rows = op_.src1_rows;
    args_.src1_cols = cols_;
    src1_type_ = DType::kF32;
    if (op_.src1 == HC_ROWS_NONE) return;
    if (op_.src1 == HC_ROWS_STREAMED) {
      rows = rows_;
      src1_type_ = in_;
    }
    if (op_.src1 == HC_ROWS_GROUPED) {
      rows = (rows_ + op_.src1_rows - 1) / op_.src1_rows;
    }
    if (op_.opcode == vector::Opcode::kDequantize) {
      args_.src1_cols = (cols_ + kGroup - 1) / kGroup;
      args_.param0 = kGroup;
      args_.param1 = op_.src1_rows;
    }
    if (op_.opcode == vector::Opcode::kRope) args_.param0 = op_.src1_rows;
    args_.add_src1 = op_.opcode == vector::Opcode::kLayernorm;
    args_.dtype_src1 = static_cast<std::uint32_t>(src1_type_);
    args_.src1_stride = args_.src1_cols * size_of(src1_type_);
    src1_ = random_numbers(src1_type_, rows * args_.src1_cols, 2);
    args_.src1 = builder.hbm(src1_.size()).raw;
    builder.write(0, Gaddr{args_.src1}, src1_);
  }
  double special() const override { return op_.special * rows_ * cols_; }

 private:
  Numbers src1_of(std::uint32_t row) const {
    if (op_.src1 == HC_ROWS_NONE) return {};
    const bool shared = op_.src1 == HC_ROWS_SHARED;
    const std::uint64_t from = shared                         ? 0
                               : op_.src1 == HC_ROWS_STREAMED ? row
                                                              : row / op_.src1_rows;
    return read_numbers(src1_type_, src1_.data() + from * args_.src1_stride,
                        std::uint64_t{args_.src1_cols} * (shared ? op_.src1_rows : 1));
  }

  const RowOperation& op_;
  DType src1_type_ = DType::kF32;
  std::vector<std::uint8_t> src1_;
};

/// Scales come out as well; numbers are compared with x / scale as it came out.
class QuantizeCase : public RowCase {
 public:
  QuantizeCase(const Parameters& p, const config::Board& board)
      : RowCase(p, board), group_(p.count("group", 0, vector::kMaxCols)) {}

  double error(const Reader& read) const override {
    const std::vector<std::uint8_t> bytes = read_result(read);
    const std::uint64_t scale_bytes = std::uint64_t{rows_} * args_.out_stride;
    const std::vector<std::uint8_t> scales = read(0, Gaddr{args_.out}, scale_bytes);
    double worst = 0;
    for (std::uint32_t r = 0; r < rows_; ++r) {
      const Numbers s = read_numbers(
          DType::kF32, scales.data() + std::uint64_t{r} * args_.out_stride, args_.out_cols);
      worst = std::max(worst, error_of(input_row(r), result_row(bytes, r), s));
    }
    return worst;
  }

 protected:
  void operands(Builder& builder) override {
    args_.opcode = static_cast<std::uint32_t>(vector::Opcode::kQuantize);
    args_.imm0 = float_bits(largest_of(out_));
    args_.param0 = group_;
    args_.out_cols = (cols_ + width() - 1) / width();
    args_.out_stride = args_.out_cols * sizeof(float);
    args_.out = builder.hbm(std::uint64_t{rows_} * args_.out_stride).raw;
  }
  double special() const override { return static_cast<double>(rows_) * args_.out_cols; }

 private:
  std::uint32_t width() const { return group_ == 0 ? cols_ : std::min(group_, cols_); }

  double error_of(const Numbers& x, const Numbers& q, const Numbers& scales) const {
    constexpr double kUnit = 0x1p-24;
    double worst = 0;
    for (std::size_t g = 0; g < scales.size(); ++g) {
      const std::size_t begin = g * width(), end = std::min<std::size_t>(cols_, begin + width());
      double most = 0;
      for (std::size_t i = begin; i < end; ++i)
        most = std::max(most, std::abs(x[i]));
      const double scale = most / largest_of(out_);
      worst = std::max(worst, std::abs(scales[g] - scale) / (2 * kUnit * scale));
      for (std::size_t i = begin; i < end; ++i) {
        const double wanted = x[i] / scales[g];
        const double divided = kUnit * std::abs(wanted);  // the division rounds as well
        const double bound = divided + half_unit(out_, std::abs(wanted) + divided);
        worst = std::max(worst, std::abs(q[i] - wanted) / bound);
      }
    }
    return worst;
  }

  const std::uint32_t group_;
};

std::vector<Parameter> parameters_of(const char* rows, const char* cols, DType in, DType out) {
  const auto name = [](DType type) { return type == DType::kBf16 ? "bf16" : "fp8"; };
  return {{"rows", rows, "rows of the matrix"},
          {"cols", cols, "its columns"},
          {"in", name(in), "format of the operands: f32, bf16, fp8, int8"},
          {"out", name(out), "format of the result"},
          {"cores", "32", "that take part"}};
}

}  // namespace

std::vector<Kind> row_kinds() {
  constexpr double kBar = 0.75;
  std::vector<Kind> kinds;
  for (const RowOperation& op : row_operations()) {
    const bool heads = op.opcode == vector::Opcode::kRope;
    kinds.push_back(
        {op.name, op.help,
         parameters_of(heads ? "131072" : "4096", heads ? "128" : "4096", op.in, op.out), kBar,
         [&op](const Parameters& p, const config::Board& board) {
           return std::make_unique<RowOpCase>(op, p, board);
         }});
  }
  Kind quantize{"quantize", "to FP8 or INT8, a scale for each group of a row",
                parameters_of("4096", "4096", DType::kBf16, DType::kFp8E4m3), kBar,
                [](const Parameters& p, const config::Board& board) {
                  return std::make_unique<QuantizeCase>(p, board);
                }};
  quantize.parameters.push_back({"group", "128", "columns that share a scale; 0: a row"});
  kinds.push_back(std::move(quantize));
  return kinds;
}

}  // namespace aipu::kernel
