// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/job.h"
#include "sim/workload/tiling.h"

namespace aipu::workload {

/// The GEMMs of a layer and the head, as one AIPU has them.
struct Gemms {
  GemmTiling qkv, out, gate_up, down, head;
};

/// How the context of attention is cut.
struct AttentionCut {
  std::uint32_t block_rows = 1, blocks = 1, splits = 1, tile_positions = 128;
  std::uint32_t items = 1;  ///< splits included
  std::uint32_t block_heads_rows =
      1;  ///< rows of the score tile: block_rows x query heads of a group
};
AttentionCut cut_attention(const Job& job, const Part& part, const Pass& pass, std::uint32_t cores);

/// Hidden columns in which the sum of an all-reduce is dealt to cores: as many as the buffers of a
/// core hold, up to 128, for long rows make long packets; 0 where not even 4 fit.
std::uint32_t reduce_unit(const Job& job, std::uint32_t cores);

/// Addresses of one AIPU. Byte offsets in HBM or shared SRAM.
struct Placement {
  Part part;
  Gemms gemms;
  std::uint64_t program = 0, prompt = 0, ids = 0, rope = 0, norms = 0, embedding = 0;
  std::uint64_t head = 0;
  std::vector<std::uint64_t>
      layers;               ///< weights of each own layer: qkv, out, gate_up, down in a row
  std::uint64_t cache = 0;  ///< K of own layer 0
  std::uint64_t head_stride = 0, sequence_stride = 0,
                cache_bytes = 0;  ///< cache_bytes: of K or V of a layer
  std::uint64_t hbm_end = 0;

  std::uint64_t x = 0, delta = 0, y = 0, qkv = 0, q = 0, attention = 0, hidden = 0, inbox = 0;
  std::uint64_t partial = 0, state = 0, candidates = 0, gathered = 0;
  std::uint64_t shared_end = 0;

  std::uint64_t k_cache(std::uint32_t own_layer) const {
    return cache + 2 * own_layer * cache_bytes;
  }
  std::uint64_t v_cache(std::uint32_t own_layer) const { return k_cache(own_layer) + cache_bytes; }
  std::uint64_t norm(std::uint32_t own_norm, std::uint32_t hidden_size) const {
    return norms + std::uint64_t{own_norm} * hidden_size * 4;
  }
  std::uint64_t out_weights(std::uint32_t own_layer) const {
    return layers[own_layer] + gemms.qkv.bytes();
  }
  std::uint64_t gate_up_weights(std::uint32_t own_layer) const {
    return out_weights(own_layer) + gemms.out.bytes();
  }
  std::uint64_t down_weights(std::uint32_t own_layer) const {
    return gate_up_weights(own_layer) + gemms.gate_up.bytes();
  }
};

/// Places everything an AIPU holds; throws UserError (exit 2) where HBM or shared SRAM is too
/// small, saying by how much and what would fit.
Placement place(const Job& job, const Machine& machine, std::uint32_t aipu);

}  // namespace aipu::workload
