// SPDX-License-Identifier: Apache-2.0
// Products by head: what latent attention absorbs.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>

#include "hw/base/error.h"
#include "hw/base/number_format.h"
#include "hw/program/sram_map.h"
#include "sim/kernel/attention_data.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {
namespace {

constexpr std::uint64_t kSeed = 22;
constexpr std::uint32_t kLine = 64;

/// out[row][head] = in[row][head] . w[head]: latents in and out of attention.
class Heads : public Case {
 public:
  Heads(const Parameters& p, const config::Board& board) : board_(board) {
    h_.rows = p.count("rows", 1, 256);
    h_.heads = p.count("heads", 1, 1024);
    h_.k = p.count("k", 1, 4096);
    h_.n = p.count("n", 1, 4096);
    h_.tile = std::min(p.count("tile", 1, 4096), h_.n);
    h_.dtype = h_.out_dtype = static_cast<std::uint32_t>(p.dtype("dtype"));
    h_.w_dtype = static_cast<std::uint32_t>(p.dtype("weights"));
    cores_ = p.count("cores", 1, board.aipu.cores);
    const std::uint32_t e = size_of(type());
    h_.in_head = h_.k * e;
    h_.in_row = h_.heads * h_.in_head;
    h_.out_head = h_.n * e;
    h_.out_row = h_.heads * h_.out_head;
    const bool fits = h_.rows * h_.tile * 4 <= HC_SRAM_ACC_BYTES &&
                      h_.rows * (h_.k + h_.tile) * e + kLine <= HC_SRAM_INPUT_BYTES / 2 &&
                      2 * slot() <= HC_SRAM_STREAM_BYTES;
    if (!fits) {
      throw ConfigError("tile", fmt::format("{} rows of {} columns, k = {}, do not fit a core",
                                            h_.rows, h_.tile, h_.k));
    }
  }

  void build(Builder& builder) override {
    h_.in = builder.shared(std::uint64_t{h_.rows} * h_.in_row).raw;
    h_.out = builder.shared(std::uint64_t{h_.rows} * h_.out_row).raw;
    h_.w = builder.hbm(std::uint64_t{h_.heads} * tiles() * slot()).raw;
    if (builder.functional()) {
      in_ = random_numbers(type(), std::uint64_t{h_.rows} * h_.heads * h_.k, kSeed, "in");
      w_ = random_numbers(weights(), std::uint64_t{h_.heads} * h_.k * h_.n, kSeed, "w");
      builder.write(0, Gaddr{h_.in}, in_);
      builder.write(0, Gaddr{h_.w}, packed());
    }
    hc_launch_t e{};
    e.kernel = HC_KERNEL_HEADS;
    e.core_count = e.phase_signals = cores_;
    e.args.heads = h_;
    builder.launch(0, e);
  }

  Expected expected() const override {
    const std::uint64_t units = std::uint64_t{h_.heads} * tiles();
    Expected e;
    e.commands = {{"load", units},
                  {"store", 2 * units + cores_},
                  {"tensor", units},
                  {"vector", units},
                  {"directcom", 0}};
    e.hbm_read = weight_bytes();
    e.hbm_written = 0;
    e.flops = 2ULL * h_.rows * h_.heads * h_.k * h_.n;
    return e;
  }

  std::map<std::string, double> bounds() const override {
    const tensor::Config& t = board_.aipu.tensor;
    const bool eight = size_of(type()) == 1 && size_of(weights()) == 1;
    const double products = static_cast<double>(t.array_m) * t.array_n *
                            (eight ? t.depth_8bit : t.depth_16bit) *
                            static_cast<double>(board_.aipu.clock.count) * board_.aipu.cores;
    return {{"hbm", static_cast<double>(weight_bytes()) /
                        static_cast<double>(hbm::peak_bytes_per_second(board_.aipu.hbm))},
            {"tensor", static_cast<double>(h_.rows) * h_.heads * h_.k * h_.n / products}};
  }

