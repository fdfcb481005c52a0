// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/descriptor.h"

#include "regs/abi.h"
#include "regs/dma.h"

namespace aipu::dma {
namespace {

namespace abi = regs::abi;
using Words = std::array<std::uint32_t, 32>;

std::uint64_t wide(const Words& words, std::uint32_t low) {
  return (std::uint64_t{words[low + 1]} << 32U) | words[low];
}

Descriptor unpack(std::uint32_t opcode, const Words& w, const Owner& owner) {
  Descriptor d;
  d.fill = opcode == regs::dma::kOpFill;
  d.pattern = w[regs::dma::kWSrcLo];
  d.bytes = w[regs::dma::kWBytes];
  d.rows = w[regs::dma::kWRows];
  d.planes = w[regs::dma::kWPlanes];
  d.source = {Gaddr{wide(w, regs::dma::kWSrcLo)}, w[regs::dma::kWSrcRowStride],
              w[regs::dma::kWSrcPlaneStride], false};
  d.destination = {Gaddr{wide(w, regs::dma::kWDstLo)}, w[regs::dma::kWDstRowStride],
                   w[regs::dma::kWDstPlaneStride], false};
  if (d.fill) {
    d.source = {};
  } else {
    d.source.local = owner.is_local(d.source.base);
  }
  d.destination.local = owner.is_local(d.destination.base);
  return d;
}

bool good_size(const Descriptor& d) {
  return d.bytes != 0 && d.rows != 0 && d.planes != 0 && d.rows <= kMaxCommandBytes / d.bytes &&
         d.planes <= kMaxCommandBytes / (d.bytes * d.rows);
}

/// The size that is wrong, for the fault report.
std::uint64_t bad_size(const Descriptor& d) {
  if (d.bytes == 0 || d.rows == 0 || d.planes == 0) return 0;
  return d.rows > kMaxCommandBytes / d.bytes ? d.rows : d.planes;
}

bool good_side(const Descriptor& d, const Side& side, const Owner& owner, bool destination) {
  const Gaddr base = side.base;
  if (base.space_code() > abi::kSpaceCore) return false;
  if (base.aipu() != Gaddr::kSelf && base.aipu() != owner.aipu) return false;
  const bool core = base.space() == Gaddr::Space::kCore;
  if (core && base.core() == Gaddr::kAllCores && !destination) return false;
  const std::uint64_t limit = std::uint64_t{1} << (core ? 40U : 48U);
  const std::uint64_t planes = std::uint64_t{d.planes - 1} * side.plane_stride;
  const std::uint64_t rows = std::uint64_t{d.rows - 1} * side.row_stride;
  return planes <= limit && rows <= limit && base.offset() + planes + rows + d.bytes <= limit;
}

/// Rows, then planes, that follow each other without a gap on both sides become longer rows.
void join(Descriptor& d) {
  const auto dense = [&d](std::uint32_t source, std::uint32_t destination) {
    return (d.fill || source == d.bytes) && destination == d.bytes;
  };
  if (d.fill && d.bytes % sizeof(d.pattern) != 0) return;  // the pattern restarts in every row
  if (d.rows > 1 && dense(d.source.row_stride, d.destination.row_stride)) {
    d.bytes *= d.rows;
    d.rows = 1;
  }
  if (d.rows == 1 && d.planes > 1 && dense(d.source.plane_stride, d.destination.plane_stride)) {
    d.bytes *= d.planes;
    d.planes = 1;
  }
}

/// A copy inside the own SRAM whose two dense sides share bytes.
bool overlaps(const Descriptor& d) {
  if (!d.source.local || !d.destination.local || d.rows != 1 || d.planes != 1) return false;
  const std::uint64_t from = d.source.base.offset();
  const std::uint64_t to = d.destination.base.offset();
  return from < to + d.bytes && to < from + d.bytes;
}

}  // namespace

Decoded decode(std::uint32_t opcode, const Words& words, const Owner& owner) {
  if (opcode != regs::dma::kOpCopy && opcode != regs::dma::kOpFill) {
    return {{}, abi::kRuleUnknownCommand, opcode};
  }
  Decoded result{unpack(opcode, words, owner), abi::kRuleNone, 0};
  Descriptor& d = result.descriptor;
  const auto refuse = [&d](std::uint32_t rule, std::uint64_t address) {
    return Decoded{d, rule, address};
  };
  if (!good_size(d)) return refuse(abi::kRuleBadSize, bad_size(d));
  if (!d.fill && !good_side(d, d.source, owner, false)) {
    return refuse(abi::kRuleBadAddress, d.source.base.raw);
  }
  const bool reaches = d.fill || d.source.local || d.destination.local || owner.control;
  if (!good_side(d, d.destination, owner, true) || !reaches) {
    return refuse(abi::kRuleBadAddress, d.destination.base.raw);
  }
  join(d);
  if (overlaps(d)) return refuse(abi::kRuleOverlap, d.destination.base.raw);
  return result;
}

}  // namespace aipu::dma
