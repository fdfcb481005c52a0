// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "hw/hbm/config.h"
#include "hw/hbm/location.h"
#include "tlm/core/clock.h"
#include "tlm/core/storage.h"
#include "tlm/hbm/calendar.h"
#include "tlm/hbm/controller.h"
#include "tlm/hbm/memory.h"
#include "tlm/hbm/ring.h"

namespace aipu::hbm {

/// The HBM of one AIPU: interleaving over all pseudo-channels, a controller for each, the bytes.
///
/// Interface: base protocol. An address is a byte offset inside this HBM. Non-blocking requests of
/// 1..1024 bytes are split at granules and complete when all parts have; a queue without room
/// withholds END_REQ. Accesses to the same bytes keep their order. Blocking and debug accesses and
/// DMI touch the bytes at once and pass the queues by. Timing: exact queues, banks and data bus per
/// access of up to a granule (tlm/hbm/controller.h), plus a fixed latency. A write is answered when
/// its data have passed the data bus. Limits: hw/docs/hbm.md.
class Subsystem : public Memory {
 public:
  static constexpr std::uint32_t kMaxRequest = 1024;

  /// `storage` holds the bytes and outlives the model.
  Subsystem(const sc_core::sc_module_name& name, const Config& config, Storage& storage);

  const Stats& stats() const override;
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::uint64_t servers() const override { return channels_.size(); }
  std::string waiting_for() const override;

 private:
  static constexpr std::uint32_t kNone = ~0U;

  /// A request on its way.
  struct Job {
    Payload* payload = nullptr;
    std::uint32_t port = 0;
    std::uint32_t admitted = 0;  // bytes whose parts are queued
    std::uint32_t parts = 0;     // queued and not yet done
    std::uint64_t arrival = 0;   // ps
    bool waiting = false;        // for room in a channel's queue
    bool first_in_line = false;  // of those who waited there
  };
  /// What one controller sees of a request.
  struct Part {
    std::uint32_t job = 0;
    std::uint32_t offset = 0;  // in the payload's data
    std::uint32_t bytes = 0;
  };
  struct Done {
    std::uint32_t part = 0;
    std::uint64_t time = 0;  // ps
  };
  struct Channel {
    explicit Channel(const Config& config) : controller(config) {}
    Controller controller;
    Ring<Done> done;                                       // in order of time
    std::array<Ring<std::uint32_t>, kDirections> waiting;  // ports, for room in the queue
  };
  /// State of one initiator's binding: at most one request and one response in their first phase.
  struct Port {
    std::uint32_t requesting = kNone;  // job without END_REQ
    std::uint32_t responding = kNone;  // job without END_RESP
    std::uint64_t free_at = 0;         // ps: the next response may begin
    Ring<std::uint32_t> responses;     // jobs that are done
  };
  /// Something a port does at a later time.
  struct Alarm {
    std::uint64_t time;
    std::uint64_t order;
    std::uint32_t port;
    bool operator<(const Alarm& o) const {  // latest first, for the standard heap
      return time != o.time ? time > o.time : order > o.order;
    }
  };

  SC_HAS_PROCESS(Subsystem);

  // subsystem_protocol.cpp
  tlm::tlm_sync_enum nb_transport_fw(int port, Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum begin_request(std::uint32_t port, Payload& payload, tlm::tlm_phase& phase,
                                   const sc_core::sc_time& delay);
  void end_response(std::uint32_t port, std::uint64_t time);
  void respond(std::uint32_t port);
  void send_end_request(std::uint32_t port);
  Port& port_at(std::uint32_t port);
  // subsystem.cpp
  void run();
  void run_alarm();
  void run_channel(std::uint32_t channel, std::uint64_t now);
  bool admit(std::uint32_t job, std::uint64_t now);
  void settle(std::uint32_t channel, Ck now);
  void reschedule(std::uint32_t channel, std::uint64_t now);
  void set_alarm(std::uint32_t port, std::uint64_t time);
  void schedule();

  const Interleaving interleaving_;
  const Clock clock_;
  const std::uint64_t fixed_latency_;  // ps

  std::vector<Channel> channels_;
  std::vector<Port> ports_;
  std::vector<Job> jobs_;
  std::vector<std::uint32_t> free_jobs_;
  std::vector<Part> parts_;
  std::vector<std::uint32_t> free_parts_;
  std::vector<Alarm> alarms_;
  std::uint64_t alarm_order_ = 0;
  Calendar calendar_;
  std::vector<Issue> issued_;  // scratch
  bool running_ = false;
  std::uint64_t scheduled_ = Calendar::kNever;
  sc_core::sc_event event_;
};

}  // namespace aipu::hbm
