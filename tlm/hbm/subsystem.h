// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "hw/hbm/config.h"
#include "tlm/core/ring.h"
#include "tlm/core/storage.h"
#include "tlm/core/time_queue.h"
#include "tlm/hbm/channels.h"
#include "tlm/hbm/controller.h"
#include "tlm/hbm/memory.h"

namespace aipu::hbm {

/// The HBM of one AIPU, exact: the address map, a controller for each pseudo-channel, the bytes.
///
/// Interface: base protocol, approximately timed. An address is a byte offset inside this HBM.
/// Requests of 1..1024 bytes, of any alignment, are cut into bursts of the device (tlm/hbm/
/// channels.h). END_REQ comes in the BEGIN_REQ call, or later when a port is full. BEGIN_RESP comes
/// at the end of the last burst plus controller_latency and phy_latency, its delay always 0; a
/// write is answered when its data have passed the data bus. A request that
/// begins after the END_REQ of another takes effect after it on the same bytes; bytes move when
/// their burst is issued, and are where they belong at BEGIN_RESP. Blocking and debug accesses and
/// DMI touch the bytes at once and pass the queues by.
///
/// With `front_queue` 0 END_REQ comes at the time at which the scheduler takes the last burst. Its
/// delay is 0, or 1 CK when that burst had waited for the column command that freed its place: from
/// time + delay on the pseudo-channel can take another request. An initiator that sends BEGIN_REQ
/// then, or already at the call, gets the timing of a source that offers a burst a CK to the
/// controller itself: a request has been accepted 1 CK before that time, and is done
/// controller_latency + phy_latency before BEGIN_RESP.
///
/// Cost: two wake-ups a request at most, or three with a withheld END_REQ; none while idle.
class Subsystem : public Memory, private Effects {
 public:
  static constexpr std::uint32_t kMaxRequest = 1024;

  /// `storage` holds the bytes and outlives the model.
  Subsystem(const sc_core::sc_module_name& name, const Config& config, Storage& storage);

  const Stats& stats() const override;
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::uint64_t servers() const override { return channels_->size(); }
  std::string waiting_for() const override;

  /// Of one pseudo-channel, up to now.
  ControllerCounts counts(std::uint32_t channel) const;
  BusShares shares(std::uint32_t channel) const;
  std::vector<std::uint64_t> bank_accesses(std::uint32_t channel) const;
  /// Accesses of check bits so far (inline ECC); the counters have them among the others.
  std::uint64_t check_accesses() const { return channels_->check_accesses(); }
  /// `sink` gets the commands of a pseudo-channel from now on and outlives the model. They come in
  /// order but late, as the controllers are behind the simulated time; counts() and the like first
  /// bring them up to it.
  void log_to(std::uint32_t channel, CommandSink* sink);
  /// Times the model has woken up.
  std::uint64_t wake_ups() const { return wake_ups_; }

 private:
  /// The payload of a request.
  struct Pending {
    Payload* payload = nullptr;
    std::uint32_t port = 0;
    std::uint64_t arrival = 0;  // ps
    bool arrived = false;
    bool phantom = false;  // no bytes to move
  };

  SC_HAS_PROCESS(Subsystem);

  void take_effect(std::uint32_t request, std::uint32_t offset, std::uint32_t bytes) override;
  Tick settled() const;
  // subsystem_protocol.cpp
  tlm::tlm_sync_enum begin_request(std::uint32_t port, Payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay) override;
  Payload& payload_of(std::uint32_t request) override { return *pending_[request].payload; }
  void close_request(std::uint32_t request) override { channels_->close(request); }
  void port_gets_free(std::uint32_t port) override { set_alarm(port, ports_[port].free_at); }
  void end_request(std::uint32_t request, bool waited);
  void respond(std::uint32_t port);
  // subsystem_run.cpp
  void run();
  void run_alarm();
  void run_channels(std::uint64_t now);
  void set_alarm(std::uint32_t port, std::uint64_t time);
  void schedule();

  // Not protected by const: brought up to date when asked.
  std::unique_ptr<Channels> channels_;
  std::vector<Pending> pending_;     // by request
  TimeQueue<std::uint32_t> alarms_;  // ports with something to do at a later time
  bool running_ = false;
  std::uint64_t scheduled_ = Channels::kNever;
  std::uint64_t wake_ups_ = 0;
  sc_core::sc_event event_;
};

}  // namespace aipu::hbm
