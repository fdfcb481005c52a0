// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/gaddr.h"
#include "regs/abi.h"
#include "regs/dma.h"
#include "tlm/core/command_engine.h"

namespace aipu::test {

struct Strides {
  std::uint32_t source_row = 0;
  std::uint32_t destination_row = 0;
  std::uint32_t source_plane = 0;
  std::uint32_t destination_plane = 0;
};

/// A DMA copy as firmware would write it. `done` is the own counter that it adds 1 to.
inline Command copy_command(Gaddr source, Gaddr destination, std::uint32_t bytes,
                            std::uint32_t rows = 1, std::uint32_t planes = 1,
                            const Strides& strides = {}, std::uint32_t done = 1) {
  namespace dma = regs::dma;
  Command c;
  c.opcode = dma::kOpCopy;
  c.words[dma::kWSrcLo] = static_cast<std::uint32_t>(source.raw);
  c.words[dma::kWSrcHi] = static_cast<std::uint32_t>(source.raw >> 32U);
  c.words[dma::kWDstLo] = static_cast<std::uint32_t>(destination.raw);
  c.words[dma::kWDstHi] = static_cast<std::uint32_t>(destination.raw >> 32U);
  c.words[dma::kWBytes] = bytes;
  c.words[dma::kWRows] = rows;
  c.words[dma::kWPlanes] = planes;
  c.words[dma::kWSrcRowStride] = strides.source_row;
  c.words[dma::kWDstRowStride] = strides.destination_row;
  c.words[dma::kWSrcPlaneStride] = strides.source_plane;
  c.words[dma::kWDstPlaneStride] = strides.destination_plane;
  c.words[regs::abi::kWAdd0] = done | (1U << regs::abi::kAdd0AmountShift) |
                               (regs::abi::kScopeSelf << regs::abi::kAdd0ScopeShift);
  return c;
}

inline Command fill_command(std::uint32_t pattern, Gaddr destination, std::uint32_t bytes,
                            std::uint32_t done = 1) {
  Command c = copy_command(Gaddr{pattern}, destination, bytes, 1, 1, {}, done);
  c.opcode = regs::dma::kOpFill;
  return c;
}

}  // namespace aipu::test
