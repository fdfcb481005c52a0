// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/base/dtype.h"

namespace aipu::collective {

enum class Kind : std::uint8_t {
  kAllReduce,
  kReduceScatter,
  kAllGather,
  kBroadcast,
  kAllToAll,
  kDispatch,
  kCombine,
  kBarrier,
  kKv,
};
/// Names as the command line has them, in the order of the enum.
const std::vector<std::string>& kind_names();
/// It adds numbers up.
constexpr bool adds_up(Kind kind) {
  return kind == Kind::kAllReduce || kind == Kind::kReduceScatter;
}
/// It moves rows, as many as uneven_counts() says.
constexpr bool moves_rows(Kind kind) {
  return kind == Kind::kDispatch || kind == Kind::kCombine;
}

/// One-shot, two-shot, ring: of an all-reduce. In-switch: of that or a reduce-scatter. Multicast:
/// of an all-gather or broadcast, where the switches do it; else these are done as two-shot.
enum class Algorithm : std::uint8_t { kAuto, kOneShot, kTwoShot, kRing, kMulticast, kInSwitch };
const std::vector<std::string>& algorithm_names();

/// A collective to be run. Bytes are counted as nccl-tests does: of the whole vector a rank reads
/// (all-reduce, reduce-scatter, all-to-all, dispatch, combine) or ends up with (all-gather,
/// broadcast, KV transfer).
struct Spec {
  Kind kind = Kind::kAllReduce;
  Algorithm algorithm = Algorithm::kAuto;
  std::uint32_t bytes = 0;
  std::uint32_t ranks = 2;
  DType dtype = DType::kF32;
  std::uint32_t repeat = 1;
  std::uint32_t root = 0;      ///< of a broadcast
  std::uint32_t row = 7168;    ///< dispatch, combine: bytes of a token
  double skew = 0.5;           ///< dispatch, combine: 0 even .. 1: see uneven_counts()
  std::uint64_t seed = 1;      ///< of data and counts
  bool shared_memory = false;  ///< buffers in shared SRAM in place of HBM
  // How the work is cut; 0: chosen by shape_of().
  std::uint32_t columns = 0;
  std::uint32_t groups = 0;
  std::uint32_t chunk = 0;
  std::uint32_t window = 0;
  std::uint32_t lead = 0;
};

/// Rows that rank `source` sends to each rank in a dispatch: every rank has the same number of
/// rows, their destinations are drawn with weights between 1 - skew and 1 + skew, so receivers
/// differ. Deterministic.
using Counts = std::vector<std::vector<std::uint32_t>>;
Counts uneven_counts(const Spec& spec);

}  // namespace aipu::collective
