// SPDX-License-Identifier: Apache-2.0
// Closed forms of attention's launches: what each item, block and tile costs in commands and bytes.
#include <algorithm>

#include "sim/kernel/attention_shape.h"

namespace aipu::kernel {
namespace {

/// Local positions that a block, an item or a split of it sees.
struct Span {
  std::int64_t begin, end;
  bool empty() const { return begin >= end; }
};

class Count {
 public:
  Count(const AttentionShape& shape, std::uint32_t rank)
      : s_(shape), a_(shape.args_of(rank)), rank_(rank) {}

  AttentionWork work() {
    const std::uint32_t group_blocks = s_.group() / a_.block_heads;
    const std::uint32_t blocks = parts_of(a_.rows_per_sequence, a_.block_rows) * group_blocks;
    for (std::uint32_t sequence = 0; sequence < s_.sequences; ++sequence) {
      for (std::uint32_t first = 0; first < blocks; first += a_.blocks) {
        std::vector<Block> item;
        for (std::uint32_t b = first; b < std::min(blocks, first + a_.blocks); ++b)
          item.push_back(block(sequence, b / group_blocks * a_.block_rows));
        for (std::uint32_t split = 0; split < a_.splits; ++split)
          count_item(item, sequence, split);
      }
    }
    // What was counted holds for each kv head; what a core does once follows.
    for (std::uint64_t* n : {&w_.load, &w_.store, &w_.tensor, &w_.vector, &w_.directcom,
                             &w_.cache_bytes, &w_.control_bytes, &w_.q_bytes, &w_.flops})
      *n *= a_.kv_heads;
    const std::uint64_t cores = std::min(s_.cores, s_.items());
    w_.store += cores;  // the fence that ends its share
    w_.load += cores * a_.ordered;
    if (s_.ragged) {
      w_.load += cores;
      w_.control_bytes += cores * s_.sequences * sizeof(std::uint32_t);
    }
    if (a_.planes != 0 && rank_ == a_.owner) count_merge();
    return w_;
  }

 private:
  struct Block {
    std::uint32_t rows;
    Span span;
  };

  Block block(std::uint32_t sequence, std::uint32_t row) const {
    const std::uint32_t rows = std::min(a_.block_rows, a_.rows_per_sequence - row);
    if (a_.causal == 0) return {rows, {0, a_.context_positions}};
    const std::int64_t here = a_.context_first, most = a_.context_positions;
    const std::int64_t start = s_.seen(sequence, row).first;
    const std::int64_t end =
        std::clamp<std::int64_t>(s_.seen(sequence, row + rows - 1).last - here, 0, most);
    return {rows, {std::clamp<std::int64_t>(start - here, 0, end), end}};
  }

  void count_item(const std::vector<Block>& blocks, std::uint32_t sequence, std::uint32_t split) {
    Span all{a_.context_positions, 0};
    for (const Block& b : blocks)
      all = {std::min(all.begin, b.span.begin), std::max(all.end, b.span.end)};
    const std::int64_t tile = a_.tile, first = all.begin / tile;
    const std::int64_t tiles = all.empty() ? 0 : (all.end + tile - 1) / tile - first;
    const Span own{(first + tiles * split / a_.splits) * tile,
                   std::min(all.end, (first + tiles * (split + 1) / a_.splits) * tile)};
    for (const Block& b : blocks)
      count_block(b, {std::max(own.begin, b.span.begin), std::min(own.end, b.span.end)}, own);
    for (std::int64_t at = own.begin; at < own.end; at += tile)
      count_tile(at, std::min(tile, own.end - at), sequence);
    if (a_.page != 0 && own.begin < own.end) count_table(own);
  }

