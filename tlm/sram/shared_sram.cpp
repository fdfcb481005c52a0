// SPDX-License-Identifier: Apache-2.0
#include "tlm/sram/shared_sram.h"

#include <algorithm>

namespace aipu::sram {

SharedSram::SharedSram(const sc_core::sc_module_name& name, const Config& config, Clock clock,
                       Bytes real)
    : Model(name),
      config_(config),
      clock_(clock),
      storage_(config.shared_size, real),
      banks_(config.banks) {
  mem_in.register_b_transport(this, &SharedSram::b_transport);
  mem_in.register_nb_transport_fw(this, &SharedSram::nb_transport_fw);
  mem_in.register_transport_dbg(this, &SharedSram::transport_dbg);
  mem_in.register_get_direct_mem_ptr(this, &SharedSram::get_direct_mem_ptr);
}

std::uint64_t SharedSram::book(std::uint64_t start_ps, std::uint64_t offset, std::uint64_t bytes) {
  const std::uint64_t now = now_ps();
  std::uint64_t end = start_ps;
  while (bytes != 0) {
    const std::uint64_t left =
        config_.bank_interleave.count - offset % config_.bank_interleave.count;
    const std::uint64_t part = std::min(bytes, left);
    const Cycles cycles(ceil_div(part, config_.bank_width.count));
    Timeline& bank = banks_[bank_of(config_, offset)];
    end = std::max(end, bank.book(now, start_ps, clock_.span(cycles).count).end);
    offset += part;
    bytes -= part;
  }
  return end;
}

void SharedSram::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (!access(storage_, payload, stats_)) return;
  const std::uint64_t now = now_ps();
  const std::uint64_t start = now + delay.value() + clock_.span(config_.shared_latency).count;
  delay = to_time(Picoseconds(book(start, payload.get_address(), payload.get_data_length()) - now));
}

tlm::tlm_sync_enum SharedSram::nb_transport_fw(int id, tlm::tlm_generic_payload& payload,
                                               tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) b_transport(id, payload, delay);
  return tlm::TLM_COMPLETED;
}

unsigned SharedSram::transport_dbg(int, tlm::tlm_generic_payload& payload) {
  return debug_access(storage_, payload);
}

bool SharedSram::get_direct_mem_ptr(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  return grant_dmi(storage_, payload, dmi);
}

std::vector<TimeShare> SharedSram::time_shares(std::uint64_t now) const {
  std::uint64_t busy = 0;
  for (const Timeline& bank : banks_)
    busy += bank.busy(now);
  return {{"busy", busy}, {"idle", now * banks_.size() - busy}};
}

}  // namespace aipu::sram
