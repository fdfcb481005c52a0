// SPDX-License-Identifier: Apache-2.0
// Caches of keys and values: appending rows, sending pages.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <numeric>

#include "hw/base/error.h"
#include "hw/base/number_format.h"
#include "hw/base/rng.h"
#include "hw/program/sram_map.h"
#include "sim/collective/bounds.h"
#include "sim/kernel/attention_data.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {
namespace {

constexpr std::uint64_t kSeed = 21;
constexpr std::uint32_t kLine = 64;

double peak_of(const config::Board& board) {
  return static_cast<double>(hbm::peak_bytes_per_second(board.aipu.hbm));
}
/// 0..count-1 in a random order.
std::vector<std::uint32_t> shuffled(std::uint32_t count, const char* path) {
  std::vector<std::uint32_t> list(count);
  std::iota(list.begin(), list.end(), 0U);
  Rng rng(kSeed, path);
  for (std::uint32_t i = count; i > 1; --i)
    std::swap(list[i - 1], list[rng.below(i)]);
  return list;
}

class Append : public Case {
 public:
  Append(const Parameters& p, const config::Board& board) : board_(board) {
    a_.rows_per_sequence = p.count("rows", 1, 1U << 16U);
    sequences_ = p.count("batch", 1, HC_FLASH_MOST_SEQUENCES);
    a_.rows = sequences_ * a_.rows_per_sequence;
    start_ = p.count("start", 0, 1U << 22U);
    a_.kv_heads = p.count("kv_heads", 1, 1024);
    a_.key_width = p.count("width", 1, 1024);
    a_.value_width = p.count("values", 0, 1024);
    a_.dtype = static_cast<std::uint32_t>(p.dtype("dtype"));
    a_.kv_dtype = static_cast<std::uint32_t>(p.dtype("kv"));
    a_.k_scale = a_.v_scale = float_bits(1.0F / static_cast<float>(p.count("divisor", 1, 1024)));
    a_.page = p.count("page", 0, 4096);
    if ((a_.page & (a_.page - 1)) != 0) throw ConfigError("page", "must be a power of two, or 0");
    cores_ = p.count("cores", 1, board.aipu.cores);
    a_.run = p.count("run", 0, a_.rows_per_sequence);
    if (a_.run == 0) {
      const std::uint32_t runs = std::max(1U, cores_ / sequences_);
      a_.run = std::clamp(parts_of(a_.rows_per_sequence, runs), 1U, most_rows());
    }
    if (a_.run > most_rows())
      throw ConfigError("run", fmt::format("at most {} rows fit a core", most_rows()));
    const std::uint32_t unit = a_.page == 0 ? 1 : a_.page;
    positions_ = parts_of(start_ + a_.rows_per_sequence, unit) * unit;
    a_.context_positions = HC_FLASH_WHOLE_CONTEXT;
    a_.table_stride = a_.page == 0 ? 1 : positions_ / a_.page;
    a_.k = cache_of(a_.key_width);
    a_.v = cache_of(a_.value_width);
    a_.k_stride = a_.kv_heads * a_.key_width * size_of(from());
    a_.v_stride = a_.kv_heads * a_.value_width * size_of(from());
  }

  void build(Builder& builder) override {
    table_ = shuffled(sequences_ * a_.table_stride, "pages");
    a_.k_rows = builder.shared(std::uint64_t{a_.rows} * a_.k_stride).raw;
    a_.k.at = builder.hbm(cache_bytes(a_.key_width)).raw;
    if (a_.value_width != 0) {
      a_.v_rows = builder.shared(std::uint64_t{a_.rows} * a_.v_stride).raw;
      a_.v.at = builder.hbm(cache_bytes(a_.value_width)).raw;
    }
    if (a_.page != 0) {
      a_.table = builder.control(table_.size() * sizeof table_[0]).raw;
      builder.write(0, Gaddr{a_.table}, table_);
    }
    if (builder.functional()) {
      k_ = random_numbers(from(), std::uint64_t{a_.rows} * a_.kv_heads * a_.key_width, kSeed, "k");
      v_ =
          random_numbers(from(), std::uint64_t{a_.rows} * a_.kv_heads * a_.value_width, kSeed, "v");
      builder.write(0, Gaddr{a_.k_rows}, k_);
      if (a_.value_width != 0) builder.write(0, Gaddr{a_.v_rows}, v_);
    }
    hc_launch_t e{};
    e.kernel = HC_KERNEL_POSITION;
    e.core_count = builder.cores();
    e.args.position.value = start_;
    builder.launch(0, e);
    builder.measure(0);
    e = {};
    e.kernel = HC_KERNEL_APPEND;
    e.core_count = cores_;
    e.phase_signals = std::min(cores_, units());
    e.args.append = a_;
    builder.launch(0, e);
  }