  void count_block(const Block& b, const Span& seen, const Span& own) {
    const std::uint64_t m = std::uint64_t{b.rows} * a_.block_heads;
    std::uint64_t& left = rank_ == a_.owner ? w_.store : w_.directcom;
    if (seen.empty()) {
      ++w_.store;  // a state of zeros
      ++left;
      return;
    }
    ++w_.store;  // rows of q
    w_.q_bytes += m * a_.key_width * size_of(s_.dtype());
    for (std::int64_t at = own.begin; at < own.end; at += a_.tile) {
      const std::int64_t count = std::min<std::int64_t>(a_.tile, own.end - at);
      if (at >= seen.end || at + count <= seen.begin) continue;
      w_.tensor += 2;
      ++w_.vector;
      w_.flops += 2 * m * static_cast<std::uint64_t>(count) * (a_.key_width + a_.value_width);
    }
    if (a_.planes == 0) {
      ++w_.vector;
      ++w_.store;
    } else {
      ++left;
    }
  }

  void count_tile(std::int64_t first, std::int64_t count, std::uint32_t sequence) {
    const std::int64_t fresh_from =
        static_cast<std::int64_t>(s_.starts[sequence]) - a_.context_first;
    const bool fresh = a_.ordered == 0 && first + count > fresh_from;
    const std::int64_t page = a_.page;
    const auto runs =
        static_cast<std::uint64_t>(page == 0 ? 1 : (first + count - 1) / page - first / page + 1);
    const std::uint64_t commands = runs * (s_.latent ? 1 : 2) + (a_.shared_width != 0 ? 1 : 0);
    (fresh ? w_.store : w_.load) += commands;
    w_.cache_bytes += static_cast<std::uint64_t>(count) *
                      (a_.key_width + (s_.latent ? 0 : a_.value_width)) * size_of(s_.kv_dtype());
  }

  /// Windows of the block table, up to the last page that the split needs.
  void count_table(const Span& own) {
    const std::int64_t window = HC_FLASH_TABLE_WINDOW, page = a_.page;
    const std::int64_t end = (own.end + page - 1) / page;
    for (std::int64_t at = own.begin / page / window * window; at < end; at += window) {
      ++w_.load;
      w_.control_bytes += static_cast<std::uint64_t>(std::min(window, end - at)) * 4;
    }
  }

  void count_merge() {
    const std::uint32_t m = a_.block_rows * a_.block_heads;
    const std::uint32_t row_blocks = parts_of(a_.rows_per_sequence, a_.block_rows);
    const std::uint32_t last =
        (a_.rows_per_sequence - (row_blocks - 1) * a_.block_rows) * a_.block_heads;
    const std::uint64_t of_rows = s_.blocks() / row_blocks;
    const std::uint64_t units =
        of_rows * ((row_blocks - 1) * parts_of(m, a_.merge_rows) + parts_of(last, a_.merge_rows));
    w_.store += 3 * units + std::min(s_.cores, s_.merge_units());
    w_.vector += units;
  }

  const AttentionShape& s_;
  const hc_flash_args_t a_;
  const std::uint32_t rank_;
  AttentionWork w_;
};

}  // namespace

AttentionWork attention_work(const AttentionShape& shape) {
  AttentionWork sum;
  for (std::uint32_t rank = 0; rank < shape.ranks; ++rank) {
    const AttentionWork w = Count(shape, rank).work();
    sum.load += w.load;
    sum.store += w.store;
    sum.tensor += w.tensor;
    sum.vector += w.vector;
    sum.directcom += w.directcom;
    sum.cache_bytes += w.cache_bytes;
    sum.control_bytes += w.control_bytes;
    sum.q_bytes += w.q_bytes;
    sum.flops += w.flops;
  }
  return sum;
}

std::uint64_t seen_scores(const AttentionShape& shape) {
  std::uint64_t sum = 0;
  for (std::uint32_t sequence = 0; sequence < shape.sequences; ++sequence) {
    for (std::uint32_t row = 0; row < shape.args.rows_per_sequence; ++row) {
      const AttentionShape::Range r = shape.seen(sequence, row);
      sum += r.last - r.first;
    }
  }
  return sum * shape.args.q_heads;
}

}  // namespace aipu::kernel
