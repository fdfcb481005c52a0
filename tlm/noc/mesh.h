// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "hw/base/gaddr.h"
#include "hw/noc/config.h"
#include "tlm/core/clock.h"
#include "tlm/core/model.h"
#include "tlm/core/transaction.h"
#include "tlm/noc/links.h"

namespace aipu::noc {

/// The pseudo-channel of an HBM offset: interleaving belongs to the memory, so the chip passes it
/// in.
struct ChannelMap {
  std::uint32_t channels = 1;
  std::uint32_t (*channel_of)(const void* context, std::uint64_t offset) = nullptr;  ///< null: 0
  const void* context = nullptr;
  Bytes interleave = Bytes(1024);  ///< on one channel; only a longer request lies on several
  /// Adds to `behind`, by channel, the bytes of a long request; null: there are none.
  void (*spread)(const void* context, std::uint64_t offset, std::uint64_t bytes,
                 std::vector<std::uint32_t>& behind) = nullptr;
};

/// What the chip attaches, and where.
struct Wiring {
  Clock clock;                                 ///< of the mesh
  std::uint32_t aipu = 0;                      ///< own number, accepted beside Gaddr::kSelf
  std::vector<std::uint32_t> port_tiles = {};  ///< tile of each initiator port, as core_in is bound
  std::vector<std::uint32_t> core_tiles = {};  ///< tile of each core SRAM, as core_out is bound
  std::uint32_t compute_cores = 0;             ///< the first of those: where a multicast goes
  ChannelMap hbm = {};
  std::uint32_t banks = 1;  ///< of the shared SRAM
  Bytes bank_interleave = Bytes(1024);
};

/// The mesh of one AIPU: dimension-ordered routes from initiator ports to HBM, shared SRAM and core
/// SRAMs.
///
/// Addresses on core_in are Gaddr::raw; targets see the offset inside their memory. Timing is that
/// of Links: read requests and acknowledgements pay latency only, data pays latency and bandwidth.
/// A request counts as accepted (END_REQ) when it has left its port and its target has taken it. A
/// write to core Gaddr::kAllCores reaches every compute core along a tree, each link charged once,
/// and completes when the last copy has landed.
/// Needs no kernel event: delays are annotated on all four phases.
/// Limits: buffers in the network are unbounded, back-pressure is per port (hw/docs/noc.md).
class Mesh : public Model {
 public:
  struct Stats : StatGroup {
    using StatGroup::StatGroup;
    Counter requests{*this, "requests", Unit::kCount, "requests accepted from initiator ports"};
    Counter packets{*this, "packets", Unit::kCount, "packets with data"};
    Counter bytes{*this, "bytes", Unit::kBytes, "data that entered the network"};
    Counter hop_bytes{*this, "hop_bytes", Unit::kBytes, "data times mesh links travelled"};
    Counter multicasts{*this, "multicasts", Unit::kCount, "writes to all cores"};
    Counter errors{*this, "errors", Unit::kCount, "requests that name no memory of this AIPU"};
  };

  using Outputs =
      tlm_utils::multi_passthrough_initiator_socket<Mesh, 256, tlm::tlm_base_protocol_types, 0,
                                                    sc_core::SC_ZERO_OR_MORE_BOUND>;

  Mesh(const sc_core::sc_module_name& name, const Config& config, const Wiring& wiring);
  ~Mesh() override;

  /// Initiator ports, bound in the order of Wiring::port_tiles.
  tlm_utils::multi_passthrough_target_socket<Mesh, 256> core_in{"core_in"};
  Outputs hbm_out{"hbm_out"};        ///< bound once for every initiator port, in their order
  Outputs shared_out{"shared_out"};  ///< likewise
  Outputs core_out{"core_out"};      ///< one core SRAM each, in the order of Wiring::core_tiles

  const Stats& stats() const { return stats_; }
  const Links& links() const { return links_; }

  const StatGroup* stat_group() const override { return &stats_; }
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::uint64_t servers() const override { return links_.count(); }

 private:
  /// Where a request goes.
  struct Place {
    Gaddr::Space space = Gaddr::Space::kHbm;
    std::uint32_t port = 0;
    std::uint32_t core = 0;
    std::uint32_t tile = 0;
    std::uint64_t offset = 0;
    std::uint64_t lead = 0;  ///< ps that the target saw the request before it can have arrived
    bool multicast = false;
  };
  /// The place of a request in flight, carried by its payload while the mesh may see it again.
  struct Route : tlm::tlm_extension<Route> {
    Place place;
    tlm::tlm_generic_payload* payload = nullptr;
    tlm::tlm_extension_base* clone() const override { return nullptr; }
    void copy_from(const tlm::tlm_extension_base&) override {}
    void free() override { payload = nullptr; }  // the mesh owns it, whoever drops the payload
  };
  using Payload = tlm::tlm_generic_payload;
  using Forward = tlm::tlm_fw_transport_if<>;

  void b_transport(int port, Payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(int port, Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(int index, Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  unsigned transport_dbg(int port, Payload& payload);

  void end_of_elaboration() override;
  bool decode(int port, const Payload& payload, Place& place);
  Forward* target_of(const Place& place);
  tlm::tlm_sync_enum refuse(Payload& payload);
  tlm::tlm_sync_enum begin(int port, Payload& payload, tlm::tlm_phase& phase,
                           sc_core::sc_time& delay);
  /// Books the way of a request to its target and of the response back.
  Links::Passage request(const Place& place, const Payload& payload, std::uint64_t start);
  std::uint64_t response(const Place& place, const Payload& payload, std::uint64_t start);
  /// The same for the data of a long request, which all edge tiles share that it lies behind.
  Links::Passage stream(const Place& place, const Payload& payload, std::uint64_t& first,
                        std::uint64_t last);
  StreamExtension* stream_of(const Place& place, const Payload& payload) const;
  std::uint64_t multicast(const Place& place, Payload& payload, std::uint64_t start);
  Route& attach(Payload& payload, const Place& place);
  void detach(Route& route);

  const Wiring wiring_;
  const Order response_order_;
  Links links_;
  std::vector<std::uint32_t> channel_tiles_;  ///< tile of each pseudo-channel
  std::vector<std::uint32_t> behind_;         ///< scratch: bytes of a long request on each of them
  std::deque<Route> routes_;
  std::vector<Route*> free_routes_;
  Stats stats_;
};

}  // namespace aipu::noc
