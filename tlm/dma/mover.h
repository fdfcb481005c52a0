// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "hw/dma/config.h"
#include "hw/dma/cursor.h"
#include "hw/dma/descriptor.h"
#include "tlm/core/command_engine.h"
#include "tlm/core/time_queue.h"
#include "tlm/core/transaction.h"

namespace aipu::dma {

/// Moves data between the own core's SRAM and anything the NoC reaches; a core has two, one behind
/// its load queue and one behind its store queue.
///
/// Timing: a command begins, its bursts issue in order as credits (bursts, bytes in flight) and the
/// NoC allow, across commands without a gap; a burst has landed when its last byte is in the
/// destination, a command is done when all its bursts have landed.
/// One kernel event per burst: landing times wait in an own calendar behind a single sc_event.
/// Limits: bytes reach the own SRAM when the response is announced, ahead of the landing by at most
/// its annotated delay (hw/docs/dma.md, "Limits").
class Mover : public CommandEngine {
 public:
  struct Stats : StatGroup {
    using StatGroup::StatGroup;
    Counter commands{*this, "commands", Unit::kCount, "commands done"};
    Counter bursts{*this, "bursts", Unit::kCount, "bursts landed"};
    Counter read{*this, "read", Unit::kBytes, "bytes read from sources"};
    Counter written{*this, "written", Unit::kBytes, "bytes written to destinations"};
    Counter held{*this, "held", Unit::kPicoseconds, "a request waited for END_REQ"};
    Counter credit_waits{*this, "credit_waits", Unit::kCount, "issue stopped for want of a credit"};
  };

  /// `aipu` is the own AIPU's number; only a `control` core may copy between two far memories.
  /// `hbm_request`: largest request between the own SRAM and HBM where a fast memory takes more
  /// than a burst; it counts as the bursts that it stands for.
  Mover(const sc_core::sc_module_name& name, const Config& config, const EngineWiring& wiring,
        std::uint32_t aipu, bool control = false, Bytes hbm_request = Bytes(0));
  ~Mover() override;

  /// To the NoC, addresses are Gaddr::raw; four phases.
  tlm_utils::simple_initiator_socket<Mover, 256> mem_out{"mem_out"};
  /// To the own core's SRAM, addresses are offsets in it; b_transport.
  tlm_utils::simple_initiator_socket<Mover, 256> local_out{"local_out"};

  const Stats& stats() const { return stats_; }
  const StatGroup* stat_group() const override { return &stats_; }

 protected:
  bool can_begin(const Slot& slot) const override;
  void begin(Slot& slot) override;

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  /// A command in flight.
  struct Job {
    Slot* slot = nullptr;
    Descriptor descriptor;
    Cursor cursor;
    std::uint64_t ready = 0;        ///< ps; first burst not before
    std::uint32_t outstanding = 0;  ///< bursts issued and not landed
    bool failed = false;
  };
  /// A burst in flight.
  struct Flight {
    Job* job = nullptr;
    Burst burst;
  };
  /// The second half of a copy between two far memories.
  struct Forward {
    Transaction* transaction;
    std::uint64_t ready;
  };

  // mover.cpp: commands in, bursts out
  bool claim_sides(const Slot& slot, const Descriptor& d);
  bool claim_side(const Slot& slot, const Descriptor& d, const Side& side, bool write);
  bool may_read_source(const Slot& slot, const Descriptor& d);
  void wake();
  void arm(std::uint64_t at);
  void issue();
  std::uint64_t largest_request(const Descriptor& d) const;
  std::uint64_t bursts_in(std::uint64_t bytes) const {
    return bytes <= config_.burst.count ? 1 : ceil_div(bytes, config_.burst.count);
  }
  bool has_credit(const Job& job);
  void finish(Job& job);

  // mover_burst.cpp: the life of a burst
  void launch(Job& job, std::uint64_t start);
  void store_burst(Flight& flight, std::uint64_t start);
  void copy_locally(Flight& flight, std::uint64_t start);
  std::uint64_t source_bytes(Flight& flight, std::uint8_t* data, bool& phantom,
                             std::uint64_t start);
  void forward(std::uint64_t start);
  void send(Transaction& transaction, std::uint64_t ready);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void request_over(std::uint64_t at);
  void respond(Transaction& transaction, std::uint64_t at);
  void relay(Transaction& transaction, Flight& flight, std::uint64_t at);
  /// `first`: when the first data pass, if not all do at `start`.
  std::uint64_t access_local(tlm::tlm_command command, Gaddr address, std::uint8_t* data,
                             std::uint32_t bytes, bool& phantom, std::uint64_t start, Job& job,
                             std::uint64_t first = 0);
  void land(Flight& flight, std::uint64_t at);
  void fail_burst(Job& job, Gaddr address);

  const Config config_;
  const Owner owner_;
  const std::uint64_t hbm_request_;  ///< 0: a burst
  const std::uint64_t interval_ps_;
  const std::uint64_t ahead_ps_;
  std::vector<Job> jobs_;
  std::vector<Job*> free_jobs_;
  std::vector<Job*> issuing_;  ///< in order; the front issues
  std::vector<Flight> flights_;
  std::vector<Flight*> free_flights_;
  std::uint64_t bytes_in_flight_ = 0;
  TimeQueue<Flight*> landings_;
  std::deque<Forward> forwards_;
  std::uint64_t issue_ready_ = 0;    ///< ps; next burst not before
  std::uint64_t request_ready_ = 0;  ///< ps; the port to the NoC is free from then on
  Transaction* request_ = nullptr;   ///< sent, END_REQ still to come
  std::uint64_t held_since_ = 0;
  bool stopped_ = false;          ///< a command broke a rule
  std::uint64_t armed_ = kNever;  ///< when wake_event_ fires
  sc_core::sc_event wake_event_;
  TransactionPool pool_;
  tlm::tlm_generic_payload local_;
  PhantomExtension local_phantom_;
  StreamExtension local_stream_;
  std::array<std::uint8_t, Transaction::kMaxBytes> staging_{};  ///< of a local copy
  Stats stats_;
};

}  // namespace aipu::dma
