// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "hw/base/sram_tile.h"
#include "hw/base/units.h"
#include "regs/abi.h"
#include "regs/core.h"
#include "tlm/core/command_engine.h"
#include "tlm/core/sram_window.h"

namespace aipu {

/// An engine that works on tiles in its core's SRAM, one command at a time: common to tensor and
/// vector.
///
/// Timing: a command takes the time its block's formula says, or until the SRAM's port has passed
/// its bytes where other engines use it too, whichever is later. One kernel event per command.
/// Data: operands are protected by the range guard from begin to completion; results appear at
/// completion, when the block computes on the SRAM's bytes (functional mode only).
/// Limits: a tile with gaps between its rows is not guarded (its gaps belong to others).
class TileEngine : public CommandEngine {
 public:
  TileEngine(const sc_core::sc_module_name& name, const EngineWiring& wiring, std::uint32_t depth)
      : CommandEngine(name, wiring, depth) {
    SC_HAS_PROCESS(TileEngine);
    SC_METHOD(finish);
    sensitive << done_;
    dont_initialize();
    mem_out.register_invalidate_direct_mem_ptr(this, &TileEngine::invalidate);
  }

  /// To the core's SRAM; addresses are offsets from its start.
  tlm_utils::simple_initiator_socket<TileEngine, 256> mem_out{"mem_out"};

 protected:
  /// What the common part needs to know of a command.
  struct Work {
    SramTiles tiles;
    Cycles cycles;   ///< start to last result with the SRAM to itself
    Cycles latency;  ///< of that, after the last operand has arrived
  };

  /// Decodes the command and keeps what compute() and count() need.
  virtual Breach decode(const Command& command, Work& work) = 0;
  /// Does the decoded command on the SRAM's bytes.
  virtual void compute(std::uint8_t* sram) = 0;
  /// Counts the decoded command, which is done.
  virtual void count(std::uint64_t sram_bytes) = 0;

  bool can_begin(const Slot&) const override { return running() == 0; }

  void begin(Slot& slot) override {
    work_.tiles.clear();
    Breach breach = decode(slot.command, work_);
    if (breach) {
      fail(slot, breach.rule, breach.address);
      return;
    }
    if (!claim_tiles(slot) || !may_read_tiles(slot)) return;
    slot_ = &slot;
    const std::uint64_t now = now_ps();
    std::uint64_t end = now + wiring().clock.span(work_.cycles).count;
    if (wiring().sram_port != nullptr) {
      const std::uint64_t passed = wiring().sram_port->book(now, work_.tiles.traffic());
      end = std::max(end, passed + wiring().clock.span(work_.latency).count);
    }
    done_.notify(to_time(Picoseconds(end - now)));
  }

 private:
  void invalidate(sc_dt::uint64, sc_dt::uint64) { window_.forget(); }

  /// Registers the dense ranges of the command, or none of them and fails it.
  bool claim_tiles(const Slot& slot) {
    for (const SramTile& tile : work_.tiles) {
      if (!tile.rows_dense()) continue;
      const std::uint32_t planes = tile.dense() ? 1 : tile.planes;
      const std::uint64_t length = tile.dense() ? tile.span() : tile.plane_span();
      for (std::uint32_t i = 0; i < planes; ++i) {
        const std::uint64_t from = tile.offset + i * tile.plane_stride;
        const auto conflict = claim(slot, from, from + length, tile.write);
        if (!conflict) continue;
        fail_clash(slot, from, from + length, tile.write, *conflict,
                   regs::core::kSramBase + std::max<std::uint64_t>(from, conflict->begin));
        return false;
      }
    }
    return true;
  }

  /// Whether every row that the command reads has been written, as far as that is looked for.
  bool may_read_tiles(const Slot& slot) {
    if (wiring().sram_written == nullptr) return true;
    for (const SramTile& tile : work_.tiles) {
      if (!tile.read) continue;
      const std::uint32_t planes = tile.dense() ? 1 : tile.planes;
      const std::uint32_t rows = tile.rows_dense() ? 1 : tile.rows;
      const std::uint64_t length = tile.dense()        ? tile.span()
                                   : tile.rows_dense() ? tile.plane_span()
                                                       : tile.row_bytes;
      for (std::uint32_t i = 0; i < planes * rows; ++i) {
        const std::uint64_t from =
            tile.offset + i / rows * tile.plane_stride + i % rows * tile.stride;
        if (!may_read(slot, from, from + length, regs::core::kSramBase + from)) return false;
      }
    }
    return true;
  }

  void finish() {
    if (!wiring().functional) {
      conclude();
    } else if (std::uint8_t* bytes = window_.direct(mem_out); bytes != nullptr) {
      compute(bytes);
      conclude();
    } else {
      compute_by_copy();
    }
  }

  /// A memory without DMI: copies in, computes, copies out. The memory may wait, so this needs a
  /// thread; it exists only where it is needed. Its time is not charged: the port already was.
  void compute_by_copy() {
    if (copying_) {
      copy_.notify(sc_core::SC_ZERO_TIME);
      return;
    }
    copying_ = true;
    sc_core::sc_spawn(
        [this] {
          for (;;) {
            if (window_.read(mem_out, work_.tiles)) {
              compute(window_.copy());
              window_.write(mem_out, work_.tiles);
              conclude();
            } else {
              fail(*slot_, regs::abi::kRuleBadAddress,
                   regs::core::kSramBase + work_.tiles[0].offset);
            }
            sc_core::wait(copy_);
          }
        },
        sc_core::sc_gen_unique_name("copy"));
  }

  void conclude() {
    release(*slot_);
    mark_written();
    count(work_.tiles.traffic());
    complete(*slot_);
  }

  /// Results have come by DMI, which the memory does not see.
  void mark_written() {
    if (wiring().sram_written == nullptr) return;
    for (const SramTile& tile : work_.tiles) {
      if (!tile.write) continue;
      for (std::uint32_t i = 0; i < tile.planes * tile.rows; ++i) {
        const std::uint64_t from =
            tile.offset + i / tile.rows * tile.plane_stride + i % tile.rows * tile.stride;
        wiring().sram_written->mark(from, from + tile.row_bytes);
      }
    }
  }

  Work work_;
  Slot* slot_ = nullptr;
  SramWindow window_;
  sc_core::sc_event done_{"done"};
  sc_core::sc_event copy_{"copy_event"};
  bool copying_ = false;
};

}  // namespace aipu
