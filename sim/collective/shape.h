// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/base/units.h"
#include "hw/program/launch.h"
#include "sim/collective/spec.h"

namespace aipu::collective {

/// How a collective is cut over cores and messages (hw/docs/collectives.md, "Cutting").
struct Shape {
  std::uint32_t operation = 0;  ///< enum hc_collective
  Algorithm algorithm = Algorithm::kTwoShot;
  std::uint32_t slices = 1;
  std::uint32_t slice = 0, piece = 0, chunk = 0;  ///< bytes
  std::uint32_t columns = 1, groups = 1, window = 0, lead = 0;

  std::uint32_t chunks() const { return (piece + chunk - 1) / chunk; }
};

/// Throws ConfigError where an explicit choice of the spec cannot be.
Shape shape_of(const Spec& spec, Algorithm algorithm, std::uint32_t cores);

/// Where buffers and tables of every AIPU lie (Gaddr::raw, of the own AIPU).
struct Memory {
  std::uint64_t in = 0, out = 0;
  std::uint64_t in_bytes = 0, out_bytes = 0;
  std::uint64_t counts = 0, arrived = 0;
  std::uint32_t capacity = 0;  ///< rows from one rank
};
/// Throws ConfigError where the buffers do not fit. `real` is what a timing-only HBM has bytes for.
Memory memory_of(const Spec& spec, const Shape& shape, Bytes real, Bytes hbm, Bytes shared);

/// What rank `rank` launches; with the signals that it will get.
hc_launch_t launch_of(const Spec& spec, const Shape& shape, const Memory& memory,
                      std::uint32_t rank, std::uint32_t cores);
hc_launch_t barrier_of(const Spec& spec, std::uint32_t rank, std::uint32_t cores);

/// A program as control firmware reads it.
struct Program {
  hc_program_t header{};
  std::vector<hc_launch_t> entries;
};
/// The collective `spec.repeat` times, one right after the other; a combine is preceded by the
/// dispatch and a barrier, which are entries 0 and 1.
Program program_of(const Spec& spec, const Shape& shape, const Memory& memory, std::uint32_t rank,
                   std::uint32_t cores);
/// Entries before the first that is measured.
std::uint32_t entries_before(const Spec& spec);

}  // namespace aipu::collective
