// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <utility>
#include <vector>

namespace aipu::test {

/// How an initiator ends a response.
enum class Ending { kCompleted, kUpdated, kLater };

/// A stock base-protocol initiator: a simple_initiator_socket, a memory manager, no extension. It
/// issues its requests in order, one in its request phase at a time.
class StockInitiator : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  struct Request {
    bool write = false;
    std::uint64_t address = 0;
    std::vector<std::uint8_t> data;         ///< written, or received
    std::vector<std::uint8_t> byte_enable;  ///< empty: all
    sc_core::sc_time at;                    ///< not before
    sc_core::sc_time annotated;             ///< delay of the BEGIN_REQ call
    // Results
    sc_core::sc_time begun;
    sc_core::sc_time accepted;  ///< END_REQ, without its delay
    sc_core::sc_time end_delay;
    sc_core::sc_time done;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    bool withheld = false;  ///< END_REQ came later than the call
  };

  explicit StockInitiator(const sc_core::sc_module_name& name, Ending ending = Ending::kCompleted,
                          std::size_t outstanding = 64)
      : sc_module(name), ending_(ending), outstanding_(outstanding) {
    out.register_nb_transport_bw(this, &StockInitiator::nb_transport_bw);
    SC_METHOD(issue);
    sensitive << issue_event_;
    SC_METHOD(end_responses);
    sensitive << end_event_;
    dont_initialize();
  }

  tlm_utils::simple_initiator_socket<StockInitiator, 256> out{"out"};
  std::deque<Request> requests;
  std::vector<std::size_t> order;  ///< in which responses came
  bool heed_end_delay = false;     ///< whether the delay of END_REQ puts off the next BEGIN_REQ

  std::size_t completed() const { return order.size(); }
  /// Whether every payload has come back to the memory manager, once.
  bool balanced() const { return payloads_.size() == idle_.size(); }

  Request& read(std::uint64_t address, std::size_t bytes) {
    requests.emplace_back();
    requests.back().address = address;
    requests.back().data.assign(bytes, 0xEE);
    return requests.back();
  }
  Request& write(std::uint64_t address, std::vector<std::uint8_t> data) {
    requests.emplace_back();
    requests.back().write = true;
    requests.back().address = address;
    requests.back().data = std::move(data);
    return requests.back();
  }
  void free(tlm::tlm_generic_payload* payload) override {
    sc_assert(payload->get_ref_count() == 0);
    for (const auto* other : idle_)
      sc_assert(other != payload);
    for (const auto& flying : flying_)
      sc_assert(flying.first != payload);
    idle_.push_back(payload);
  }

 private:
  SC_HAS_PROCESS(StockInitiator);

  // As many requests as may go now.
  void issue() {
    while (!requesting_ && next_ < requests.size() && flying_.size() < outstanding_) {
      const sc_core::sc_time at = std::max(requests[next_].at, not_before_);
      if (at > sc_core::sc_time_stamp()) {
        issue_event_.notify(at - sc_core::sc_time_stamp());
        return;
      }
      send(next_++);
    }
  }

  void send(std::size_t i) {
    Request& request = requests[i];
    tlm::tlm_generic_payload& payload = prepare(request);
    flying_.emplace_back(&payload, i);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = request.annotated;
    requesting_ = &payload;
    request.begun = sc_core::sc_time_stamp();
    const auto status = out->nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_COMPLETED) {
      requesting_ = nullptr;
      finish(payload);
    } else if (status == tlm::TLM_UPDATED) {
      sc_assert(phase == tlm::END_REQ);
      end_request(request, delay);
    } else {
      request.withheld = true;
    }
  }

  void end_request(Request& request, const sc_core::sc_time& delay) {
    requesting_ = nullptr;
    request.accepted = sc_core::sc_time_stamp();
    request.end_delay = delay;
    if (heed_end_delay) not_before_ = sc_core::sc_time_stamp() + delay;
  }

  tlm::tlm_generic_payload& prepare(Request& request) {
    if (idle_.empty()) {
      payloads_.push_back(std::make_unique<tlm::tlm_generic_payload>(this));
      idle_.push_back(payloads_.back().get());
    }
    tlm::tlm_generic_payload& payload = *idle_.back();
    idle_.pop_back();
    payload.acquire();
    payload.set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(request.address);
    payload.set_data_ptr(request.data.data());
    payload.set_data_length(static_cast<unsigned>(request.data.size()));
    payload.set_streaming_width(static_cast<unsigned>(request.data.size()));
    payload.set_byte_enable_ptr(request.byte_enable.empty() ? nullptr : request.byte_enable.data());
    payload.set_byte_enable_length(static_cast<unsigned>(request.byte_enable.size()));
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return payload;
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) {
      sc_assert(requesting_ == &payload);
      end_request(requests[next_ - 1], delay);
      issue();
      return tlm::TLM_ACCEPTED;
    }
    sc_assert(phase == tlm::BEGIN_RESP && delay == sc_core::SC_ZERO_TIME &&
              ending_payload_ == nullptr);
    if (ending_ == Ending::kLater) {
      ending_payload_ = &payload;
      end_event_.notify(sc_core::sc_time(5, sc_core::SC_NS));
      return tlm::TLM_ACCEPTED;
    }
    finish(payload);
    issue_event_.notify(sc_core::SC_ZERO_TIME);
    if (ending_ == Ending::kCompleted) return tlm::TLM_COMPLETED;
    phase = tlm::END_RESP;
    delay = sc_core::sc_time(3, sc_core::SC_NS);
    return tlm::TLM_UPDATED;
  }

  void end_responses() {
    tlm::tlm_generic_payload& payload = *ending_payload_;
    ending_payload_ = nullptr;
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    out->nb_transport_fw(payload, phase, delay);
    finish(payload);
    issue();
  }

  void finish(tlm::tlm_generic_payload& payload) {
    for (std::size_t k = 0; k < flying_.size(); ++k) {
      if (flying_[k].first != &payload) continue;
      Request& request = requests[flying_[k].second];
      request.done = sc_core::sc_time_stamp();
      request.status = payload.get_response_status();
      order.push_back(flying_[k].second);
      flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(k));
      break;
    }
    payload.release();
  }

  const Ending ending_;
  const std::size_t outstanding_;
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> payloads_;
  std::vector<tlm::tlm_generic_payload*> idle_;
  std::vector<std::pair<tlm::tlm_generic_payload*, std::size_t>> flying_;
  tlm::tlm_generic_payload* requesting_ = nullptr;
  tlm::tlm_generic_payload* ending_payload_ = nullptr;
  std::size_t next_ = 0;
  sc_core::sc_time not_before_;
  sc_core::sc_event issue_event_;
  sc_core::sc_event end_event_;
};

}  // namespace aipu::test
