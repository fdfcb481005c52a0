// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace aipu::test {

/// Sits between an initiator and a target, passes every call on, and fails the test on anything the
/// TLM-2.0 base protocol forbids (IEEE 1666-2011, 15.2 and 14.5): a phase out of order or of the
/// wrong side, a second request phase before END_REQ, a second response phase before END_RESP,
/// times that run backwards, a return value that does not fit, a transaction without a memory
/// manager or reference, a payload changed on its way, a response without a status. Whether
/// references come back in the end is for the memory manager to see (StockInitiator::balanced()).
class ProtocolChecker : public sc_core::sc_module {
 public:
  explicit ProtocolChecker(const sc_core::sc_module_name& name) : sc_module(name) {
    in.register_nb_transport_fw(this, &ProtocolChecker::forward);
    in.register_b_transport(this, &ProtocolChecker::block);
    in.register_transport_dbg(this, &ProtocolChecker::debug);
    in.register_get_direct_mem_ptr(this, &ProtocolChecker::direct);
    out.register_nb_transport_bw(this, &ProtocolChecker::backward);
  }

  tlm_utils::simple_target_socket<ProtocolChecker, 256> in{"in"};
  tlm_utils::simple_initiator_socket<ProtocolChecker, 256> out{"out"};

  std::uint64_t requests() const { return requests_; }
  std::uint64_t completed() const { return completed_; }
  std::uint64_t backward_calls() const { return backward_calls_; }
  std::uint64_t withheld() const { return withheld_; }
  /// Every transaction has ended.
  void expect_all_ended() const {
    EXPECT_TRUE(flying_.empty()) << flying_.size() << " transactions without an end";
    EXPECT_EQ(requests_, completed_);
  }

 private:
  using Payload = tlm::tlm_generic_payload;
  using Phase = tlm::tlm_phase;
  using Time = sc_core::sc_time;

  struct Flight {
    unsigned phase = tlm::UNINITIALIZED_PHASE;
    Time last;  // of the last phase, its delay included
    std::uint64_t address = 0;
    unsigned length = 0;
    unsigned char* data = nullptr;
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
  };

  void violation(const std::string& what) const {
    ADD_FAILURE() << name() << ": " << what << " at " << sc_core::sc_time_stamp();
  }
  void demand(bool holds, const char* what) const {
    if (!holds) violation(what);
  }

  // A phase of one transaction, and the two exclusion rules between transactions.
  void enter(Flight& flight, const Payload& payload, unsigned phase, const Time& delay) {
    const Time time = sc_core::sc_time_stamp() + delay;
    demand(time >= flight.last, "a phase before the one preceding it");
    flight.last = time;
    const unsigned before = flight.phase;
    flight.phase = phase;
    if (phase == tlm::BEGIN_REQ) {
      demand(before == tlm::UNINITIALIZED_PHASE, "BEGIN_REQ of a transaction on its way");
      demand(requesting_ == nullptr, "BEGIN_REQ before the END_REQ of another");
      requesting_ = &payload;
    } else if (phase == tlm::END_REQ) {
      demand(before == tlm::BEGIN_REQ, "END_REQ without BEGIN_REQ");
      requesting_ = nullptr;
    } else if (phase == tlm::BEGIN_RESP) {
      demand(before == tlm::BEGIN_REQ || before == tlm::END_REQ, "BEGIN_RESP out of order");
      demand(responding_ == nullptr, "BEGIN_RESP before the END_RESP of another");
      demand(time >= response_ended_, "BEGIN_RESP before the time of the last END_RESP");
      demand(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "no status");
      if (before == tlm::BEGIN_REQ) requesting_ = nullptr;
      responding_ = &payload;
    } else if (phase == tlm::END_RESP) {
      demand(before == tlm::BEGIN_RESP && responding_ == &payload, "END_RESP without BEGIN_RESP");
      responding_ = nullptr;
      response_ended_ = time;
    } else {
      violation("a phase that the base protocol does not have");
    }
  }

  void unchanged(const Flight& flight, const Payload& payload) const {
    demand(payload.get_address() == flight.address && payload.get_data_length() == flight.length &&
               payload.get_data_ptr() == flight.data && payload.get_command() == flight.command,
           "a payload changed on its way");
    demand(payload.get_ref_count() >= 1, "a transaction on its way without a reference");
  }

