// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/moe_case.h"

#include <cstring>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/program/sram_map.h"

namespace aipu::kernel {
namespace {

constexpr std::uint32_t kMost = 65536;
constexpr std::uint32_t kMostRanks = 16;
// Of the kernels (firmware/kernels/moe*.c): choices a window, terms a block, bytes of a copy.
constexpr std::uint32_t kWindow = 168, kTerms = 240, kCopy = 0x8000;

std::uint64_t ceil_div(std::uint64_t n, std::uint64_t by) {
  return (n + by - 1) / by;
}

MoeShape shape_of(const Parameters& p) {
  MoeShape s;
  s.ranks = p.count("aipus", 1, kMostRanks);
  s.tokens = p.count("tokens", 1, kMost);
  s.hidden = p.count("hidden", 1, kMost);
  s.experts = p.count("experts", 1, HC_MOE_MOST_EXPERTS);
  s.chosen = p.count("chosen", 1, HC_MOE_MOST_CHOSEN);
  s.rows = p.dtype("rows");
  s.results = p.dtype("results");
  s.sigmoid = p.word("gate", {"sigmoid", "softmax"}) == "sigmoid";
  s.skew = p.count("skew", 0, 1000) / 100.0;
  s.one_expert = p.word("liked", {"none", "one"}) == "one";
  const auto refuse = [](const std::string& why) { throw ConfigError("kernel moe", why); };
  if (s.experts % s.ranks != 0)
    refuse(fmt::format("{} experts cannot be spread evenly over {} AIPUs", s.experts, s.ranks));
  if (s.chosen > s.experts)
    refuse(fmt::format("{} of {} experts cannot be chosen", s.chosen, s.experts));
  const std::uint64_t ring = HC_SRAM_STREAM_BYTES;
  if (std::uint64_t{s.chosen} * s.result() > ring || s.hidden * sizeof(float) > HC_SRAM_ACC_BYTES)
    refuse(fmt::format("{} rows of {} bytes do not fit the {} bytes where they are added", s.chosen,
                       s.result(), ring));
  if (s.results != DType::kBf16 && s.results != DType::kF32) refuse("results are bf16 or f32");
  return s;
}

hc_launch_t launch_of(hc_kernel kernel, std::uint32_t cores, std::uint32_t gather) {
  hc_launch_t e{};
  e.kernel = kernel;
  e.core_count = e.phase_signals = cores;
  e.gather_signals = gather;
  return e;
}

}  // namespace

Moe::Moe(const Parameters& p, const config::Board& board)
    : shape_(shape_of(p)),
      most_cores_(p.count("cores", 1, board.aipu.cores)),
      routing_(shape_),
      fabric_(collective::fabric_of(board)),
      peak_(static_cast<double>(hbm::peak_bytes_per_second(board.aipu.hbm))) {}

void Moe::place(Builder& b) {
  const MoeShape& s = shape_;
  const std::uint64_t pairs = std::uint64_t{s.tokens} * s.chosen * sizeof(hc_moe_pair_t);
  const std::uint64_t kept = std::uint64_t{s.experts} * s.tokens;  // rows of inbox and back
  at_.logits = b.hbm(std::uint64_t{s.tokens} * s.experts * sizeof(float));
  at_.bias = b.hbm(s.experts * sizeof(float));
  at_.pairs = b.control(pairs);
  at_.terms = b.control(pairs);
  at_.arrived = b.control(runs() * sizeof(std::uint32_t));
  at_.table = b.control(s.own() * sizeof(hc_arrival_t));
  at_.x = b.hbm(std::uint64_t{s.tokens} * s.row());
  at_.inbox = b.hbm(kept * s.row());
  at_.packed = b.hbm(kept * s.row());
  at_.results = b.hbm(kept * s.result());
  at_.back = b.hbm(kept * s.result());
  at_.out = b.hbm(std::uint64_t{s.tokens} * s.hidden * sizeof(float));
}

Matrix Moe::rows_of(std::uint32_t rank) const {
  return random_matrix(shape_.tokens, shape_.hidden, shape_.rows, fmt::format("moe.x{}", rank));
}

void Moe::add_gate(Builder& b, std::uint32_t rank, Gaddr pairs) {
  hc_launch_t e = launch_of(HC_KERNEL_GATE, cores(shape_.tokens), 0);
  hc_gate_args_t& a = e.args.gate;
  a.logits = at_.logits.raw;
  a.bias = shape_.sigmoid ? at_.bias.raw : 0;
  a.pairs = pairs.raw;
  a.tokens = shape_.tokens;
  a.experts = shape_.experts;
  a.chosen = shape_.chosen;
  a.kind = shape_.gate_kind();
  const float scale = shape_.gate_scale();
  std::memcpy(&a.scale, &scale, sizeof scale);
  b.launch(rank, e);
  b.write(rank, at_.logits, routing_.logits(rank));
  b.write(rank, at_.bias, routing_.bias());
  const std::uint32_t row = shape_.experts * 4, bias = (row + 63) / 64 * 64;
  const std::uint64_t block = std::min<std::uint64_t>((HC_SRAM_INPUT_BYTES - bias) / row,
                                                      HC_SRAM_SEND_BYTES / (shape_.chosen * 8));
  const std::uint64_t blocks = blocks_of(shape_.tokens, block);
  count("store", 2 * blocks + (shape_.sigmoid ? e.core_count : 0));
  count("vector", blocks);
}

void Moe::add_dispatch(Builder& b, std::uint32_t rank) {
  hc_launch_t e = launch_of(HC_KERNEL_DISPATCH, cores(shape_.experts), runs());
  hc_dispatch_args_t& a = e.args.dispatch;
  a.x = at_.x.raw;
  a.pairs = at_.pairs.raw;
  a.terms = at_.terms.raw;
  a.inbox = at_.inbox.raw;
  a.arrived = at_.arrived.raw;
  a.tokens = a.capacity = shape_.tokens;
  a.chosen = shape_.chosen;
  a.experts = shape_.experts;
  a.row = shape_.row();
  a.rank = rank;
  a.ranks = shape_.ranks;
  b.launch(rank, e);
  const std::uint32_t choices = shape_.tokens * shape_.chosen;
  const std::uint32_t mine = routing_.rows_between(rank, rank);
  const std::uint64_t copies = mine * ceil_div(shape_.row(), kCopy);
  const std::uint32_t window = kWindow / shape_.chosen * shape_.chosen;
  count("store", e.core_count * (ceil_div(choices, window) + 1) + choices + copies + shape_.own());
  count("load", copies);
  count("directcom", choices - mine + shape_.experts - shape_.own());
}

void Moe::add_pack(Builder& b, std::uint32_t rank) {
  hc_launch_t e = launch_of(HC_KERNEL_PACK, cores(runs()), 0);
  e.args.pack = {at_.inbox.raw, at_.arrived.raw, at_.packed.raw, at_.table.raw,
                 shape_.row(),  shape_.tokens,   shape_.own(),   shape_.ranks};
  b.launch(rank, e);
  std::uint64_t copies = 0;
  for (const std::uint32_t rows : routing_.arrived(rank))
    copies += ceil_div(std::uint64_t{rows} * shape_.row(), kCopy);
  count("load", copies);
  count("store", copies + 2 * e.core_count + 1);
}

void Moe::add_return(Builder& b, std::uint32_t rank) {
  hc_launch_t e = launch_of(HC_KERNEL_RETURN, cores(runs()), shape_.experts);
  e.args.give_back = {at_.results.raw,
                      at_.back.raw,
                      at_.arrived.raw,
                      shape_.result(),
                      shape_.tokens,
                      shape_.own(),
                      rank,
                      shape_.ranks,
                      0};
  b.launch(rank, e);
  std::uint64_t copies = 0, none = 0;
  for (std::uint32_t expert = 0; expert < shape_.own(); ++expert) {
    const std::uint64_t rows = routing_.count(rank * shape_.own() + expert, rank);
    copies += ceil_div(rows * shape_.result(), kCopy);
    none += rows == 0 ? 1 : 0;
  }
  count("load", copies);
  count("store", copies + none + 2 * e.core_count);
  count("directcom", shape_.own() * (shape_.ranks - 1));
}

void Moe::add_weigh(Builder& b, std::uint32_t rank) {
  hc_launch_t e = launch_of(HC_KERNEL_WEIGH, cores(shape_.tokens), 0);
  e.args.weigh = {at_.back.raw,
                  at_.terms.raw,
                  at_.out.raw,
                  shape_.tokens,
                  shape_.chosen,
                  shape_.hidden,
                  static_cast<std::uint32_t>(shape_.results),
                  static_cast<std::uint32_t>(DType::kF32)};
  b.launch(rank, e);
  count("load", std::uint64_t{shape_.tokens} * shape_.chosen);
  count("store", shape_.tokens + blocks_of(shape_.tokens, kTerms / shape_.chosen));
  count("vector", shape_.tokens);
}

/// Blocks of `things` dealt to as many cores as there is something for.
std::uint64_t Moe::blocks_of(std::uint32_t things, std::uint64_t block) const {
  const std::uint64_t n = cores(things);
  std::uint64_t blocks = 0;
  for (std::uint64_t i = 0; i < n; ++i)
    blocks += ceil_div(things * (i + 1) / n - things * i / n, block);
  return blocks;
}

}  // namespace aipu::kernel
