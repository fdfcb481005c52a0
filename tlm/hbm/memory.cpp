// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/memory.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "hw/base/assert.h"
#include "hw/hbm/constraints.h"
#include "hw/hbm/ecc.h"
#include "tlm/core/clock.h"
#include "tlm/core/transaction.h"

namespace aipu::hbm {

using sc_core::sc_time;

namespace {

// One read of a whole granule, its rows closed and nobody else there: a CK to the scheduler, the
// activate, the column latency, and the bursts back to back.
Picoseconds unloaded(const Config& config) {
  const ConstraintTable table = constraints(config);
  Tick ticks = table.ticks_per_ck + table.latency[kRead] +
               static_cast<Tick>(config.interleave / atom(config)) * table.burst;
  Tick opening = 0;
  for (const Constraint& rule : table.pairs) {
    if (rule.from == kAct && rule.to == kRd && rule.scope == Scope::kBank) {
      opening = std::max(opening, rule.distance);
    }
  }
  ticks += opening;
  const auto cycles = static_cast<std::uint64_t>(ticks + table.ticks_per_ck - 1) /
                      static_cast<std::uint64_t>(table.ticks_per_ck);
  return Clock(command_clock(config)).span(Cycles(cycles)) + config.controller_latency +
         config.phy_latency;
}

}  // namespace

Memory::Memory(const sc_core::sc_module_name& name, const Config& config, Storage& storage,
               std::uint32_t longest_request)
    : Model(name),
      config_(config),
      capacity_(data_capacity(config).count),
      longest_request_(longest_request),
      unloaded_latency_(to_time(unloaded(config))),
      storage_(storage) {
  AIPU_ASSERT(storage.size() >= config.capacity, "{}: {} bytes of storage for {}", this->name(),
              storage.size().count, config.capacity.count);
  mem_in.register_nb_transport_fw(this, &Memory::nb_transport_fw);
  mem_in.register_b_transport(this, &Memory::b_transport);
  mem_in.register_transport_dbg(this, &Memory::transport_dbg);
  mem_in.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
}

tlm::tlm_response_status Memory::check(const Payload& payload) const {
  if (payload.get_data_length() == 0 || payload.get_data_ptr() == nullptr ||
      payload.get_streaming_width() < payload.get_data_length()) {
    return tlm::TLM_BURST_ERROR_RESPONSE;
  }
  const std::uint64_t address = payload.get_address();
  if (address >= capacity_ || payload.get_data_length() > capacity_ - address) {
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  return tlm::TLM_OK_RESPONSE;
}

void Memory::count(const Payload& payload) {
  ++stats_.requests;
  (payload.is_read() ? stats_.bytes_read : stats_.bytes_written) += payload.get_data_length();
  auto* extension = payload.get_extension<PhantomExtension>();
  if (extension != nullptr && payload.is_read()) extension->phantom = false;
}

namespace {

/// Copies, leaving out the bytes that the byte enables (indexed from `offset`) switch off.
void copy_enabled(std::uint8_t* to, const std::uint8_t* from, std::uint32_t bytes,
                  const tlm::tlm_generic_payload& payload, std::uint32_t offset) {
  const unsigned char* enable = payload.get_byte_enable_ptr();
  if (enable == nullptr) {
    std::memcpy(to, from, bytes);
    return;
  }
  const unsigned length = payload.get_byte_enable_length();
  for (std::uint32_t i = 0; i < bytes; ++i) {
    if (enable[(offset + i) % length] == TLM_BYTE_ENABLED) to[i] = from[i];
  }
}

}  // namespace

// Phantom bytes have no contents: written ones go nowhere; read ones mark the payload, and are zero
// for an initiator that does not know of phantoms.
void Memory::move(Payload& payload, std::uint32_t offset, std::uint32_t bytes) {
  const std::uint64_t address = payload.get_address() + offset;
  std::uint8_t* data = payload.get_data_ptr() + offset;
  const std::uint64_t real = storage_.real().count;
  const auto present = static_cast<std::uint32_t>(
      address >= real ? 0 : std::min<std::uint64_t>(bytes, real - address));
  if (payload.is_write()) {
    if (present != 0 && !is_phantom(payload)) {
      copy_enabled(storage_.at(address), data, present, payload, offset);
    }
    return;
  }
  if (present != 0) copy_enabled(data, storage_.at(address), present, payload, offset);
  if (present == bytes) return;
  auto* extension = payload.get_extension<PhantomExtension>();
  if (extension != nullptr) {
    extension->phantom = true;
  } else {
    std::memset(data + present, 0, bytes - present);
  }
}

bool Memory::whole_phantom(Payload& payload) const {
  if (payload.get_address() < storage_.real().count) return false;
  if (payload.is_write()) return true;
  auto* extension = payload.get_extension<PhantomExtension>();
  if (extension != nullptr) extension->phantom = true;
  return extension != nullptr;
}

void Memory::b_transport(int, Payload& payload, sc_time& delay) {
  if (refuse(payload, std::numeric_limits<std::uint32_t>::max())) return;
  count(payload);
  move(payload, 0, payload.get_data_length());
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  delay += unloaded_latency_;
}

unsigned Memory::transport_dbg(int, Payload& payload) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const std::uint64_t address = payload.get_address();
  if (address >= capacity_) return 0;
  const auto bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(payload.get_data_length(), capacity_ - address));
  move(payload, 0, bytes);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return bytes;
}

bool Memory::get_direct_mem_ptr(int, Payload& payload, tlm::tlm_dmi& dmi) {
  const std::uint64_t real = std::min(storage_.real().count, capacity_);
  const bool granted = payload.get_address() < real;
  dmi.set_start_address(granted ? 0 : real);
  dmi.set_end_address(granted ? real - 1 : std::max(capacity_, real + 1) - 1);
  dmi.set_dmi_ptr(granted ? storage_.at(0) : nullptr);
  dmi.set_read_latency(unloaded_latency_);
  dmi.set_write_latency(unloaded_latency_);
  dmi.set_granted_access(granted ? tlm::tlm_dmi::DMI_ACCESS_READ_WRITE
                                 : tlm::tlm_dmi::DMI_ACCESS_NONE);
  return granted;
}

}  // namespace aipu::hbm
