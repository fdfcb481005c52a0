// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/shape.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/gaddr.h"
#include "hw/base/schema_value.h"
#include "hw/program/sram_map.h"

namespace aipu::collective {
namespace {

constexpr std::uint32_t kLine = 64;     // bytes: pieces and chunks start at multiples of it
constexpr std::uint32_t kPiece = 4096;  // least bytes of a piece that are worth a core of its own
constexpr std::uint32_t kLongPiece = 8192;  // the same where messages are not held in slots
// From so many bytes on a slice has one group: each rank is the destination of one other at a time.
// Shorter ones are bound by latency, and all cores send at once.
constexpr std::uint32_t kBulk = 32768;
constexpr std::uint32_t kChunk = 4096;  // of what is added up: SRAM of a slot is p times as much
// Whole pieces: shorter ones let ranks drift apart, and several then send to one (0.73 of the bound
// for an all-to-all of 256 MiB in messages of 64 KiB).
constexpr std::uint32_t kMessage = 1U << 24U;
// Broadcast: a slice is passed on while it comes. Its messages are short beside the slice, and long
// enough for the contexts of an interface to cover a round trip.
constexpr std::uint32_t kRelayColumns = 4, kRelayChunks = 16;
constexpr std::uint32_t kRelayLeast = 2048, kRelayMost = 8192;

std::uint32_t round_up(std::uint64_t value, std::uint32_t unit) {
  return static_cast<std::uint32_t>((value + unit - 1) / unit * unit);
}

/// A share of `bytes`, in whole lines where that costs no balance.
std::uint32_t share(std::uint32_t bytes, std::uint32_t parts, std::uint32_t element) {
  const std::uint32_t part = round_up((bytes + parts - 1) / parts, element);
  return part >= kLine ? round_up(part, kLine) : std::max(part, element);
}

std::uint32_t operation_of(const Spec& spec, Algorithm algorithm) {
  if (algorithm == Algorithm::kInSwitch) return HC_COLLECTIVE_IN_SWITCH;
  switch (spec.kind) {
    case Kind::kAllReduce:
      return algorithm == Algorithm::kRing ? HC_COLLECTIVE_RING : HC_COLLECTIVE_REDUCE;
    case Kind::kReduceScatter:
      return HC_COLLECTIVE_REDUCE;
    case Kind::kBroadcast:
      return algorithm == Algorithm::kMulticast ? HC_COLLECTIVE_MULTICAST : HC_COLLECTIVE_BROADCAST;
    case Kind::kAllGather:
      return algorithm == Algorithm::kMulticast ? HC_COLLECTIVE_MULTICAST : HC_COLLECTIVE_EXCHANGE;
    case Kind::kDispatch:
      return HC_COLLECTIVE_DISPATCH;
    case Kind::kCombine:
      return HC_COLLECTIVE_COMBINE;
    case Kind::kBarrier:
      return HC_COLLECTIVE_BARRIER;
    case Kind::kKv:
      return HC_COLLECTIVE_TRANSFER;
    default:
      return HC_COLLECTIVE_EXCHANGE;
  }
}

std::uint32_t slices_of(const Spec& spec, Algorithm algorithm) {
  if (spec.kind == Kind::kKv || spec.kind == Kind::kBarrier) return 1;
  if (spec.kind == Kind::kAllReduce && algorithm == Algorithm::kOneShot) return 1;
  if (spec.kind != Kind::kBroadcast) return spec.ranks;
  return algorithm == Algorithm::kMulticast ? 1 : spec.ranks - 1;
}

/// The longest message: what slots and result buffers of the core's SRAM hold.
std::uint32_t longest_chunk(const Spec& spec, const Shape& s) {
  const std::uint32_t result = HC_SRAM_RESULT_BYTES / 4U;
  std::uint32_t most = kMessage;
  if (s.operation == HC_COLLECTIVE_REDUCE)
    most = std::min(HC_SRAM_LANDING_BYTES / HC_COLLECTIVE_SLOTS / spec.ranks, result);
  if (s.operation == HC_COLLECTIVE_RING)
    most = std::min(HC_SRAM_LANDING_BYTES / 2U / (spec.ranks - 1U), result);
  return most / kLine * kLine;
}

void check(const Spec& spec, const Shape& s, std::uint32_t cores) {
  if (s.columns * s.groups > cores) {
    throw ConfigError("", fmt::format("{} columns x {} groups of cores; the AIPU has {}", s.columns,
                                      s.groups, cores));
  }
  if (spec.chunk > longest_chunk(spec, s) || spec.chunk % kLine != 0) {
    throw ConfigError("", fmt::format("chunk of {} bytes; here a multiple of {} up to {}",
                                      spec.chunk, kLine, longest_chunk(spec, s)));
  }
  const bool alone = s.operation == HC_COLLECTIVE_BROADCAST || s.operation == HC_COLLECTIVE_RING ||
                     s.operation == HC_COLLECTIVE_MULTICAST ||
                     s.operation == HC_COLLECTIVE_IN_SWITCH ||
                     (s.operation == HC_COLLECTIVE_REDUCE && s.chunks() > 1);
  if (s.groups > 1 && alone) {
    throw ConfigError("", fmt::format("{} groups of cores; this collective has one", s.groups));
  }
}

void choose_groups(const Spec& spec, Shape& s, std::uint32_t cores) {
  const bool moves = s.operation == HC_COLLECTIVE_EXCHANGE ||
                     s.operation == HC_COLLECTIVE_DISPATCH ||
                     s.operation == HC_COLLECTIVE_COMBINE || s.operation == HC_COLLECTIVE_BARRIER;
  const bool one_chunk = s.operation == HC_COLLECTIVE_REDUCE && s.chunks() == 1;
  if (spec.kind != Kind::kKv && s.slice < kBulk && (moves || one_chunk))
    s.groups = std::max(1U, std::min(cores / s.columns, spec.ranks - 1));
}

std::uint32_t columns_of(std::uint32_t slice, std::uint32_t cores, std::uint32_t piece) {
  std::uint32_t columns = 1;
  while (columns * 2 <= cores && slice / (columns * 2) >= piece)
    columns *= 2;
  return columns;
}

}  // namespace

Shape shape_of(const Spec& spec, Algorithm algorithm, std::uint32_t cores) {
  Shape s;
  s.operation = operation_of(spec, algorithm);
  s.algorithm = algorithm;
  s.slices = slices_of(spec, algorithm);
  const std::uint32_t element = adds_up(spec.kind) ? size_of(spec.dtype) : 1;
  s.slice = s.slices == 1 ? spec.bytes : share(spec.bytes, s.slices, element);
  const bool reduce = s.operation == HC_COLLECTIVE_REDUCE || s.operation == HC_COLLECTIVE_RING;
  const bool relay = s.operation == HC_COLLECTIVE_BROADCAST;
  const std::uint32_t most_columns = relay ? std::min(kRelayColumns, cores) : cores;
  s.columns = spec.columns != 0 ? spec.columns
                                : columns_of(s.slice, most_columns, reduce ? kPiece : kLongPiece);
  s.piece = std::max(share(s.slice, s.columns, element), 1U);
  const std::uint32_t usual =
      s.operation == HC_COLLECTIVE_REDUCE      ? kChunk
      : s.operation == HC_COLLECTIVE_IN_SWITCH ? kLongPiece
      : relay ? std::clamp(round_up(s.piece / kRelayChunks, kRelayLeast), kRelayLeast, kRelayMost)
              : kMessage;
  const std::uint32_t most = std::min(usual, longest_chunk(spec, s));
  s.chunk = spec.chunk != 0 ? spec.chunk : std::min(most, round_up(s.piece, kLine));
  s.window = spec.window;
  s.lead = spec.lead;
  if (spec.groups != 0) {
    s.groups = spec.groups;
  } else {
    choose_groups(spec, s, cores);
  }
  check(spec, s, cores);
  return s;
}

Memory memory_of(const Spec& spec, const Shape& shape, Bytes real, Bytes hbm, Bytes shared) {
  Memory m;
  constexpr std::uint64_t kTables = 1U << 20U;  // beyond the longest program
  m.counts = Gaddr::hbm(kTables).raw;
  m.arrived = Gaddr::hbm(kTables + 4096).raw;
  m.in_bytes = std::uint64_t{shape.slice} * std::max(shape.slices, 1U);
  m.out_bytes = m.in_bytes;
  if (moves_rows(spec.kind)) {
    m.capacity = spec.bytes / spec.row;
    m.in_bytes = std::uint64_t{m.capacity} * spec.row;
    m.out_bytes = m.in_bytes * spec.ranks;
  }
  constexpr std::uint64_t kAlign = 4096;
  const std::uint64_t base = spec.shared_memory ? 0 : real.count;
  const std::uint64_t second = base + (m.in_bytes + kAlign - 1) / kAlign * kAlign;
  const std::uint64_t end =
      second + m.out_bytes + (spec.kind == Kind::kCombine ? m.in_bytes + kAlign : 0);
  const Bytes room = spec.shared_memory ? shared : hbm;
  if (end > room.count || m.out_bytes >= 1ULL << 31U) {
    throw ConfigError("", fmt::format("buffers of {} bytes an AIPU do not fit {} of {}", end,
                                      spec.shared_memory ? "shared SRAM" : "HBM", to_text(room)));
  }
  const auto at = [&](std::uint64_t offset) {
    return (spec.shared_memory ? Gaddr::shared(offset) : Gaddr::hbm(offset)).raw;
  };
  m.in = at(base);
  m.out = at(second);
  return m;
}

std::uint32_t entries_before(const Spec& spec) {
  return spec.kind == Kind::kCombine ? 2 : 0;
}

Program program_of(const Spec& spec, const Shape& shape, const Memory& memory, std::uint32_t rank,
                   std::uint32_t cores) {
  Program program;
  if (spec.kind == Kind::kCombine) {
    Spec before = spec;
    before.kind = Kind::kDispatch;
    Shape cut = shape;
    cut.operation = HC_COLLECTIVE_DISPATCH;
    program.entries.push_back(launch_of(before, cut, memory, rank, cores));
    program.entries.push_back(barrier_of(spec, rank, cores));
  }
  const auto first = static_cast<std::uint32_t>(program.entries.size());
  program.entries.push_back(launch_of(spec, shape, memory, rank, cores));
  hc_launch_t exit{};
  exit.kernel = HC_KERNEL_EXIT;
  exit.core_count = cores;
  program.entries.push_back(exit);
  program.header.magic = HC_PROGRAM_MAGIC;
  hc_segment_t* segment = program.header.segment;
  if (first != 0) *segment++ = {0, first, 1, 0};
  *segment++ = {first, 1, spec.repeat, 0};
  *segment++ = {first + 1, 1, 1, 0};
  program.header.segments = static_cast<std::uint32_t>(segment - program.header.segment);
  return program;
}

}  // namespace aipu::collective
