// SPDX-License-Identifier: Apache-2.0
// What a rank launches, and the signals that come back to it: sent by others by the same cut.
#include <algorithm>

#include "regs/abi.h"
#include "sim/collective/shape.h"

namespace aipu::collective {
namespace {

/// Messages of a slice, all columns; `bytes` is the end of the vector.
std::uint32_t messages(const Shape& s, std::uint32_t slice, std::uint32_t bytes) {
  std::uint32_t count = 0;
  const std::uint64_t first = std::uint64_t{slice} * s.slice;
  const std::uint64_t end = std::min<std::uint64_t>(bytes, first + s.slice);
  for (std::uint32_t column = 0; column < s.columns; ++column) {
    const std::uint64_t piece = first + std::uint64_t{column} * s.piece;
    for (std::uint32_t k = 0; k < s.chunks(); ++k)
      if (piece + std::uint64_t{k} * s.chunk < end) ++count;
  }
  return count;
}

std::uint32_t all_messages(const Shape& s, std::uint32_t bytes) {
  std::uint32_t count = 0;
  for (std::uint32_t slice = 0; slice < s.slices; ++slice)
    count += messages(s, slice, bytes);
  return count;
}

/// The first half of the ranks sends, the second receives.
void add_transfer(const Spec& spec, const Shape& s, std::uint32_t rank, hc_launch_t& e) {
  hc_collective_args_t& a = e.args.collective;
  a.distance = spec.ranks / 2;
  if (rank < a.distance) return;
  a.groups = 0;
  e.gather_signals = messages(s, 0, spec.bytes);
}

void add_exchange(const Spec& spec, const Shape& s, hc_launch_t& e) {
  hc_collective_args_t& a = e.args.collective;
  a.scatter = spec.kind == Kind::kAllToAll ? 1 : 0;
  a.in_stride = a.scatter * s.slice;
  a.out_stride = s.slice;
  a.lead = s.lead;
  e.phase_signals = s.columns * s.groups;
}

void add_reduce(const Spec& spec, const Shape& s, std::uint32_t rank, hc_launch_t& e) {
  hc_collective_args_t& a = e.args.collective;
  a.scatter = s.algorithm == Algorithm::kOneShot ? 0 : 1;
  a.gather = spec.kind == Kind::kAllReduce && s.algorithm == Algorithm::kTwoShot ? 1 : 0;
  e.phase_signals = messages(s, a.scatter != 0 ? rank : 0, spec.bytes);
  if (a.gather != 0) e.gather_signals = all_messages(s, spec.bytes) - e.phase_signals;
}

void add_broadcast(const Spec& spec, const Shape& s, std::uint32_t rank, hc_launch_t& e) {
  e.args.collective.root = spec.root;
  if (rank == spec.root) {
    e.phase_signals = s.columns;
    return;
  }
  const std::uint32_t own = (rank + spec.ranks - spec.root) % spec.ranks - 1;
  e.phase_signals = messages(s, own, spec.bytes);
  e.gather_signals = all_messages(s, spec.bytes) - e.phase_signals;
}

void add_multicast(const Spec& spec, const Shape& s, std::uint32_t rank, hc_launch_t& e) {
  hc_collective_args_t& a = e.args.collective;
  a.root = spec.root;
  a.gather = spec.kind == Kind::kAllGather ? 1 : 0;
  const bool sends = a.gather != 0 || rank == spec.root;
  const std::uint32_t own = sends ? messages(s, a.gather != 0 ? rank : 0, spec.bytes) : 0;
  e.gather_signals = all_messages(s, spec.bytes) - own;
  e.phase_signals = a.gather != 0 ? s.columns : 0;
}

}  // namespace

hc_launch_t barrier_of(const Spec& spec, std::uint32_t rank, std::uint32_t cores) {
  hc_launch_t e{};
  e.kernel = HC_KERNEL_COLLECTIVE;
  e.core_count = cores;
  e.gather_signals = spec.ranks - 1;
  hc_collective_args_t& a = e.args.collective;
  a.operation = HC_COLLECTIVE_BARRIER;
  a.rank = rank;
  a.ranks = spec.ranks;
  a.columns = a.chunk = 1;
  a.inverse = HC_COLLECTIVE_INVERSE(1U);
  a.groups = std::min(cores, spec.ranks - 1);
  return e;
}

hc_launch_t launch_of(const Spec& spec, const Shape& s, const Memory& memory, std::uint32_t rank,
                      std::uint32_t cores) {
  if (spec.kind == Kind::kBarrier) return barrier_of(spec, rank, cores);
  hc_launch_t e{};
  e.kernel = HC_KERNEL_COLLECTIVE;
  e.core_count = cores;
  hc_collective_args_t& a = e.args.collective;
  a.in = memory.in;
  a.out = memory.out;
  a.counts = memory.counts;
  a.arrived = memory.arrived;
  a.operation = s.operation;
  a.rank = rank;
  a.ranks = spec.ranks;
  a.bytes = spec.bytes;
  a.slice = s.slice;
  a.piece = s.piece;
  a.chunk = s.chunk;
  a.columns = s.columns;
  a.inverse = HC_COLLECTIVE_INVERSE(s.columns);
  a.groups = s.groups;
  a.window = s.window;
  a.dtype = static_cast<std::uint32_t>(spec.dtype);
  a.traffic_class = spec.kind == Kind::kKv ? 3 : moves_rows(spec.kind) ? 1 : 2;
  a.row = spec.row;
  a.capacity = memory.capacity;
  switch (s.operation) {
    case HC_COLLECTIVE_EXCHANGE:
      add_exchange(spec, s, e);
      break;
    case HC_COLLECTIVE_TRANSFER:
      add_transfer(spec, s, rank, e);
      break;
    case HC_COLLECTIVE_REDUCE:
      add_reduce(spec, s, rank, e);
      break;
    case HC_COLLECTIVE_BROADCAST:
      add_broadcast(spec, s, rank, e);
      break;
    case HC_COLLECTIVE_IN_SWITCH:
      a.gather = spec.kind == Kind::kAllReduce ? 1 : 0;
      e.phase_signals = s.columns;
      if (a.gather != 0)
        e.gather_signals = all_messages(s, spec.bytes) - messages(s, rank, spec.bytes);
      break;
    case HC_COLLECTIVE_MULTICAST:
      add_multicast(spec, s, rank, e);
      break;
    case HC_COLLECTIVE_RING:
      e.phase_signals = s.columns;
      break;
    default:  // dispatch: every column's rows and a word of how many; combine: the rows
      e.gather_signals = (spec.ranks - 1) * s.columns;
      e.phase_signals = s.columns;  // copies of the own rows
      if (s.operation == HC_COLLECTIVE_DISPATCH) e.gather_signals += spec.ranks;
      if (s.operation == HC_COLLECTIVE_COMBINE) {
        // From where the dispatch put them to a buffer of their own, in the order sent.
        a.in = memory.out;
        a.out = memory.out + (memory.out_bytes + 4095) / 4096 * 4096;
      }
  }
  return e;
}

}  // namespace aipu::collective
