// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/collective/shape.h"

namespace aipu::collective {

using Data = std::vector<std::uint8_t>;

/// What every rank starts with: seeded numbers of -1..1 in the format of a reduction, else bytes.
std::vector<Data> inputs_of(const Spec& spec, const Memory& memory);

/// The table of a rank's rows for each, as firmware reads it.
Data counts_table(const Counts& counts, std::uint32_t rank);

/// Calls `compare(address, bytes)` for every range that the collective leaves at `rank`, in the own
/// arithmetic of the host; sums are in the order that hw/docs/collectives.md fixes, so they are
/// equal bit by bit. `counts`: of uneven_counts(), where rows are moved.
void expected(
    const Spec& spec, const Shape& shape, const Memory& memory, const std::vector<Data>& inputs,
    const Counts& counts, std::uint32_t rank,
    const std::function<void(std::uint64_t, const std::uint8_t*, std::uint64_t)>& compare);

/// The sum over all ranks of element range [begin, begin + count): in ascending order of ranks from
/// `first` on, rounded once at the end or after every addition.
Data sum_of(const Spec& spec, const std::vector<Data>& inputs, std::uint64_t begin,
            std::uint64_t bytes, std::uint32_t first, bool round_always);

}  // namespace aipu::collective
