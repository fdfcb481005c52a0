// SPDX-License-Identifier: Apache-2.0
// Attention: prefill and decode, grouped queries and latents, dense and paged, split over cores
// and AIPUs.
#include <algorithm>
#include <memory>
#include <numeric>

#include "hw/base/rng.h"
#include "sim/kernel/attention_data.h"
#include "sim/kernel/attention_shape.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {
namespace {

constexpr std::uint64_t kSeed = 20;
/// What activations may take of the shared SRAM; larger ones lie in HBM.
constexpr std::uint64_t kMostShared = 24U << 20U;

class Attention : public Case {
 public:
  Attention(const Parameters& p, const config::Board& board)
      : s_(attention_shape(p, board)), work_(attention_work(s_)), board_(board) {}

  std::uint32_t aipus() const override { return s_.ranks; }

  void build(Builder& builder) override {
    args_ = s_.args;
    in_hbm_ = s_.q_bytes() + s_.out_bytes() > kMostShared;
    const auto activations = [&](std::uint64_t bytes) {
      return in_hbm_ ? builder.hbm(bytes) : builder.shared(bytes);
    };
    args_.q = activations(s_.q_bytes()).raw;
    args_.out = activations(s_.out_bytes()).raw;
    if (s_.args.planes != 0) args_.partial = builder.shared(s_.partial_bytes()).raw;
    args_.k.at = builder.hbm(s_.k_bytes()).raw;
    if (!s_.latent) args_.v.at = builder.hbm(s_.v_bytes()).raw;
    if (s_.args.shared_width != 0) args_.k_shared = builder.hbm(s_.shared_bytes()).raw;
    if (s_.ragged) args_.starts = builder.control(s_.starts.size() * sizeof(std::uint32_t)).raw;
    if (s_.args.page != 0) write_table(builder);
    if (builder.functional()) data_ = std::make_unique<AttentionData>(s_, kSeed);
    for (std::uint32_t rank = 0; rank < s_.ranks; ++rank)
      build_rank(builder, rank);
  }

  Expected expected() const override {
    Expected e;
    e.commands = {{"load", work_.load},
                  {"store", work_.store},
                  {"tensor", work_.tensor},
                  {"vector", work_.vector},
                  {"directcom", work_.directcom}};
    e.hbm_read = work_.cache_bytes + work_.control_bytes + (in_hbm_ ? work_.q_bytes : 0);
    e.hbm_written = in_hbm_ ? s_.out_bytes() : 0;
    e.flops = work_.flops;
    return e;
  }

  std::map<std::string, double> bounds() const override {
    const config::Chip& chip = board_.aipu;
    const double hertz = static_cast<double>(chip.clock.count) * chip.cores * s_.ranks;
    const double scores = static_cast<double>(seen_scores(s_));
    const tensor::Config& t = chip.tensor;
    const bool eight = size_of(s_.dtype()) == 1 && size_of(s_.kv_dtype()) == 1;
    const bool wide = size_of(s_.dtype()) == 4 || size_of(s_.kv_dtype()) == 4;
    const double products = static_cast<double>(t.array_m) * t.array_n *
                            (wide    ? t.depth_32bit
                             : eight ? t.depth_8bit
                                     : t.depth_16bit);
    const double peak = static_cast<double>(hbm::peak_bytes_per_second(chip.hbm)) * s_.ranks;
    return {{"hbm", static_cast<double>(least_bytes()) / peak},
            {"tensor", scores * (s_.args.key_width + s_.args.value_width) / products / hertz},
            {"special", scores / chip.vector.special_per_cycle / hertz}};
  }

  double error(const Reader& read) const override {
    return data_->error(read(0, Gaddr{args_.out}, s_.out_bytes()));
  }

 private:
  /// Keys and values that any row sees, once.
  std::uint64_t least_bytes() const {
    const hc_flash_args_t& a = s_.args;
    std::uint64_t positions = 0;
    for (std::uint32_t i = 0; i < s_.sequences; ++i)
      positions += s_.seen(i, a.rows_per_sequence - 1).last - s_.seen(i, 0).first;
    const std::uint64_t own = s_.own_width() + (s_.latent ? 0 : a.value_width);
    return positions * (a.kv_heads * own + a.shared_width) * size_of(s_.kv_dtype());
  }

  /// Pages of all sequences lie in a random order, the same on every rank.
  void write_table(Builder& builder) {
    table_.resize(std::size_t{s_.sequences} * s_.pages());
    std::iota(table_.begin(), table_.end(), 0U);
    Rng rng(kSeed, "pages");
    for (std::uint32_t i = static_cast<std::uint32_t>(table_.size()); i > 1; --i)
      std::swap(table_[i - 1], table_[rng.below(i)]);
    args_.table = builder.control(table_.size() * sizeof table_[0]).raw;
    for (std::uint32_t rank = 0; rank < s_.ranks; ++rank)
      builder.write(rank, Gaddr{args_.table}, table_);
  }

