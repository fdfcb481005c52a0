// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <systemc>
#include <vector>

#include "tlm/core/ring.h"
#include "tlm/core/time_queue.h"
#include "tlm/core/transaction.h"
#include "tlm/hbm/calibration.h"
#include "tlm/hbm/channel_server.h"
#include "tlm/hbm/memory.h"
#include "tlm/hbm/pieces.h"

namespace aipu::hbm {

/// The HBM of one AIPU in fast fidelity: every pseudo-channel is a server with a calibrated rate
/// and latency instead of banks and queues.
///
/// Interface: as Subsystem, but a request may be as long as kMaxRequest; it is dealt to the
/// channels arithmetically. With a StreamExtension, a response is announced when the first data can
/// leave towards a link of rate `drain`, the last following at the annotated time; without one,
/// when the last data are there. END_REQ comes when the fullest channel of a request owes no more
/// than a queue holds: annotated with a StreamExtension, else withheld till then. At most two
/// kernel events a request, whatever its size.
/// Limits: first come first served; bytes move when a request is accepted; the costs of banks,
/// refresh and turnarounds are means of calibrated streams (hw/docs/hbm.md, "Fast").
class FastMemory : public Memory {
 public:
  static constexpr std::uint32_t kMaxRequest = 1U << 20U;

  /// `storage` holds the bytes and outlives the model. `drain_per_us`: bytes in a microsecond that
  /// one receiver takes at most.
  FastMemory(const sc_core::sc_module_name& name, const Config& config, Storage& storage,
             const Calibration& calibration, std::uint64_t drain_per_us);

  const Stats& stats() const override;
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::uint64_t servers() const override { return channels_.size(); }
  std::string waiting_for() const override;

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  /// A request on its way; all times in ps.
  struct Job {
    Payload* payload = nullptr;
    StreamExtension* stream = nullptr;
    std::uint32_t port = 0;
    std::uint64_t accepted = 0;   // END_REQ
    std::uint64_t announced = 0;  // BEGIN_RESP goes out
    std::uint64_t done = 0;       // its last data have left
  };
  /// A request's passage through the channels.
  struct Passage {
    std::uint64_t first = kNever;  // the first piece has been served
    std::uint64_t last = 0;        // the last one
    std::uint64_t room = 0;        // when no channel owes more than its queue holds
  };

  SC_HAS_PROCESS(FastMemory);

  tlm::tlm_sync_enum begin_request(std::uint32_t port, Payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay) override;
  Payload& payload_of(std::uint32_t job) override { return *jobs_[job].payload; }
  void close_request(std::uint32_t job) override { free_jobs_.push_back(job); }
  void port_gets_free(std::uint32_t port) override {
    set_alarm(ports_[port].responses.front(), ports_[port].free_at);
  }
  std::uint32_t new_job();
  void time_job(Job& job, std::uint64_t arrival);
  Passage pass(const Payload& payload, std::uint64_t first, std::uint64_t last);
  void run();
  void set_alarm(std::uint32_t job, std::uint64_t time);
  void schedule();
  void respond(std::uint32_t port);
  ChannelServer::Account account(std::uint64_t now) const;

  const Pieces pieces_;
  const ServiceTimes times_;
  const std::uint64_t drain_per_us_;
  const std::array<std::uint64_t, kDirections> queue_ps_;  // of work that a queue holds
  std::vector<ChannelServer> channels_;
  OpenRows rows_;
  std::vector<Job> jobs_;
  std::vector<std::uint32_t> free_jobs_;
  TimeQueue<std::uint32_t> alarms_;  // jobs with something due
  std::uint64_t scheduled_ = kNever;
  bool running_ = false;
  sc_core::sc_event event_;
};

}  // namespace aipu::hbm
