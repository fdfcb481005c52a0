// SPDX-License-Identifier: Apache-2.0
#include "tlm/sram/core_sram.h"

#include <algorithm>

#include "tlm/core/transaction.h"

namespace aipu::sram {

CoreSram::CoreSram(const sc_core::sc_module_name& name, const Config& config, Clock clock,
                   Bytes real, std::optional<Bytes> assumed_written)
    : Model(name), config_(config), clock_(clock), storage_(config.core_size, real) {
  if (assumed_written) {
    written_ = std::make_unique<WrittenMap>(config.core_size.count);
    written_->mark(0, assumed_written->count);
  }
  mem_in.register_b_transport(this, &CoreSram::b_transport);
  mem_in.register_nb_transport_fw(this, &CoreSram::nb_transport_fw);
  mem_in.register_transport_dbg(this, &CoreSram::transport_dbg);
  mem_in.register_get_direct_mem_ptr(this, &CoreSram::get_direct_mem_ptr);
}

void CoreSram::mark(const tlm::tlm_generic_payload& payload) {
  if (written_ == nullptr || !payload.is_write()) return;
  const std::uint64_t begin = payload.get_address();
  written_->mark(begin, std::min(begin + payload.get_data_length(), config_.core_size.count));
}

std::uint64_t CoreSram::book(std::uint64_t start_ps, std::uint64_t bytes) {
  if (bytes == 0) return start_ps;
  const Cycles cycles(ceil_div(bytes, config_.core_width.count));
  return port_.book(now_ps(), start_ps, clock_.span(cycles).count).end;
}

void CoreSram::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (!access(storage_, payload, stats_)) return;
  mark(payload);
  const std::uint64_t now = now_ps();
  const std::uint64_t start = now + delay.value();
  const bool is_long = payload.get_data_length() > Transaction::kMaxBytes;
  const auto* stream = is_long ? payload.get_extension<StreamExtension>() : nullptr;
  if (stream == nullptr || stream->first == 0 || stream->first >= start) {
    delay = to_time(Picoseconds(book(start, payload.get_data_length()) - now));
    return;
  }
  // The port serves what has come; the last word goes by itself.
  const std::uint64_t end = book(std::max(now, stream->first), payload.get_data_length());
  delay = to_time(Picoseconds(std::max(end, start + clock_.span(Cycles(1)).count) - now));
}

tlm::tlm_sync_enum CoreSram::nb_transport_fw(int id, tlm::tlm_generic_payload& payload,
                                             tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) b_transport(id, payload, delay);
  return tlm::TLM_COMPLETED;
}

unsigned CoreSram::transport_dbg(int, tlm::tlm_generic_payload& payload) {
  const unsigned bytes = debug_access(storage_, payload);
  if (bytes != 0) mark(payload);
  return bytes;
}

bool CoreSram::get_direct_mem_ptr(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  return grant_dmi(storage_, payload, dmi);
}

std::vector<TimeShare> CoreSram::time_shares(std::uint64_t now) const {
  const std::uint64_t busy = port_.busy(now);
  return {{"busy", busy}, {"idle", now - busy}};
}

}  // namespace aipu::sram
