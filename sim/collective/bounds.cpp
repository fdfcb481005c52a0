// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/bounds.h"

#include <algorithm>

namespace aipu::collective {
namespace {

/// Bytes that the busiest rank sends to or gets from others.
double busiest(const Spec& spec) {
  const auto counts = uneven_counts(spec);
  std::uint64_t most = 0;
  for (std::uint32_t rank = 0; rank < spec.ranks; ++rank) {
    std::uint64_t out = 0, in = 0;
    for (std::uint32_t other = 0; other < spec.ranks; ++other) {
      if (other == rank) continue;
      out += counts[rank][other];
      in += counts[other][rank];
    }
    most = std::max({most, out, in});
  }
  return static_cast<double>(most) * spec.row;
}

double all_reduce_s(const Spec& spec, Algorithm algorithm, const Fabric& f) {
  const double p = spec.ranks, n_s = spec.bytes / f.bytes_per_second;
  if (algorithm == Algorithm::kOneShot) return f.alpha_s + (p - 1) * n_s;
  const double steps = algorithm == Algorithm::kRing ? 2 * (p - 1) : 2;
  return steps * f.alpha_s + 2 * (p - 1) / p * n_s;
}

}  // namespace

Fabric fabric_of(const config::Board& board) {
  const directcom::Config& c = board.aipu.directcom;
  const double cycle = 1.0 / static_cast<double>(c.link_clock().count);
  const std::uint32_t flits = c.flits(c.flit.count);
  // Between modules the longest way has a switch and a long link more each way up and down; where
  // there are three tiers even more, which a bound may leave out.
  const directcom::SwitchConfig& s = board.plane_switch;
  const bool modules = board.aipus > board.module;
  const std::uint64_t up = modules ? 2 * (s.pipeline.count + s.link(1).count) : 0;
  const auto cycles =
      static_cast<double>(c.link().count + s.pipeline.count + s.link(0).count + up + flits - 1U);
  const double payload = static_cast<double>(c.payload.count) /
                         static_cast<double>(c.max_packet_flits() * c.flit.count);
  return {2e-12 * static_cast<double>(c.interface_latency.count) + cycles * cycle,
          static_cast<double>(c.lanes) * static_cast<double>(c.lane_rate.count) / 8.0 * payload};
}

double bound_s(const Spec& spec, Algorithm algorithm, const Fabric& f) {
  const double p = spec.ranks, n_s = spec.bytes / f.bytes_per_second;
  switch (spec.kind) {
    case Kind::kAllReduce:
      return all_reduce_s(spec, algorithm, f);
    case Kind::kReduceScatter:
    case Kind::kAllGather:
    case Kind::kAllToAll:
      return f.alpha_s + (p - 1) / p * n_s;
    case Kind::kBroadcast:  // every rank passes on what it gets: nobody sends more than n
      return 2 * f.alpha_s + n_s;
    case Kind::kDispatch:
    case Kind::kCombine:
      return f.alpha_s + busiest(spec) / f.bytes_per_second;
    case Kind::kBarrier:
      return f.alpha_s;
    case Kind::kKv:
      return f.alpha_s + n_s;
  }
  return 0;
}

Algorithm choose_algorithm(const Spec& spec, const Fabric& fabric) {
  if (spec.kind != Kind::kAllReduce) return Algorithm::kTwoShot;
  Algorithm best = Algorithm::kOneShot;
  for (Algorithm other : {Algorithm::kTwoShot, Algorithm::kRing}) {
    if (bound_s(spec, other, fabric) < bound_s(spec, best, fabric)) best = other;
  }
  return best;
}

double one_shot_limit(std::uint32_t ranks, const Fabric& fabric) {
  const double p = ranks;
  const double more = p - 1 - 2 * (p - 1) / p;  // 0 for two ranks: one-shot is never worse
  return more > 0 ? fabric.alpha_s * fabric.bytes_per_second / more : 4294967295.0;
}

double bus_factor(const Spec& spec) {
  const double p = spec.ranks;
  switch (spec.kind) {
    case Kind::kAllReduce:
      return 2 * (p - 1) / p;
    case Kind::kBroadcast:
    case Kind::kKv:
    case Kind::kBarrier:
      return 1;
    default:
      return (p - 1) / p;
  }
}

}  // namespace aipu::collective
