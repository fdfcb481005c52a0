// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "hw/sram/config.h"
#include "tlm/core/clock.h"
#include "tlm/core/model.h"
#include "tlm/core/storage.h"
#include "tlm/core/timeline.h"
#include "tlm/sram/access.h"

namespace aipu::sram {

/// The SRAM shared by the cores of an AIPU: banks, interleaved, each a server of its own.
///
/// Timing: `shared_latency` after arrival, then `bank_width` bytes per cycle from each bank that
/// the request touches, first come first served. Like CoreSram it never waits and needs no kernel
/// event. Limits: no bank conflicts below a bank's own bandwidth; bytes move when the call is made.
class SharedSram : public Model {
 public:
  /// Only the first `real` bytes hold data; the rest are phantom.
  SharedSram(const sc_core::sc_module_name& name, const Config& config, Clock clock, Bytes real);

  /// From the NoC: one binding for each of its initiators; any number.
  tlm_utils::multi_passthrough_target_socket<SharedSram, 256> mem_in{"mem_in"};

  Storage& storage() { return storage_; }
  const Storage& storage() const { return storage_; }
  const Stats& stats() const { return stats_; }

  const StatGroup* stat_group() const override { return &stats_; }
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::uint64_t servers() const override { return config_.banks; }

 private:
  void b_transport(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(int id, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay);
  unsigned transport_dbg(int id, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int id, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  std::uint64_t book(std::uint64_t start_ps, std::uint64_t offset, std::uint64_t bytes);

  const Config config_;
  const Clock clock_;
  Storage storage_;
  std::vector<Timeline> banks_;
  Stats stats_;
};

}  // namespace aipu::sram