  Expected expected() const override {
    const std::uint32_t operands = a_.value_width == 0 ? 1 : 2;
    const bool converts = a_.dtype != a_.kv_dtype || a_.k_scale != float_bits(1.0F);
    std::uint64_t pages = 0, windows = 0, table_bytes = 0;
    for (std::uint32_t row = 0; row < a_.rows_per_sequence; row += a_.run) {
      const std::uint32_t first = start_ + row;
      const std::uint32_t end = first + std::min(a_.run, a_.rows_per_sequence - row);
      if (a_.page == 0) {
        ++pages;
        continue;
      }
      const std::uint32_t last_page = (end - 1) / a_.page;
      pages += last_page - first / a_.page + 1;
      const std::uint32_t window = HC_FLASH_TABLE_WINDOW;
      for (std::uint32_t at = first / a_.page / window * window; at <= last_page; at += window) {
        ++windows;
        table_bytes += std::uint64_t{4} * std::min(window, last_page + 1 - at);
      }
    }
    Expected e;
    e.commands = {{"load", windows * sequences_},
                  {"store", operands * (units() + pages * sequences_) + std::min(cores_, units())},
                  {"tensor", 0},
                  {"vector", converts ? operands * units() : 0},
                  {"directcom", 0}};
    e.hbm_read = table_bytes * sequences_;
    e.hbm_written = written();
    e.flops = 0;
    return e;
  }

  std::map<std::string, double> bounds() const override {
    return {{"hbm", static_cast<double>(written()) / peak_of(board_)}};
  }

  /// Conversions are exact rules: any other byte is wrong.
  double error(const Reader& read) const override {
    const bool good =
        read(0, Gaddr{a_.k.at}, cache_bytes(a_.key_width)) == image(a_.k, k_, a_.key_width) &&
        (a_.value_width == 0 ||
         read(0, Gaddr{a_.v.at}, cache_bytes(a_.value_width)) == image(a_.v, v_, a_.value_width));
    return good ? 0 : HUGE_VAL;
  }

 private:
  DType from() const { return static_cast<DType>(a_.dtype); }
  DType to() const { return static_cast<DType>(a_.kv_dtype); }
  std::uint32_t units() const { return sequences_ * parts_of(a_.rows_per_sequence, a_.run); }
  std::uint32_t most_rows() const {
    const std::uint32_t row =
        a_.kv_heads * (a_.key_width + a_.value_width) * (size_of(from()) + size_of(to()));
    return std::max(1U, (HC_SRAM_INPUT_BYTES / 2 - 4 * kLine) / row);
  }
  std::uint64_t written() const {
    return std::uint64_t{a_.rows} * a_.kv_heads * (a_.key_width + a_.value_width) * size_of(to());
  }
  std::uint64_t cache_bytes(std::uint32_t width) const {
    return std::uint64_t{sequences_} * positions_ * a_.kv_heads * width * size_of(to());
  }
  hc_cache_t cache_of(std::uint32_t width) const {
    const std::uint32_t unit = a_.page != 0 ? a_.page : positions_, row = width * size_of(to());
    hc_cache_t c{};
    c.position = row;
    c.head = unit * row;
    c.sequence = std::uint64_t{unit} * a_.kv_heads * row;
    return c;
  }

  std::vector<std::uint8_t> image(const hc_cache_t& cache, const std::vector<std::uint8_t>& rows,
                                  std::uint32_t width) const {
    std::vector<std::uint8_t> out(cache_bytes(width));
    const float scale = bits_float(a_.k_scale);
    for (std::uint32_t r = 0; r < a_.rows; ++r) {
      const std::uint32_t sequence = r / a_.rows_per_sequence;
      const std::uint32_t p = start_ + r % a_.rows_per_sequence;
      const std::uint32_t unit =
          a_.page == 0 ? sequence : table_[sequence * a_.table_stride + p / a_.page];
      for (std::uint32_t c = 0; c < a_.kv_heads * width; ++c) {
        const std::uint64_t number = std::uint64_t{r} * a_.kv_heads * width + c;
        const float x = load_number(from(), rows.data() + number * size_of(from()));
        store_number(to(), x * scale,
                     out.data() + unit * cache.sequence + c / width * std::uint64_t{cache.head} +
                         std::uint64_t{a_.page == 0 ? p : p % a_.page} * cache.position +
                         c % width * size_of(to()));
      }
    }
    return out;
  }

  const config::Board board_;
  hc_append_args_t a_{};
  std::uint32_t sequences_ = 1, start_ = 0, positions_ = 0, cores_ = 1;
  std::vector<std::uint32_t> table_;
  std::vector<std::uint8_t> k_, v_;
};

/// AIPU 0 sends pages to AIPU 1.
class Transfer : public Case {
 public:
  Transfer(const Parameters& p, const config::Board& board) : board_(board) {
    t_.pages = p.count("pages", 1, 1U << 16U);
    t_.layers = p.count("layers", 1, 256);
    t_.pieces = p.count("pieces", 1, 2);
    t_.bytes = p.count("bytes", 1, 1U << 22U);
    t_.pace = p.count("pace", 0, 255);
    t_.traffic_class = 3;  // bulk
    t_.destination = 1;
    cores_ = p.count("cores", 1, board.aipu.cores);
    t_.src_page = t_.dst_page = t_.bytes;
    t_.src_piece = t_.dst_piece = std::uint64_t{t_.bytes} * t_.pages;
    t_.src_layer = t_.dst_layer = t_.src_piece * t_.pieces;
  }

