// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "hw/base/units.h"
#include "tlm/core/clock.h"
#include "tlm/core/transaction.h"

namespace aipu::test {

/// A memory behind the four-phase protocol, of constant latency and without a bandwidth limit.
/// `accept` > 0 withholds END_REQ that long. Addresses are taken modulo 2^40, so that it can stand
/// directly behind an initiator that sends Gaddr::raw. Records what it was asked.
class FlatMemory : public sc_core::sc_module {
 public:
  FlatMemory(const sc_core::sc_module_name& name, Bytes size, Picoseconds latency,
             Picoseconds accept = Picoseconds(0))
      : sc_module(name), latency_(latency.count), accept_(accept.count), bytes_(size.count) {
    mem_in.register_nb_transport_fw(this, &FlatMemory::nb_transport_fw);
    mem_in.register_b_transport(this, &FlatMemory::b_transport);
    mem_in.register_transport_dbg(this, &FlatMemory::transport_dbg);
    SC_HAS_PROCESS(FlatMemory);
    SC_METHOD(serve);
    sensitive << event_;
    dont_initialize();
  }

  tlm_utils::multi_passthrough_target_socket<FlatMemory, 256> mem_in{"mem_in"};

  std::uint8_t* at(std::uint64_t offset) { return bytes_.data() + offset; }
  void record(bool on) { record_ = on; }
  /// Its bytes have no contents from now on (PhantomExtension).
  void make_phantom() { phantom_ = true; }
  const std::vector<std::uint32_t>& request_sizes() const { return request_sizes_; }
  const std::vector<std::uint64_t>& request_addresses() const { return request_addresses_; }
  std::uint32_t most_outstanding() const { return most_outstanding_; }
  std::uint64_t served() const { return served_; }

 private:
  using Payload = tlm::tlm_generic_payload;
  struct Step {
    std::uint64_t at;
    std::uint64_t order;
    bool response;
    int port;
    Payload* payload;
    bool operator<(const Step& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  void b_transport(int, Payload& payload, sc_core::sc_time& delay) {
    access(payload);
    delay += sc_core::sc_time::from_value(latency_);
  }
  unsigned transport_dbg(int, Payload& payload) {
    access(payload);
    return payload.is_response_ok() ? payload.get_data_length() : 0;
  }
  tlm::tlm_sync_enum nb_transport_fw(int port, Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;
    if (record_) {
      request_sizes_.push_back(payload.get_data_length());
      request_addresses_.push_back(payload.get_address());
    }
    most_outstanding_ = std::max(most_outstanding_, ++outstanding_);
    payload.acquire();
    const std::uint64_t arrival = now_ps() + delay.value();
    push({arrival + latency_ + accept_, order_++, true, port, &payload});
    if (accept_ != 0) {
      push({arrival + accept_, order_++, false, port, &payload});
      return tlm::TLM_ACCEPTED;
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void push(const Step& step) {
    steps_.push_back(step);
    std::push_heap(steps_.begin(), steps_.end());
    event_.notify(sc_core::sc_time::from_value(step.at - now_ps()));  // the earliest wins
  }
  void serve() {
    while (!steps_.empty() && steps_.front().at <= now_ps()) {
      const Step step = steps_.front();
      std::pop_heap(steps_.begin(), steps_.end());
      steps_.pop_back();
      tlm::tlm_phase phase = step.response ? tlm::BEGIN_RESP : tlm::END_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      if (step.response) {
        access(*step.payload);
        --outstanding_;
        ++served_;
      }
      mem_in[step.port]->nb_transport_bw(*step.payload, phase, delay);
      if (step.response) step.payload->release();
    }
    if (!steps_.empty()) {
      event_.notify(sc_core::sc_time::from_value(steps_.front().at - now_ps()));
    }
  }
  void access(Payload& payload) {
    const std::uint64_t offset = payload.get_address() & ((std::uint64_t{1} << 40U) - 1);
    if (offset + payload.get_data_length() > bytes_.size()) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    auto* extension = payload.get_extension<PhantomExtension>();
    if (phantom_ && extension != nullptr) {
      if (payload.is_read()) extension->phantom = true;
    } else if (payload.is_write()) {
      std::memcpy(bytes_.data() + offset, payload.get_data_ptr(), payload.get_data_length());
    } else {
      std::memcpy(payload.get_data_ptr(), bytes_.data() + offset, payload.get_data_length());
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  std::uint64_t latency_;
  std::uint64_t accept_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Step> steps_;
  std::uint64_t order_ = 0;
  sc_core::sc_event event_;
  bool record_ = true;
  bool phantom_ = false;
  std::vector<std::uint32_t> request_sizes_;
  std::vector<std::uint64_t> request_addresses_;
  std::uint32_t outstanding_ = 0;
  std::uint32_t most_outstanding_ = 0;
  std::uint64_t served_ = 0;
};

}  // namespace aipu::test
