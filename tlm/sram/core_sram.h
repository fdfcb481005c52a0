// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "hw/sram/config.h"
#include "tlm/core/clock.h"
#include "tlm/core/memory_port.h"
#include "tlm/core/model.h"
#include "tlm/core/range_guard.h"
#include "tlm/core/storage.h"
#include "tlm/core/timeline.h"
#include "tlm/core/written_map.h"
#include "tlm/sram/access.h"

namespace aipu::sram {

/// The SRAM of one core, shared by its hart, its engines and the NoC.
///
/// Timing: one port of `core_width` bytes per cycle, whole cycles, first come first served.
/// Requests book it by TLM, engines that move their bytes by DMI book it through MemoryPort. An
/// access costs its share of the port and no further latency. Never waits and needs no kernel
/// event: delays are annotated, a non-blocking request completes in its first call. Limits: bytes
/// move when the call is made, ahead of the annotated delay (hw/docs/sram.md).
class CoreSram : public Model, public MemoryPort {
 public:
  /// Only the first `real` bytes hold data; the rest are phantom. With `assumed_written`, what is
  /// written is remembered; the first so many bytes count as written.
  CoreSram(const sc_core::sc_module_name& name, const Config& config, Clock clock, Bytes real,
           std::optional<Bytes> assumed_written = std::nullopt);

  /// From the core's engines and hart, and from the NoC; any number of initiators.
  tlm_utils::multi_passthrough_target_socket<CoreSram, 256> mem_in{"mem_in"};

  std::uint64_t book(std::uint64_t start_ps, std::uint64_t bytes) override;

  Storage& storage() { return storage_; }
  const Storage& storage() const { return storage_; }
  RangeGuard& guard() { return guard_; }
  /// What was ever written by requests and debug access; who writes by DMI has to mark it. Null
  /// unless asked for at construction.
  WrittenMap* written() { return written_.get(); }
  const Stats& stats() const { return stats_; }

  const StatGroup* stat_group() const override { return &stats_; }
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;

 private:
  void b_transport(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(int id, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void mark(const tlm::tlm_generic_payload& payload);
  unsigned transport_dbg(int id, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int id, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

  const Config config_;
  const Clock clock_;
  Storage storage_;
  RangeGuard guard_;
  std::unique_ptr<WrittenMap> written_;
  Timeline port_;
  Stats stats_;
};

}  // namespace aipu::sram
