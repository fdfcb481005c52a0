// SPDX-License-Identifier: Apache-2.0
// Tokens drawn from logits: the best columns of every core, merged, one draw a row.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/number_format.h"
#include "hw/program/sram_map.h"
#include "hw/vector/cost.h"
#include "sim/kernel/case.h"
#include "sim/kernel/row_reference.h"

namespace aipu::kernel {
namespace {

constexpr std::uint32_t kUnit = 8;         // columns are dealt in these
constexpr std::uint32_t kPair = 8;         // bytes
constexpr std::uint32_t kMostDraws = 128;  // rows of a block of the kernel
constexpr double kPercent = 0.01;

/// The random number of a row, by the description of firmware/rt/random.h: of [0, 1).
double uniform(std::uint64_t seed, std::uint32_t position, std::uint32_t row) {
  constexpr std::uint64_t kWord = 0xFFFF'FFFFULL;
  std::uint64_t hash = 0;
  for (const std::uint64_t word :
       {seed & kWord, seed >> 32U, std::uint64_t{position}, std::uint64_t{row}}) {
    hash = ((hash ^ word) + 0x9E37'79B9U) & kWord;
    hash = ((hash ^ hash >> 16U) * 0x85EB'CA6BU) & kWord;
    hash = ((hash ^ hash >> 13U) * 0xC2B2'AE35U) & kWord;
    hash ^= hash >> 16U;
  }
  return static_cast<double>(hash >> 9U) * 0x1p-23;
}

class Sample : public Case {
 public:
  Sample(const Parameters& p, const config::Board& board)
      : rows_(p.count("rows", 1, 4096)),
        cols_(p.count("cols", 1, 1U << 20U)),
        kept_(p.count("kept", 1, vector::kMaxResults)),
        cores_(p.count("cores", 1, board.aipu.cores)),
        top_p_(static_cast<float>(p.count("top_p", 1, 100) * kPercent)),
        cold_(static_cast<float>(1 / (p.count("temperature", 1, 10'000) * kPercent))),
        seed_(p.count("seed", 0, ~0U)),
        type_(p.dtype("in")),
        board_(board) {
    if (rows_ * kept_ * kPair > HC_SRAM_SEND_BYTES ||
        cores_ * kept_ * kPair > HC_SRAM_INPUT_BYTES) {
      throw ConfigError(fmt::format("--with kept={}", kept_),
                        fmt::format("the lists of {} rows do not fit {} bytes, or those of {} "
                                    "cores {} bytes",
                                    rows_, HC_SRAM_SEND_BYTES, cores_, HC_SRAM_INPUT_BYTES));
    }
  }

  void build(Builder& builder) override {
    logits_ = random_numbers(type_, std::uint64_t{rows_} * cols_, 3);
    const Gaddr logits = builder.hbm(logits_.size());
    const Gaddr lists = builder.shared(std::uint64_t{cores_} * rows_ * kept_ * kPair);
    const Gaddr ids = builder.hbm(std::uint64_t{rows_} * 4);
    pairs_ = builder.hbm(std::uint64_t{rows_} * kPair);
    builder.write(0, logits, logits_);
    hc_launch_t top{};
    top.kernel = HC_KERNEL_TOP_K;
    top.core_count = top.gather_signals = cores_;
    top.args.top_k = {logits.raw,
                      lists.raw,
                      rows_,
                      cols_,
                      cols_ * size_of(type_),
                      static_cast<std::uint32_t>(type_),
                      kUnit,
                      kept_,
                      0,
                      0,
                      1,
                      0};
    builder.launch(0, top);
    hc_launch_t draw{};
    draw.kernel = HC_KERNEL_DRAW;
    draw.core_count = draw.phase_signals = cores_;
    draw.args.draw = {lists.raw, ids.raw,           pairs_.raw,         rows_, cores_, kept_, seed_,
                      0,         float_bits(cold_), float_bits(top_p_), 0};
    builder.launch(0, draw);
  }

  Expected expected() const override {
    std::uint64_t loads = 0, stores = 0, vectors = 0;
    for (std::uint32_t core = 0; core < cores_; ++core) {
      const std::uint32_t columns = columns_of(core);
      const std::uint32_t row = columns * size_of(type_);
      const std::uint32_t block = row == 0 ? 0 : std::min(rows_, HC_TOP_K_TILE / row + 1);
      const std::uint32_t tiles = row == 0 ? 0 : (rows_ + block - 1) / block;
      loads += tiles;
      vectors += tiles;
      stores += row == 0 ? 2 : 1;  // the list, or first one of nothing
      const std::uint32_t own = rows_ * (core + 1) / cores_ - rows_ * core / cores_;
      const std::uint32_t draws =
          std::min(kMostDraws, HC_SRAM_INPUT_BYTES / (cores_ * kept_ * kPair));
      const std::uint32_t blocks = (own + draws - 1) / draws;
      vectors += 2ULL * blocks;
      stores += 3ULL * blocks + 1;  // lists in; ids and pairs out; the fence
    }
    Expected e;
    e.commands = {{"load", loads}, {"store", stores}, {"vector", vectors}, {"tensor", 0}};
    e.hbm_read = logits_.size();
    e.hbm_written = std::uint64_t{rows_} * (4 + kPair);
    return e;
  }

  std::map<std::string, double> bounds() const override {
    const double peak = static_cast<double>(hbm::peak_bytes_per_second(board_.aipu.hbm));
    const std::uint64_t sort = vector::sort_cycles(rows_, columns_of(0), kept_, board_.aipu.vector);
    return {{"hbm", static_cast<double>(logits_.size()) / peak},
            {"vector", static_cast<double>(sort) / static_cast<double>(board_.aipu.clock.count)}};
  }

  double error(const Reader& read) const override {
    const std::vector<std::uint8_t> pairs = read(0, pairs_, std::uint64_t{rows_} * kPair);
    double worst = 0;
    for (std::uint32_t r = 0; r < rows_; ++r) {
      std::uint32_t id = 0;
      std::memcpy(&id, pairs.data() + r * kPair + 4, sizeof id);
      worst = std::max(worst, row_error(r, load_number(DType::kF32, pairs.data() + r * kPair), id));
    }
    return worst;
  }

 private:
  std::uint32_t columns_of(std::uint32_t core) const {
    const std::uint32_t units = (cols_ + kUnit - 1) / kUnit;
    const auto border = [&](std::uint32_t i) {
      return std::min(units * i / cores_ * kUnit, cols_);
    };
    return border(core + 1) - border(core);
  }

  /// How far the draw lies outside the interval of the token that came out, and its probability
  /// from what it should be, as parts of what F32 sums of `kept` weights may be off.
  double row_error(std::uint32_t row, double probability, std::uint32_t id) const {
    const Numbers x =
        read_numbers(type_, logits_.data() + std::uint64_t{row} * cols_ * size_of(type_), cols_);
    std::vector<std::uint32_t> order(cols_);
    for (std::uint32_t i = 0; i < cols_; ++i)
      order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&x](std::uint32_t a, std::uint32_t b) { return x[a] > x[b]; });
    order.resize(std::min(kept_, cols_));
    Numbers sums{0};
    for (const std::uint32_t i : order)
      sums.push_back(sums.back() + std::exp((x[i] - x[order[0]]) * cold_));
    std::size_t last = 1;
    while (last + 1 < sums.size() && sums[last] < static_cast<double>(top_p_) * sums.back())
      ++last;
    const auto found =
        std::find(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(last), id);
    if (found == order.begin() + static_cast<std::ptrdiff_t>(last)) return HUGE_VAL;
    const auto place = static_cast<std::size_t>(found - order.begin());
    const double nucleus = sums[last], drawn = uniform(seed_, 0, row) * nucleus;
    const double spread = (x[order[0]] - x[order.back()]) * cold_;
    const double allowed = (kept_ + 8 + 2 * spread) * 0x1p-24;  // of the sum
    const double outside = std::max({0.0, sums[place] - drawn, drawn - sums[place + 1]}) / nucleus;
    const double share = (sums[place + 1] - sums[place]) / nucleus;
    return std::max(outside, std::abs(probability - share)) / allowed;
  }

  const std::uint32_t rows_, cols_, kept_, cores_;
  const float top_p_, cold_;
  const std::uint32_t seed_;
  const DType type_;
  const config::Board board_;
  std::vector<std::uint8_t> logits_;
  Gaddr pairs_{};
};

}  // namespace

std::vector<Kind> sampling_kinds() {
  return {{"sample",
           "draws tokens by temperature, top-k and top-p from logits",
           {{"rows", "16", "sequences"},
            {"cols", "128256", "tokens of the vocabulary"},
            {"kept", "64", "best that may be drawn; 1: greedy"},
            {"top_p", "90", "percent"},
            {"temperature", "80", "percent"},
            {"seed", "1", "of the draws"},
            {"in", "f32", "format of the logits: f32, bf16"},
            {"cores", "32", "that take part"}},
           0.8,
           [](const Parameters& p, const config::Board& board) {
             return std::make_unique<Sample>(p, board);
           }}};
}

}  // namespace aipu::kernel
