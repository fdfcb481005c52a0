// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <utility>
#include <vector>

namespace aipu::test {

/// How an initiator ends a response.
enum class Ending { kCompleted, kUpdated, kLater };

/// A stock base-protocol initiator: no extension, one request in its first phase at a time.
class Driver : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  struct Request {
    bool write = false;
    std::uint64_t address = 0;
    std::vector<std::uint8_t> data;  ///< written, or received
    sc_core::sc_time at;             ///< not before
    sc_core::sc_time annotated;      ///< delay in the BEGIN_REQ call
    // Results
    sc_core::sc_time accepted;
    sc_core::sc_time done;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    bool withheld = false;  ///< END_REQ came later than the call
  };

  Driver(const sc_core::sc_module_name& name, Ending ending = Ending::kCompleted,
         std::size_t outstanding = 64)
      : sc_module(name), ending_(ending), outstanding_(outstanding) {
    out.register_nb_transport_bw(this, &Driver::nb_transport_bw);
    SC_THREAD(run);
    SC_METHOD(end_responses);
    sensitive << end_event_;
    dont_initialize();
  }

  tlm_utils::simple_initiator_socket<Driver, 256> out{"out"};
  std::deque<Request> requests;
  std::vector<std::size_t> order;  ///< in which responses came
  std::size_t completed() const { return order.size(); }

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
  void free(tlm::tlm_generic_payload* payload) override { idle_.push_back(payload); }
  ~Driver() override {
    for (auto* payload : idle_)
      delete payload;
  }

 private:
  SC_HAS_PROCESS(Driver);

  void run() {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      Request& request = requests[i];
      if (request.at > sc_core::sc_time_stamp()) wait(request.at - sc_core::sc_time_stamp());
      while (flying_.size() >= outstanding_)
        wait(response_event_);
      send(i);
    }
  }

  void send(std::size_t i) {
    Request& request = requests[i];
    tlm::tlm_generic_payload* payload = nullptr;
    if (idle_.empty()) {
      payload = new tlm::tlm_generic_payload(this);
    } else {
      payload = idle_.back();
      idle_.pop_back();
    }
    payload->acquire();
    payload->set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload->set_address(request.address);
    payload->set_data_ptr(request.data.data());
    payload->set_data_length(static_cast<unsigned>(request.data.size()));
    payload->set_streaming_width(static_cast<unsigned>(request.data.size()));
    payload->set_byte_enable_ptr(nullptr);
    payload->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    flying_.emplace_back(payload, i);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = request.annotated;
    requesting_ = true;
    const auto status = out->nb_transport_fw(*payload, phase, delay);
    if (status == tlm::TLM_COMPLETED) {
      requesting_ = false;
      finish(*payload);
    } else if (status == tlm::TLM_UPDATED) {
      sc_assert(phase == tlm::END_REQ);
      requesting_ = false;
    } else {
      request.withheld = true;
      while (requesting_)
        wait(accepted_event_);
    }
    request.accepted = sc_core::sc_time_stamp();
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) {
      sc_assert(requesting_);
      requesting_ = false;
      accepted_event_.notify(sc_core::SC_ZERO_TIME);
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
    payload.acquire();
    out->nb_transport_fw(payload, phase, delay);
    finish(payload);
    payload.release();
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
    response_event_.notify(sc_core::SC_ZERO_TIME);
  }

  const Ending ending_;
  const std::size_t outstanding_;
  std::vector<tlm::tlm_generic_payload*> idle_;
  std::vector<std::pair<tlm::tlm_generic_payload*, std::size_t>> flying_;
  tlm::tlm_generic_payload* ending_payload_ = nullptr;
  bool requesting_ = false;
  sc_core::sc_event accepted_event_;
  sc_core::sc_event response_event_;
  sc_core::sc_event end_event_;
};

}  // namespace aipu::test
