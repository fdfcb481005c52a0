// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch.h"

#include <fmt/format.h>

#include "hw/base/assert.h"

namespace aipu::directcom {
namespace {

constexpr const char* kCauses[] = {"no packet", "busy", "no credit", "lost arbitration"};

}  // namespace

Switch::Switch(const sc_core::sc_module_name& name, const SwitchConfig& config, std::uint32_t ports)
    : Model(name), config_(config), clock_(config.clock()), core_(config, ports) {
  SC_HAS_PROCESS(Switch);
  port_in.init(ports);
  port_out.init(ports);
  for (std::uint32_t p = 0; p < ports; ++p) {
    const int id = static_cast<int>(p);
    port_in[p].register_nb_transport_fw(this, &Switch::receive, id);
    port_in[p].register_b_transport(this, &Switch::block, id);
    port_in[p].register_transport_dbg(this, &Switch::debug, id);
    port_out[p].register_nb_transport_bw(this, &Switch::credit, id);
  }
  SC_METHOD(step);
  sensitive << step_event_;
  dont_initialize();
}

void Switch::start_of_simulation() {
  for (std::uint32_t p = 0; p < core_.ports(); ++p) {
    const LinkOffer offer = ask_far_end(
        [&](tlm::tlm_generic_payload& payload) { port_out[p]->transport_dbg(payload); });
    core_.offer(p, offer.pools, offer.flits);
  }
}

std::uint64_t Switch::cycle_at(const sc_core::sc_time& delay) const {
  return clock_.edge_at(now_ps() + delay.value());
}

tlm::tlm_sync_enum Switch::receive(int port, tlm::tlm_generic_payload& payload,
                                   tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const auto* extension = payload.get_extension<PacketExtension>();
  if (extension == nullptr || !payload.has_mm() || extension->header.traffic_class >= kClasses ||
      extension->header.destination >= core_.ports() ||
      extension->flits > config_.max_packet_flits()) {
    return refuse(payload);
  }
  payload.acquire();
  const auto input = static_cast<std::uint32_t>(port);
  core_.arrive(cycle_at(delay), {&payload, input, extension->header.destination,
                                 extension->header.traffic_class, extension->flits, 0});
  wake();
  phase = tlm::END_REQ;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum Switch::credit(int port, tlm::tlm_generic_payload& payload,
                                  tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const auto& extension = *payload.get_extension<PacketExtension>();
  core_.credit(cycle_at(delay), static_cast<std::uint32_t>(port), 0, extension.header.traffic_class,
               extension.flits);
  wake();
  payload.release();
  return tlm::TLM_COMPLETED;
}

void Switch::step() {
  wake_at_ = SwitchCore::kNever;
  ++stats_.steps;
  for (const SwitchCore::Grant& grant : core_.step(clock_.edge_at(now_ps())))
    forward(grant);
  wake();
}

void Switch::forward(const SwitchCore::Grant& grant) {
  auto& payload = *static_cast<tlm::tlm_generic_payload*>(grant.packet.packet);
  ++stats_.packets;
  stats_.flits += grant.packet.flits;

  // The buffer is free when the tail has crossed, and the sender knows one link latency later.
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = clock_.time(Cycles(grant.packet.flits) + config_.link());
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  port_in[grant.packet.input]->nb_transport_bw(payload, phase, delay);

  phase = tlm::BEGIN_REQ;
  delay = clock_.time(config_.pipeline - 1_cycles + config_.link());
  const auto result = port_out[grant.packet.output]->nb_transport_fw(payload, phase, delay);
  AIPU_ASSERT(result != tlm::TLM_COMPLETED, "{}: the far end of output {} refuses a packet", name(),
              grant.packet.output);
}

void Switch::wake() {
  const std::uint64_t cycle = core_.next();
  if (cycle >= wake_at_) return;
  wake_at_ = cycle;
  step_event_.notify(to_time(Picoseconds(clock_.edge_ps(cycle) - now_ps())));
}

void Switch::block(int, tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  refuse(payload);
}

unsigned Switch::debug(int, tlm::tlm_generic_payload& payload) {
  if (auto* offer = payload.get_extension<LinkOffer>(); offer != nullptr) {
    offer->pools = core_.ports();
    offer->flits = config_.voq_flits;
  }
  return 0;
}

std::vector<TimeShare> Switch::output_shares(std::uint32_t output, std::uint64_t now) const {
  const std::uint64_t cycle = clock_.edge_at(now + 1) - 1;  // the one that `now` lies in
  const auto spent = core_.account(output, cycle);
  const auto after = core_.account(output, cycle + 1);
  std::vector<TimeShare> shares;
  for (std::size_t s = 0; s < SwitchCore::kStates; ++s) {
    const std::uint64_t part = after[s] != spent[s] ? now - clock_.edge_ps(cycle) : 0;
    shares.push_back({kCauses[s], clock_.edge_ps(spent[s]) + part});
  }
  return shares;
}

std::vector<TimeShare> Switch::time_shares(std::uint64_t now) const {
  std::vector<TimeShare> sum = output_shares(0, now);
  for (std::uint32_t o = 1; o < core_.ports(); ++o) {
    const auto shares = output_shares(o, now);
    for (std::size_t s = 0; s < sum.size(); ++s)
      sum[s].picoseconds += shares[s].picoseconds;
  }
  return sum;
}

std::string Switch::waiting_for() const {
  const std::string stuck = core_.stuck();
  return stuck.empty() ? stuck : fmt::format("{}: {}", name(), stuck);
}

}  // namespace aipu::directcom
