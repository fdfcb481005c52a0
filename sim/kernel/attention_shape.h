// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/config/board.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {

/// Parts of `b` and less that `a` is cut into.
constexpr std::uint32_t parts_of(std::uint32_t a, std::uint32_t b) {
  return (a + b - 1) / b;
}

/// One attention, as its launches describe it, but for addresses: `args` has sizes, tiling and
/// strides of the caches.
struct AttentionShape {
  hc_flash_args_t args{};
  std::uint32_t sequences = 1;
  std::uint32_t context = 0;  ///< positions that the last row of the first sequence sees
  bool latent = false;        ///< values are the first columns of the keys
  bool token_major = false;   ///< caches are [position][head], else [head][position]
  std::uint32_t ranks = 1;    ///< AIPUs that share the context
  std::uint32_t cores = 1;
  std::uint32_t positions = 0;        ///< of a cache, on each AIPU
  std::vector<std::uint32_t> starts;  ///< of each sequence's first row
  bool ragged = false;                ///< starts differ and come from memory

  DType dtype() const { return static_cast<DType>(args.dtype); }
  DType kv_dtype() const { return static_cast<DType>(args.kv_dtype); }
  std::uint32_t group() const { return args.q_heads / args.kv_heads; }
  std::uint32_t own_width() const { return args.key_width - args.shared_width; }
  std::uint32_t blocks() const;  ///< of all sequences
  std::uint32_t items() const;
  std::uint32_t merge_units() const;
  std::uint32_t pages() const;  ///< of a sequence, on each AIPU; 1 where dense
  /// Bytes of a key (value) cache on an AIPU, and of the columns that heads share.
  std::uint64_t k_bytes() const, v_bytes() const, shared_bytes() const;
  std::uint64_t q_bytes() const, out_bytes() const, partial_bytes() const;
  /// Positions [first, last) that row `row` of sequence `sequence` sees, of the whole context.
  struct Range {
    std::uint32_t first, last;
  };
  Range seen(std::uint32_t sequence, std::uint32_t row) const;

  /// The launch arguments of a rank.
  hc_flash_args_t args_of(std::uint32_t rank) const;
};

/// The shape that parameters describe; what they leave open (0) is chosen. Throws ConfigError for
/// what does not fit a core.
AttentionShape attention_shape(const Parameters& parameters, const config::Board& board);

/// What the launches of the shape do, on all ranks: commands by queue, bytes of the caches and
/// tables read from HBM, operations.
struct AttentionWork {
  std::uint64_t load = 0, store = 0, tensor = 0, vector = 0, directcom = 0;
  std::uint64_t cache_bytes = 0, control_bytes = 0, q_bytes = 0;
  std::uint64_t flops = 0;
};
AttentionWork attention_work(const AttentionShape& shape);

/// Scores that rows see, of all heads: what must be computed.
std::uint64_t seen_scores(const AttentionShape& shape);

}  // namespace aipu::kernel
