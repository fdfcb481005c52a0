// SPDX-License-Identifier: Apache-2.0
#include "tlm/sram/access.h"

#include <algorithm>
#include <cstring>

#include "tlm/core/transaction.h"

namespace aipu::sram {
namespace {

bool is_plain(const tlm::tlm_generic_payload& payload) {
  return payload.get_byte_enable_ptr() == nullptr &&
         payload.get_streaming_width() >= payload.get_data_length();
}

/// Bytes of memory that a payload touches.
std::uint64_t span_of(const tlm::tlm_generic_payload& payload) {
  return std::min(payload.get_data_length(), payload.get_streaming_width());
}

/// Byte by byte: enabled bytes only, wrapping at the streaming width.
void move_masked(std::uint8_t* memory, tlm::tlm_generic_payload& payload) {
  const unsigned char* enable = payload.get_byte_enable_ptr();
  const unsigned enables = payload.get_byte_enable_length();
  const unsigned width = payload.get_streaming_width();
  unsigned char* data = payload.get_data_ptr();
  for (unsigned i = 0; i < payload.get_data_length(); ++i) {
    if (enable != nullptr && enable[i % enables] != TLM_BYTE_ENABLED) continue;
    if (payload.is_write()) {
      memory[i % width] = data[i];
    } else {
      data[i] = memory[i % width];
    }
  }
}

void move(Storage& storage, tlm::tlm_generic_payload& payload) {
  std::uint8_t* memory = storage.at(payload.get_address());
  if (!is_plain(payload)) {
    move_masked(memory, payload);
  } else if (payload.is_write()) {
    std::memcpy(memory, payload.get_data_ptr(), payload.get_data_length());
  } else {
    std::memcpy(payload.get_data_ptr(), memory, payload.get_data_length());
  }
}

void read_phantom(tlm::tlm_generic_payload& payload) {
  if (auto* extension = payload.get_extension<PhantomExtension>(); extension != nullptr) {
    extension->phantom = true;
  } else {
    std::memset(payload.get_data_ptr(), 0, payload.get_data_length());
  }
}

void serve(Storage& storage, tlm::tlm_generic_payload& payload) {
  const bool real = storage.is_real(payload.get_address(), span_of(payload));
  if (payload.is_read()) {
    if (!real) {
      read_phantom(payload);
      return;
    }
    if (auto* extension = payload.get_extension<PhantomExtension>(); extension != nullptr) {
      extension->phantom = false;
    }
    move(storage, payload);
  } else if (payload.is_write() && real && !is_phantom(payload)) {
    move(storage, payload);
  }
}

}  // namespace

bool access(Storage& storage, tlm::tlm_generic_payload& payload, Stats& stats) {
  if (!storage.contains(payload.get_address(), span_of(payload))) {
    ++stats.errors;
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return false;
  }
  const std::uint64_t bytes = payload.get_data_length();
  if (payload.is_read()) {
    ++stats.reads;
    stats.read += bytes;
  } else if (payload.is_write()) {
    ++stats.writes;
    stats.written += bytes;
  }
  serve(storage, payload);
  payload.set_dmi_allowed(storage.is_real(payload.get_address(), span_of(payload)));
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return true;
}

unsigned debug_access(Storage& storage, tlm::tlm_generic_payload& payload) {
  const std::uint64_t offset = payload.get_address();
  const std::uint64_t end = std::min(storage.real().count, offset + payload.get_data_length());
  if (offset >= end) return 0;
  const auto bytes = static_cast<unsigned>(end - offset);
  if (payload.is_write()) {
    std::memcpy(storage.at(offset), payload.get_data_ptr(), bytes);
  } else if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), storage.at(offset), bytes);
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return bytes;
}

bool grant_dmi(Storage& storage, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const std::uint64_t real = storage.real().count;
  if (payload.get_address() >= real) {
    dmi.set_start_address(real);
    dmi.set_end_address(~std::uint64_t{0});
    dmi.allow_none();
    return false;
  }
  dmi.set_dmi_ptr(storage.at(0));
  dmi.set_start_address(0);
  dmi.set_end_address(real - 1);
  dmi.allow_read_write();
  return true;
}

}  // namespace aipu::sram
