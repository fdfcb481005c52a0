// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "hw/directcom/config.h"
#include "tlm/core/clock.h"
#include "tlm/core/model.h"
#include "tlm/directcom/link.h"
#include "tlm/directcom/link_errors.h"
#include "tlm/directcom/reducer.h"
#include "tlm/directcom/replicator.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::directcom {

/// A DirectCom switch, the shell of a SwitchModel; its ports lead where the routes say.
///
/// Timing: cycle-exact; the head leaves `pipeline` cycles after it arrived, if nothing is in its
/// way. One kernel event per tick in which something can change, none otherwise.
class Switch : public Model {
 public:
  using Output = tlm_utils::simple_initiator_socket_tagged<Switch>;
  using Input = tlm_utils::passthrough_target_socket_tagged<Switch>;
  struct Stats : StatGroup {
    Counter packets{*this, "packets", Unit::kCount, "packets forwarded"};
    Counter flits{*this, "flits", Unit::kCount, "flits forwarded, headers included"};
    Counter copies{*this, "copies", Unit::kCount, "copies of multicast packets"};
    Counter copied_flits{*this, "copied_flits", Unit::kCount, "flits of copies"};
    Counter sums{*this, "sums", Unit::kCount, "packets of sums"};
    Counter repeats{*this, "repeats", Unit::kCount, "packets sent again after a corrupted flit"};
    Counter steps{*this, "steps", Unit::kCount, "cycles in which it was evaluated"};
  };

  /// Switch `index` of `routes`, which outlives this; `model` has as many ports. `seed` is of the
  /// errors on its links.
  Switch(const sc_core::sc_module_name& name, const SwitchConfig& config, const Routes& routes,
         std::uint32_t index, std::unique_ptr<SwitchModel> model, std::uint64_t seed);

  sc_core::sc_vector<Input> port_in{"port_in"};
  sc_core::sc_vector<Output> port_out{"port_out"};

  const Stats& stats() const { return stats_; }
  const StatGroup* stat_group() const override { return &stats_; }
  std::uint64_t servers() const override { return model_->ports(); }
  /// Of all outputs together.
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::vector<TimeShare> output_shares(std::uint32_t output, std::uint64_t now) const;
  std::string waiting_for() const override;

 private:
  tlm::tlm_sync_enum receive(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  tlm::tlm_sync_enum credit(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  void block(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug(int port, tlm::tlm_generic_payload& payload);
  void start_of_simulation() override;
  void step();
  void step_crossbar(std::uint64_t tick);
  void step_replicator(std::uint64_t cycle, Replicator::Turn turn);
  void forward(const SwitchModel::Departure& departure);
  void send_credit(tlm::tlm_generic_payload& payload, std::uint32_t input, std::uint64_t freed);
  void transmit(tlm::tlm_generic_payload& payload, std::uint32_t output, std::uint32_t flits,
                std::uint64_t head);
  bool is_multicast(const Packet& header) const {
    return replicator_ != nullptr && header.destination == Gaddr::kModule;
  }
  bool is_part(const Packet& header) const {
    return reducer_ != nullptr && header.element != Element::kNone && !header.sum;
  }
  void take_part(std::uint64_t cycle, std::uint32_t input, tlm::tlm_generic_payload& part);
  bool takes(const PacketExtension& extension, std::uint32_t port) const;
  Cycles link(std::uint32_t port) const;
  std::uint64_t until(std::uint64_t cycle) const;
  void wake();
  std::uint64_t cycle_at(const sc_core::sc_time& delay) const;

  const SwitchConfig config_;
  const Routes& routes_;
  const std::uint32_t index_;
  const Clock clock_;
  const Clock tick_clock_;
  std::unique_ptr<SwitchModel> model_;
  std::unique_ptr<Replicator> replicator_;  ///< null: no multicast
  std::unique_ptr<Reducer> reducer_;        ///< null: no reduction
  Replicator::Ports members_;               ///< ports that lead to AIPUs
  std::vector<LinkErrors> errors_;          ///< of each output
  std::uint64_t wake_at_ = SwitchModel::kNever;
  sc_core::sc_event step_event_;
  Stats stats_;
};

}  // namespace aipu::directcom
