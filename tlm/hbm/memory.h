// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "hw/hbm/config.h"
#include "tlm/core/model.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"
#include "tlm/core/storage.h"

namespace aipu::hbm {

/// The HBM of one AIPU as its neighbours see it: the socket, the bytes and the counters. How time
/// passes for a non-blocking request is up to the fidelity: Subsystem (exact), FastMemory (fast).
///
/// Interface: base protocol. An address is a byte offset inside this HBM. Blocking and debug
/// accesses and DMI touch the bytes at once and pass the queues by.
class Memory : public Model {
 public:
  struct Stats : StatGroup {
    Counter bytes_read{*this, "bytes_read", Unit::kBytes, "bytes that initiators read"};
    Counter bytes_written{*this, "bytes_written", Unit::kBytes, "bytes that initiators wrote"};
    Counter requests{*this, "requests", Unit::kCount, "non-blocking requests accepted"};
    Counter activates{*this, "activates", Unit::kCount, "rows opened"};
    Counter row_hits{*this, "row_hits", Unit::kCount, "accesses that found their rows open"};
    Counter row_misses{*this, "row_misses", Unit::kCount, "accesses that rows were opened for"};
    Counter refreshes{*this, "refreshes", Unit::kCount, "refresh commands"};
    Counter atoms{*this, "atoms", Unit::kCount,
                  "32-byte column accesses, partly used ones included"};
  };

  /// Any number of initiators.
  tlm_utils::multi_passthrough_target_socket<Memory, 256> mem_in{"mem_in"};

  virtual const Stats& stats() const = 0;
  const StatGroup* stat_group() const override { return &stats(); }

 protected:
  using Payload = tlm::tlm_generic_payload;

  static constexpr std::uint32_t kNone = ~0U;

  /// State of one initiator's binding: at most one request and one response in their first phase.
  struct Port {
    std::uint32_t requesting = kNone;  // request without END_REQ
    std::uint32_t responding = kNone;  // request without END_RESP
    std::uint64_t free_at = 0;         // ps: the next response may begin
    Ring<std::uint32_t> responses;     // requests to be answered, in order
  };

  /// `storage` holds the bytes and outlives the model; non-blocking requests have at most
  /// `longest_request` bytes.
  Memory(const sc_core::sc_module_name& name, const Config& config, Storage& storage,
         std::uint32_t longest_request);

  /// A request that is none of refuse()'s begins; it has been counted and its payload acquired.
  virtual tlm::tlm_sync_enum begin_request(std::uint32_t port, Payload& payload,
                                           tlm::tlm_phase& phase, sc_core::sc_time& delay) = 0;
  virtual Payload& payload_of(std::uint32_t request) = 0;
  /// A request has ended; its number may be used again.
  virtual void close_request(std::uint32_t request) = 0;
  /// A port with responses to give gets free at its `free_at`.
  virtual void port_gets_free(std::uint32_t port) = 0;

  Port& port_at(std::uint32_t port);
  void send_end_request(std::uint32_t port, Payload& payload, std::uint64_t delay_ps);
  /// BEGIN_RESP of the port's next response, `delay_ps` from now.
  void send_response(std::uint32_t port, std::uint64_t delay_ps);

  /// Moves bytes [offset, offset + bytes) of the payload, phantom ones by their flag only.
  void move(Payload& payload, std::uint32_t offset, std::uint32_t bytes);
  void count(const Payload& payload);
  /// Whether a request touches phantom bytes only and nothing is left to move: a read by an
  /// initiator that knows of phantoms is marked, a write goes nowhere.
  bool whole_phantom(Payload& payload) const;

  const Config config_;
  mutable Stats stats_;
  std::vector<Port> ports_;

 private:
  tlm::tlm_sync_enum nb_transport_fw(int port, Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void end_response(std::uint32_t port, std::uint64_t time);
  tlm::tlm_response_status check(const Payload& payload) const;
  /// Whether a request ends at once: it is wrong, longer than `longest`, or asks for nothing.
  bool refuse(Payload& payload, std::uint32_t longest) const;
  void b_transport(int port, Payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int port, Payload& payload);
  bool get_direct_mem_ptr(int port, Payload& payload, tlm::tlm_dmi& dmi);

  const std::uint64_t capacity_;  // bytes of data
  const std::uint32_t longest_request_;
  const sc_core::sc_time unloaded_latency_;
  Storage& storage_;
};

}  // namespace aipu::hbm