  void build_rank(Builder& builder, std::uint32_t rank) {
    if (s_.ragged) builder.write(rank, Gaddr{args_.starts}, s_.starts);
    if (data_ != nullptr) {
      builder.write(rank, Gaddr{args_.q}, data_->q());
      builder.write(rank, Gaddr{args_.k.at}, data_->keys(rank, table_));
      if (!s_.latent) builder.write(rank, Gaddr{args_.v.at}, data_->values(rank, table_));
      if (s_.args.shared_width != 0)
        builder.write(rank, Gaddr{args_.k_shared}, data_->shared(rank));
    }
    hc_launch_t position{};
    position.kernel = HC_KERNEL_POSITION;
    position.core_count = builder.cores();
    position.args.position.value = s_.starts[0];
    builder.launch(rank, position);
    builder.measure(rank);

    hc_launch_t e{};
    e.kernel = HC_KERNEL_FLASH;
    e.core_count = s_.cores;
    e.phase_signals = std::min(s_.cores, s_.items());
    e.args.flash = s_.args_of(rank);
    set_addresses(e.args.flash);
    const bool owner = rank == s_.args.owner;
    if (owner && s_.args.planes > s_.args.splits) e.gather_signals = s_.blocks() * s_.args.planes;
    builder.launch(rank, e);
    if (!owner || s_.args.planes == 0) return;
    e.kernel = HC_KERNEL_FLASH_MERGE;
    e.phase_signals = std::min(s_.cores, s_.merge_units());
    e.gather_signals = 0;
    builder.launch(rank, e);
  }

  void set_addresses(hc_flash_args_t& a) const {
    a.q = args_.q;
    a.out = args_.out;
    a.partial = args_.partial;
    a.k.at = args_.k.at;
    a.v.at = args_.v.at;
    a.k_shared = args_.k_shared;
    a.table = args_.table;
    a.starts = args_.starts;
  }

  const AttentionShape s_;
  const AttentionWork work_;
  const config::Board board_;
  hc_flash_args_t args_{};
  bool in_hbm_ = false;
  std::vector<std::uint32_t> table_;
  std::unique_ptr<AttentionData> data_;
};

/// The parameters of every attention; a kind has its own usual shape.
std::vector<Parameter> parameters(const std::map<std::string, std::string>& usual) {
  std::vector<Parameter> list = {
      {"batch", "1", "sequences"},
      {"rows", "1", "rows of a sequence, its last positions"},
      {"context", "8192", "positions that the last row sees"},
      {"q_heads", "32", "query heads"},
      {"kv_heads", "8", "key and value heads"},
      {"width", "128", "of a key"},
      {"values", "128", "width of a value"},
      {"shared", "0", "last columns of keys that all heads share"},
      {"latent", "0", "1: values are the first columns of the keys"},
      {"layout", "heads", "caches by heads or by tokens"},
      {"dtype", "bf16", "of queries, weights and results"},
      {"kv", "bf16", "of the cache"},
      {"causal", "1", "0: every row sees the context"},
      {"window", "0", "last positions that a row sees, 0: all"},
      {"page", "0", "positions of a page, 0: a dense cache"},
      {"ragged", "0", "1: sequences differ in length"},
      {"ranks", "1", "AIPUs that share the context"},
      {"splits", "0", "parts of an AIPU's context, 0: as many as keep its cores busy"},
      {"block_rows", "0", "rows of a block, 0: chosen"},
      {"block_heads", "0", "query heads of a block, 0: chosen"},
      {"blocks", "0", "blocks that share tiles, 1 or 2, 0: chosen"},
      {"tile", "0", "positions of a tile, 0: chosen"},
      {"merge_rows", "1", "rows of scores merged at a time"},
      {"ordered", "0", "1: the cache waits for earlier kernels"},
      {"cores", "32", "that take part"}};
  for (Parameter& p : list) {
    const auto found = usual.find(p.name);
    if (found != usual.end()) p.fallback = found->second;
  }
  return list;
}

Kind kind(const char* name, const char* help, double bar,
          const std::map<std::string, std::string>& usual) {
  return {name, help, parameters(usual), bar, [](const Parameters& p, const config::Board& board) {
            return std::make_unique<Attention>(p, board);
          }};
}

}  // namespace

std::vector<Kind> attention_kinds() {
  constexpr double kDecode = 0.85, kPrefill = 0.60;
  return {
      kind("attention_decode", "one new token a sequence, grouped queries", kDecode,
           {{"batch", "8"}}),
      kind("attention_prefill", "a prompt, causal, grouped queries", kPrefill,
           {{"rows", "2048"}, {"context", "2048"}}),
      kind("mla_decode", "latent attention, absorbed: one latent row serves all heads", kPrefill,
           {{"batch", "32"},
            {"context", "4096"},
            {"q_heads", "128"},
            {"kv_heads", "1"},
            {"width", "576"},
            {"values", "512"},
            {"latent", "1"}}),
      kind("mla_prefill", "latent attention, not absorbed: own and shared columns of keys",
           kPrefill,
           {{"rows", "1024"},
            {"context", "1024"},
            {"q_heads", "128"},
            {"kv_heads", "128"},
            {"width", "192"},
            {"shared", "64"},
            {"layout", "tokens"}}),
  };
}

}  // namespace aipu::kernel
