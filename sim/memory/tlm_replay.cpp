// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/tlm_replay.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "tlm/core/clock.h"
#include "tlm/core/storage.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::memory {
namespace {

using hbm::Tick;
using sc_core::sc_time;

constexpr std::size_t kBatch = 4096;         // requests read at a time
constexpr std::uint32_t kLargestAtom = 128;  // bytes: 128 pins, a burst of 8

/// A payload and what its request is measured by.
struct Transaction : tlm::tlm_generic_payload {
  explicit Transaction(tlm::tlm_mm_interface* pool) : tlm_generic_payload(pool) {}
  std::array<unsigned char, kLargestAtom> bytes{};
  Tick arrival = 0;
  Tick accepted = 0;
};

class Initiator : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  Initiator(const sc_core::sc_module_name& name, const hbm::Config& device, Source& source,
            Replay& result)
      : sc_module(name),
        source_(source),
        result_(result),
        clock_(command_clock(device)),
        tick_clock_(Hertz(command_clock(device).count *
                          static_cast<std::uint64_t>(hbm::ticks_per_ck(device)))),
        ck_(hbm::ticks_per_ck(device)),
        atom_(static_cast<unsigned>(atom(device).count)) {
    out.register_nb_transport_bw(this, &Initiator::nb_transport_bw);
    fetch();
    if (!batch_.empty()) result_.begin = batch_.front().arrival * ck_;
    SC_METHOD(issue);
    sensitive << issue_event_;
  }

  tlm_utils::simple_initiator_socket<Initiator, 256> out{"out"};

  /// Throws what the source has thrown.
  void check_source() const {
    if (failure_ != nullptr) std::rethrow_exception(failure_);
  }
  double seconds_in_source() const { return seconds_in_source_; }
  Tick ticks(std::uint64_t ps) const { return static_cast<Tick>(tick_clock_.edge_at(ps)); }

  void free(tlm::tlm_generic_payload* payload) override {
    idle_.push_back(static_cast<Transaction*>(payload));
  }

 private:
  SC_HAS_PROCESS(Initiator);

  void fetch() {
    const double start = cpu_time();
    try {
      source_.next(batch_, kBatch);
    } catch (const UserError&) {  // must not pass the kernel: no more requests, and told at the end
      failure_ = std::current_exception();
      batch_.clear();
    }
    next_ = 0;
    if (!batch_.empty()) result_.paced |= batch_.back().arrival * ck_ != result_.begin;
    seconds_in_source_ += cpu_time() - start;
  }

  /// As many requests as may go now.
  void issue() {
    while (requesting_ == nullptr && next_ < batch_.size()) {
      const auto arrival = static_cast<std::uint64_t>(batch_[next_].arrival);
      const std::uint64_t at = std::max(clock_.edge_ps(arrival), not_before_);
      if (at > now_ps()) {
        issue_event_.notify(to_time(Picoseconds(at - now_ps())));
        return;
      }
      send(batch_[next_]);
      if (++next_ == batch_.size()) fetch();
    }
  }

  void send(const Request& request) {
    Transaction& payload = prepare(request);
    ++flying_;
    requesting_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay;
    const auto status = out->nb_transport_fw(payload, phase, delay);
    AIPU_ASSERT(status != tlm::TLM_COMPLETED, "{}: request refused, {}", name(),
                payload.get_response_string());
    if (status == tlm::TLM_UPDATED) end_request(delay);
  }

  Transaction& prepare(const Request& request) {
    if (idle_.empty()) {
      pool_.push_back(std::make_unique<Transaction>(this));
      idle_.push_back(pool_.back().get());
    }
    Transaction& payload = *idle_.back();
    idle_.pop_back();
    payload.acquire();
    payload.set_command(request.direction == hbm::kWrite ? tlm::TLM_WRITE_COMMAND
                                                         : tlm::TLM_READ_COMMAND);
    payload.set_address(request.address / atom_ * atom_);
    payload.set_data_ptr(payload.bytes.data());
    payload.set_data_length(atom_);
    payload.set_streaming_width(atom_);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    payload.arrival = request.arrival * ck_;
    return payload;
  }

  /// The memory has it a CK before the next may begin (tlm/hbm/subsystem.h).
  void end_request(const sc_time& delay) {
    not_before_ = now_ps() + delay.value();
    requesting_->accepted = ticks(not_before_) - ck_;
    requesting_ = nullptr;
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_time& delay) {
    if (phase == tlm::END_REQ) {
      end_request(delay);
      issue();
      return tlm::TLM_ACCEPTED;
    }
    finish(static_cast<Transaction&>(payload));
    return tlm::TLM_COMPLETED;
  }

  void finish(Transaction& payload) {
    AIPU_ASSERT(payload.is_response_ok(), "{}: {}", name(), payload.get_response_string());
    const hbm::Direction direction = payload.is_write() ? hbm::kWrite : hbm::kRead;
    const Tick done = ticks(now_ps());
    result_.latency[direction].add(done - payload.accepted);
    result_.since_arrival[direction] += done - payload.arrival;
    result_.end = std::max(result_.end, done);
    payload.release();
    if (--flying_ == 0 && next_ == batch_.size()) sc_core::sc_pause();
  }

  Source& source_;
  Replay& result_;
  const Clock clock_;
  const Clock tick_clock_;
  const Tick ck_;
  const unsigned atom_;
  std::vector<Request> batch_;
  std::size_t next_ = 0;  // in the batch
  std::vector<std::unique_ptr<Transaction>> pool_;
  std::vector<Transaction*> idle_;
  Transaction* requesting_ = nullptr;  // without END_REQ
  std::uint64_t not_before_ = 0;       // ps
  std::uint64_t flying_ = 0;
  double seconds_in_source_ = 0;
  std::exception_ptr failure_;
  sc_core::sc_event issue_event_;
};

}  // namespace

Replay replay_through_tlm(const hbm::Config& device, Source& source,
                          const std::vector<hbm::CommandSink*>& sinks) {
  // A Replay is without the fixed latencies: what is counted then ends with the last data beat.
  hbm::Config bare = device;
  bare.controller_latency = bare.phy_latency = 0_ps;
  Replay result;
  Storage storage(bare.capacity, Bytes(0));  // only times are looked at
  hbm::Subsystem memory("hbm", bare, storage);
  Initiator initiator("initiator", bare, source, result);
  initiator.out.bind(memory.mem_in);
  const std::uint32_t channels = channel_count(bare);
  for (std::uint32_t c = 0; c < channels && c < sinks.size(); ++c)
    memory.log_to(c, sinks[c]);
  const double start = cpu_time() - initiator.seconds_in_source();
  sc_core::sc_start();
  initiator.check_source();
  result.cpu_seconds = cpu_time() - start - initiator.seconds_in_source();
  // After the last data beat the buses have been idle; nothing was queued before the first arrival.
  const Tick idle = result.begin + initiator.ticks(now_ps()) - result.end;
  for (std::uint32_t c = 0; c < channels; ++c) {
    result.add(memory.counts(c), memory.shares(c), memory.bank_accesses(c));
    result.shares[hbm::index(hbm::Cause::kIdle)] -= idle;
  }
  return result;
}

}  // namespace aipu::memory