  void end(const Payload& payload) { completed_ += flying_.erase(&payload); }

  tlm::tlm_sync_enum forward(Payload& payload, Phase& phase, Time& delay) {
    demand(phase == tlm::BEGIN_REQ || phase == tlm::END_RESP, "a phase of the wrong side, forward");
    const unsigned sent = phase;
    if (sent == tlm::BEGIN_REQ) {
      ++requests_;
      demand(payload.has_mm(), "BEGIN_REQ without memory manager");
      demand(flying_.count(&payload) == 0, "BEGIN_REQ of a payload that is on its way");
      flying_[&payload] = {tlm::UNINITIALIZED_PHASE, Time(),
                           payload.get_address(),    payload.get_data_length(),
                           payload.get_data_ptr(),   payload.get_command()};
    }
    const auto flight = flying_.find(&payload);
    if (flight == flying_.end()) {
      violation("a phase of an unknown transaction, forward");
      return out->nb_transport_fw(payload, phase, delay);
    }
    unchanged(flight->second, payload);
    enter(flight->second, payload, sent, delay);
    if (sent == tlm::END_RESP) {
      end(payload);
      const tlm::tlm_sync_enum status = out->nb_transport_fw(payload, phase, delay);
      demand(status != tlm::TLM_UPDATED, "END_RESP answered by TLM_UPDATED");
      return status;
    }
    const tlm::tlm_sync_enum status = out->nb_transport_fw(payload, phase, delay);
    begun(payload, phase, delay, status);
    return status;
  }

  // What a target said to BEGIN_REQ.
  void begun(const Payload& payload, const Phase& phase, const Time& delay,
             tlm::tlm_sync_enum status) {
    const auto flight = flying_.find(&payload);
    if (status == tlm::TLM_COMPLETED) {
      requesting_ = nullptr;
      demand(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "no status");
      end(payload);
    } else if (status == tlm::TLM_UPDATED) {
      demand(phase == tlm::END_REQ || phase == tlm::BEGIN_RESP,
             "TLM_UPDATED to a phase that the target may not enter");
      if (flight != flying_.end()) enter(flight->second, payload, phase, delay);
    } else {
      ++withheld_;
    }
  }

  tlm::tlm_sync_enum backward(Payload& payload, Phase& phase, Time& delay) {
    ++backward_calls_;
    demand(phase == tlm::END_REQ || phase == tlm::BEGIN_RESP, "a phase of the wrong side, back");
    const auto flight = flying_.find(&payload);
    if (flight == flying_.end()) {
      violation("a phase of an unknown transaction, back");
      return in->nb_transport_bw(payload, phase, delay);
    }
    unchanged(flight->second, payload);
    const unsigned sent = phase;
    enter(flight->second, payload, sent, delay);
    const tlm::tlm_sync_enum status = in->nb_transport_bw(payload, phase, delay);
    if (sent == tlm::END_REQ) {
      demand(status == tlm::TLM_ACCEPTED, "END_REQ answered by more than TLM_ACCEPTED");
      return status;
    }
    if (status == tlm::TLM_ACCEPTED) return status;
    demand(status == tlm::TLM_COMPLETED || phase == tlm::END_RESP,
           "TLM_UPDATED to a phase of the wrong side");
    demand(payload.get_ref_count() >= 1, "the target had no reference of its own");
    enter(flight->second, payload, tlm::END_RESP, delay);
    end(payload);
    return status;
  }

  void block(Payload& payload, Time& delay) {
    out->b_transport(payload, delay);
    demand(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "no status");
  }
  unsigned debug(Payload& payload) {
    const Time before = sc_core::sc_time_stamp();
    const unsigned bytes = out->transport_dbg(payload);
    demand(sc_core::sc_time_stamp() == before, "debug access that took time");
    demand(bytes <= payload.get_data_length(), "more bytes than asked for");
    return bytes;
  }
  bool direct(Payload& payload, tlm::tlm_dmi& dmi) { return out->get_direct_mem_ptr(payload, dmi); }

  std::map<const Payload*, Flight> flying_;
  const Payload* requesting_ = nullptr;
  const Payload* responding_ = nullptr;
  Time response_ended_;
  std::uint64_t requests_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t backward_calls_ = 0;
  std::uint64_t withheld_ = 0;
};

}  // namespace aipu::test