  /// Allowed: a chain of k terms in F32, and the rounding of the result.
  double error(const Reader& read) const override {
    const std::vector<std::uint8_t> out =
        read(0, Gaddr{h_.out}, std::uint64_t{h_.rows} * h_.out_row);
    double worst = 0;
    for (std::uint32_t r = 0; r < h_.rows; ++r) {
      for (std::uint32_t head = 0; head < h_.heads; ++head) {
        for (std::uint32_t c = 0; c < h_.n; ++c)
          worst = std::max(worst, one_error(out, r, head, c));
      }
    }
    return worst;
  }

 private:
  DType type() const { return static_cast<DType>(h_.dtype); }
  DType weights() const { return static_cast<DType>(h_.w_dtype); }
  std::uint32_t tiles() const { return parts_of(h_.n, h_.tile); }
  std::uint32_t slot() const {
    return parts_of(h_.k * h_.tile * size_of(weights()), kLine) * kLine;
  }
  std::uint64_t weight_bytes() const {
    return std::uint64_t{h_.heads} * h_.k * h_.n * size_of(weights());
  }

  std::vector<std::uint8_t> packed() const {
    std::vector<std::uint8_t> out(std::uint64_t{h_.heads} * tiles() * slot());
    const std::uint32_t e = size_of(weights());
    for (std::uint32_t head = 0; head < h_.heads; ++head) {
      for (std::uint32_t tile = 0; tile < tiles(); ++tile) {
        const std::uint32_t cols = std::min(h_.tile, h_.n - tile * h_.tile);
        for (std::uint32_t k = 0; k < h_.k; ++k) {
          const std::uint64_t from = ((std::uint64_t{head} * h_.k + k) * h_.n + tile * h_.tile) * e;
          const std::uint64_t to =
              (std::uint64_t{head} * tiles() + tile) * slot() + std::uint64_t{k} * cols * e;
          std::copy_n(w_.begin() + static_cast<std::ptrdiff_t>(from), cols * e,
                      out.begin() + static_cast<std::ptrdiff_t>(to));
        }
      }
    }
    return out;
  }

  double one_error(const std::vector<std::uint8_t>& out, std::uint32_t row, std::uint32_t head,
                   std::uint32_t col) const {
    const auto number = [](DType t, const std::vector<std::uint8_t>& from, std::uint64_t index) {
      return static_cast<double>(load_number(t, from.data() + index * size_of(t)));
    };
    const std::uint64_t at = std::uint64_t{row} * h_.heads + head;
    double exact = 0, sizes = 0;
    for (std::uint32_t k = 0; k < h_.k; ++k) {
      const double product = number(type(), in_, at * h_.k + k) *
                             number(weights(), w_, (std::uint64_t{head} * h_.k + k) * h_.n + col);
      exact += product;
      sizes += std::abs(product);
    }
    const double allowed = (h_.k + 1) * unit_roundoff(DType::kF32) * sizes +
                           unit_roundoff(type()) * std::abs(exact) + smallest_step(type());
    return std::abs(number(type(), out, at * h_.n + col) - exact) / allowed;
  }

  const config::Board board_;
  hc_heads_args_t h_{};
  std::uint32_t cores_ = 1;
  std::vector<std::uint8_t> in_, w_;
};

}  // namespace

std::vector<Kind> heads_kinds() {
  constexpr double kStream = 0.90;
  return {{"heads",
           "a product a head: absorbs queries into latents, or latents into values",
           {{"rows", "32", "rows"},
            {"heads", "128", "heads"},
            {"k", "128", "terms"},
            {"n", "512", "columns of a result"},
            {"tile", "128", "columns of a tile"},
            {"dtype", "bf16", "of inputs and results"},
            {"weights", "bf16", "of the weights"},
            {"cores", "32", "that take part"}},
           kStream,
           [](const Parameters& p, const config::Board& board) {
             return std::make_unique<Heads>(p, board);
           }}};
}

}  // namespace aipu::kernel