  std::uint32_t aipus() const override { return 2; }

  void build(Builder& builder) override {
    from_ = shuffled(t_.pages, "from");
    to_ = shuffled(t_.pages, "to");
    t_.src = builder.hbm(total()).raw;
    t_.dst = builder.hbm(total()).raw;
    t_.src_pages = builder.control(from_.size() * sizeof from_[0]).raw;
    t_.dst_pages = builder.control(to_.size() * sizeof to_[0]).raw;
    builder.write(0, Gaddr{t_.src_pages}, from_);
    builder.write(0, Gaddr{t_.dst_pages}, to_);
    if (builder.functional()) {
      data_ = random_numbers(DType::kFp8E4m3, total(), kSeed, "pages");
      builder.write(0, Gaddr{t_.src}, data_);
    }
    hc_launch_t e{};
    e.kernel = HC_KERNEL_TRANSFER;
    e.core_count = e.phase_signals = cores_;
    e.args.transfer = t_;
    builder.launch(0, e);
    // The receiver only counts what lands: an entry that no core takes part in.
    hc_launch_t receive{};
    receive.kernel = HC_KERNEL_POSITION;
    receive.gather_signals = t_.pages * t_.layers * t_.pieces;
    builder.launch(1, receive);
  }

  Expected expected() const override {
    std::uint64_t lists = 0;
    for (std::uint32_t core = 0; core < cores_; ++core) {
      const std::uint32_t own = t_.pages * (core + 1) / cores_ - t_.pages * core / cores_;
      const std::uint32_t parts = parts_of(own, kList);
      lists += parts > 1 ? std::uint64_t{t_.layers} * parts : parts;
    }
    Expected e;
    e.commands = {{"load", 0},
                  {"store", 2 * lists + cores_},
                  {"tensor", 0},
                  {"vector", 0},
                  {"directcom", std::uint64_t{t_.pages} * t_.layers * t_.pieces}};
    e.hbm_written = total();
    return e;
  }

  std::map<std::string, double> bounds() const override {
    const double share = t_.pace == 0 ? 1 : t_.pace / 256.0;
    return {{"link", static_cast<double>(total()) /
                         (collective::fabric_of(board_).bytes_per_second * share)}};
  }

  double error(const Reader& read) const override {
    std::vector<std::uint8_t> want(total());
    for (std::uint32_t plane = 0; plane < t_.layers * t_.pieces; ++plane) {
      for (std::uint32_t i = 0; i < t_.pages; ++i) {
        const std::uint64_t at = plane * t_.src_piece;
        std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(at + from_[i] * t_.src_page),
                    t_.bytes,
                    want.begin() + static_cast<std::ptrdiff_t>(at + to_[i] * t_.dst_page));
      }
    }
    return read(1, Gaddr{t_.dst}, total()) == want ? 0 : HUGE_VAL;
  }

 private:
  static constexpr std::uint32_t kList = 256;  ///< pages that a core takes at a time
  std::uint64_t total() const { return t_.src_layer * t_.layers; }

  const config::Board board_;
  hc_transfer_args_t t_{};
  std::uint32_t cores_ = 1;
  std::vector<std::uint32_t> from_, to_;
  std::vector<std::uint8_t> data_;
};

template <typename T>
std::unique_ptr<Case> make(const Parameters& p, const config::Board& board) {
  return std::make_unique<T>(p, board);
}

}  // namespace

std::vector<Kind> cache_kinds() {
  constexpr double kLink = 0.90;
  return {{"kv_append",
           "rows of keys and values into a dense or paged cache, converted",
           {{"batch", "64", "sequences"},
            {"rows", "1", "rows of a sequence"},
            {"start", "4096", "position of the first row"},
            {"kv_heads", "8", "key and value heads"},
            {"width", "128", "of a key"},
            {"values", "128", "width of a value, 0: none (latents)"},
            {"dtype", "f32", "of the rows"},
            {"kv", "bf16", "of the cache"},
            {"divisor", "1", "numbers are divided by it"},
            {"page", "16", "positions of a page, 0: a dense cache"},
            {"run", "0", "rows that a core takes at a time, 0: chosen"},
            {"cores", "32", "that take part"}},
           0,
           make<Append>},
          {"kv_transfer",
           "pages of a cache to another AIPU, layer by layer",
           {{"pages", "64", "pages of a layer"},
            {"layers", "8", "layers"},
            {"pieces", "2", "K and V apart, or 1"},
            {"bytes", "32768", "of a page"},
            {"pace", "0", "most of the lanes in 1/256, 0: no limit"},
            {"cores", "8", "that take part"}},
           kLink,
           make<Transfer>}};
}

}  // namespace aipu::kernel
