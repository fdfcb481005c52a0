// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/data.h"

#include <algorithm>
#include <cstring>

#include "hw/base/number_format.h"
#include "hw/base/rng.h"

namespace aipu::collective {
namespace {

/// Bytes of a slice that are within the vector.
std::uint64_t slice_bytes(const Spec& spec, const Shape& shape, std::uint32_t slice) {
  const std::uint64_t begin = std::uint64_t{slice} * shape.slice;
  if (begin >= spec.bytes) return 0;
  return std::min<std::uint64_t>(shape.slice, spec.bytes - begin);
}

}  // namespace

std::vector<Data> inputs_of(const Spec& spec, const Memory& memory) {
  std::vector<Data> inputs(spec.ranks, Data((memory.in_bytes + 7) / 8 * 8));
  const std::uint32_t size = size_of(spec.dtype);
  for (std::uint32_t rank = 0; rank < spec.ranks; ++rank) {
    const std::uint64_t seed = split_mix(spec.seed * 1'000'003U + rank);
    std::uint8_t* at = inputs[rank].data();
    if (adds_up(spec.kind)) {
      for (std::uint64_t i = 0; i < inputs[rank].size() / size; ++i, at += size) {
        const auto word = static_cast<std::int32_t>(split_mix(seed + i) >> 32U);
        store_number(spec.dtype, static_cast<float>(word) * 0x1p-31F, at);
      }
      continue;
    }
    for (std::uint64_t i = 0; i < inputs[rank].size(); i += 8, at += 8) {
      const std::uint64_t word = split_mix(seed + i);
      std::memcpy(at, &word, sizeof word);
    }
  }
  return inputs;
}

Data counts_table(const Counts& counts, std::uint32_t rank) {
  const auto& own = counts[rank];
  Data table(own.size() * sizeof own[0]);
  std::memcpy(table.data(), own.data(), table.size());
  return table;
}

Data sum_of(const Spec& spec, const std::vector<Data>& inputs, std::uint64_t begin,
            std::uint64_t bytes, std::uint32_t first, bool round_always) {
  const std::uint32_t size = size_of(spec.dtype);
  Data result(bytes);
  for (std::uint64_t at = 0; at < bytes; at += size) {
    float sum = load_number(spec.dtype, inputs[first].data() + begin + at);
    for (std::uint32_t i = 1; i < spec.ranks; ++i) {
      sum += load_number(spec.dtype, inputs[(first + i) % spec.ranks].data() + begin + at);
      if (!round_always) continue;
      store_number(spec.dtype, sum, result.data() + at);
      sum = load_number(spec.dtype, result.data() + at);
    }
    store_number(spec.dtype, sum, result.data() + at);
  }
  return result;
}

namespace {

using Compare = std::function<void(std::uint64_t, const std::uint8_t*, std::uint64_t)>;

void expect_sums(const Spec& spec, const Shape& shape, const Memory& memory,
                 const std::vector<Data>& inputs, std::uint32_t rank, const Compare& compare) {
  const bool ring = shape.operation == HC_COLLECTIVE_RING;
  const bool scatter = spec.kind == Kind::kReduceScatter;
  for (std::uint32_t slice = 0; slice < shape.slices; ++slice) {
    if (scatter && slice != rank) continue;
    const std::uint64_t begin = std::uint64_t{slice} * shape.slice;
    const Data sum =
        sum_of(spec, inputs, begin, slice_bytes(spec, shape, slice), ring ? slice : 0, ring);
    compare(memory.out + (scatter ? 0 : begin), sum.data(), sum.size());
  }
}

void expect_rows(const Spec& spec, const Memory& memory, const std::vector<Data>& inputs,
                 const Counts& counts, std::uint32_t rank, const Compare& compare) {
  const std::uint64_t row = spec.row;
  std::uint64_t last = 0;  // where the rows of a rank lie at their source, in rows
  if (spec.kind == Kind::kCombine) {
    for (std::uint32_t count : counts[rank])
      last += count;
    compare(memory.out + (memory.out_bytes + 4095) / 4096 * 4096, inputs[rank].data(), last * row);
    return;
  }
  for (std::uint32_t source = 0; source < spec.ranks; ++source) {
    std::uint64_t first = 0;
    for (std::uint32_t before = 0; before < rank; ++before)
      first += counts[source][before];
    compare(memory.out + source * memory.capacity * row, inputs[source].data() + first * row,
            counts[source][rank] * row);
    const hc_arrival_t arrival{counts[source][rank], static_cast<std::uint32_t>(first)};
    compare(memory.arrived + source * sizeof arrival,
            reinterpret_cast<const std::uint8_t*>(&arrival), sizeof arrival);
  }
}

void expect_moved(const Spec& spec, const Shape& shape, const Memory& memory,
                  const std::vector<Data>& inputs, std::uint32_t rank, const Compare& compare) {
  if (spec.kind == Kind::kKv) {
    if (rank >= spec.ranks / 2)
      compare(memory.out, inputs[rank - spec.ranks / 2].data(), spec.bytes);
    return;
  }
  if (spec.kind == Kind::kBroadcast) {
    if (rank != spec.root) compare(memory.out, inputs[spec.root].data(), spec.bytes);
    return;
  }
  for (std::uint32_t source = 0; source < spec.ranks; ++source) {
    const bool gather = spec.kind == Kind::kAllGather;
    const std::uint64_t bytes = slice_bytes(spec, shape, gather ? source : rank);
    const std::uint64_t from = gather ? 0 : std::uint64_t{rank} * shape.slice;
    compare(memory.out + std::uint64_t{source} * shape.slice, inputs[source].data() + from, bytes);
  }
}

}  // namespace

void expected(const Spec& spec, const Shape& shape, const Memory& memory,
              const std::vector<Data>& inputs, const Counts& counts, std::uint32_t rank,
              const Compare& compare) {
  if (spec.kind == Kind::kBarrier) return;
  if (adds_up(spec.kind)) {
    expect_sums(spec, shape, memory, inputs, rank, compare);
  } else if (moves_rows(spec.kind)) {
    expect_rows(spec, memory, inputs, counts, rank, compare);
  } else {
    expect_moved(spec, shape, memory, inputs, rank, compare);
  }
}

}  // namespace aipu::collective
