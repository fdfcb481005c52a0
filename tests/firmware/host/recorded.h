// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <vector>

#include "firmware/host/recorder.h"
#include "hw/base/gaddr.h"
#include "hw/dma/descriptor.h"
#include "hw/program/sram_map.h"
#include "hw/tensor/tile.h"
#include "hw/vector/command.h"
#include "regs/abi.h"
#include "regs/core.h"
#include "regs/directcom.h"

namespace aipu::test {

/// A range of the own SRAM that a command reads or writes.
struct Access {
  std::uint64_t begin, end;  ///< offsets
  bool write;
  bool meets(const Access& o) const { return begin < o.end && o.begin < end && (write || o.write); }
};

/// What core `core` of AIPU 0 recorded, decoded by the rules of the engines.
class Recorded {
 public:
  static std::vector<recorded_t> all() {
    std::vector<recorded_t> out;
    for (std::uint32_t i = 0; i < recorder_count(); ++i)
      out.push_back(*recorder_at(i));
    return out;
  }
  static std::vector<recorded_t> of_queue(std::uint32_t queue) {
    std::vector<recorded_t> out;
    for (const recorded_t& r : all())
      if (r.kind == RECORDED_COMMAND && r.queue == queue) out.push_back(r);
    return out;
  }
  static CommandWords words(const recorded_t& r) {
    CommandWords w{};
    std::copy(std::begin(r.words), std::end(r.words), w.begin());
    return w;
  }
  static dma::Descriptor copy_of(const recorded_t& r, std::uint32_t core = 0) {
    const auto decoded = dma::decode(r.opcode, words(r), {0, core, false});
    EXPECT_EQ(decoded.rule, regs::abi::kRuleNone)
        << "queue " << r.queue << " at " << decoded.address;
    return decoded.descriptor;
  }
  static tensor::Tile tile_of(const recorded_t& r) {
    const auto decoded = tensor::decode(r.opcode, words(r));
    EXPECT_EQ(decoded.breach.rule, regs::abi::kRuleNone) << std::hex << decoded.breach.address;
    return decoded.tile;
  }
  static vector::Operation operation_of(const recorded_t& r) {
    const auto decoded = vector::decode(r.opcode, words(r));
    EXPECT_EQ(decoded.breach.rule, regs::abi::kRuleNone) << std::hex << decoded.breach.address;
    return decoded.operation;
  }

  /// Ranges of a command, from first to last byte of each operand; a breach fails the test.
  static std::vector<Access> accesses(const recorded_t& r, std::uint32_t core = 0) {
    std::vector<Access> out;
    if (r.kind != RECORDED_COMMAND) return out;
    const auto add_side = [&](const dma::Descriptor& d, const dma::Side& side, bool write) {
      if (!side.local) return;
      const std::uint64_t from = side.base.offset();
      const std::uint64_t span = std::uint64_t{d.planes - 1} * side.plane_stride +
                                 std::uint64_t{d.rows - 1} * side.row_stride + d.bytes;
      out.push_back({from, from + span, write});
    };
    const auto add_tiles = [&](const SramTiles& tiles) {
      for (const SramTile& t : tiles)
        out.push_back({t.offset, t.end(), t.write});
    };
    if (r.queue == regs::abi::kQueueTensor) {
      add_tiles(tensor::operands(tile_of(r)));
    } else if (r.queue == regs::abi::kQueueVector) {
      add_tiles(operation_of(r).tiles);
    } else if (r.queue == regs::abi::kQueueDirectcom) {
      namespace put = regs::directcom;
      const Gaddr source{std::uint64_t{r.words[put::kWSrcHi]} << 32U | r.words[put::kWSrcLo]};
      if (!dma::Owner{0, core, false}.is_local(source)) return out;  // memory to memory
      const std::uint64_t from = source.offset();
      out.push_back({from,
                     from + std::uint64_t{r.words[put::kWRows] - 1} * r.words[put::kWSrcRowStride] +
                         r.words[put::kWBytes],
                     false});
    } else {
      const dma::Descriptor d = copy_of(r, core);
      if (!d.fill) add_side(d, d.source, false);
      add_side(d, d.destination, true);
    }
    return out;
  }

  static std::uint32_t add_counter(const recorded_t& r, unsigned which) {
    return r.words[regs::abi::kWAdd0 + which] & 0x3FU;
  }
  static std::uint32_t add_amount(const recorded_t& r, unsigned which) {
    return r.words[regs::abi::kWAdd0 + which] >> 8U & 0xFFU;
  }
  /// How much all commands add to a counter of the own core.
  static std::uint32_t added(std::uint32_t counter) {
    std::uint32_t sum = 0;
    for (const recorded_t& r : all()) {
      for (unsigned which = 0; which < 2; ++which)
        if (r.kind == RECORDED_COMMAND && add_counter(r, which) == counter)
          sum += add_amount(r, which);
    }
    return sum;
  }
};

inline bool in_stream(const Access& a) {
  return a.begin >= HC_SRAM_STREAM && a.end <= HC_SRAM_STREAM + HC_SRAM_STREAM_BYTES;
}

}  // namespace aipu::test
