// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch.h"

#include <fmt/format.h>

#include "hw/base/assert.h"

namespace aipu::directcom {
namespace {

constexpr const char* kCauses[] = {"no packet", "busy", "no credit", "lost arbitration"};

}  // namespace

Switch::Switch(const sc_core::sc_module_name& name, const SwitchConfig& config,
               const Routes& routes, std::uint32_t index, std::unique_ptr<SwitchModel> model,
               std::uint64_t seed)
    : Model(name),
      config_(config),
      routes_(routes),
      index_(index),
      clock_(config.clock()),
      tick_clock_(Hertz(config.clock().count * config.speedup)),
      model_(std::move(model)) {
  const std::uint32_t ports = model_->ports();
  SC_HAS_PROCESS(Switch);
  port_in.init(ports);
  port_out.init(ports);
  for (std::uint32_t p = 0; p < ports; ++p) {
    const int id = static_cast<int>(p);
    errors_.emplace_back(config.flit_errors, seed,
                         name_of(routes.topology(), Topology::End{false, index, p}));
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
  for (std::uint32_t p = 0; p < model_->ports(); ++p) {
    model_->offer(p, ask_far_end([&](tlm::tlm_generic_payload& payload) {
                    port_out[p]->transport_dbg(payload);
                  }));
  }
}

Cycles Switch::link(std::uint32_t port) const {
  return config_.link(routes_.neighbour(index_, port).tier);
}

/// From now to the start of a link cycle, in ps.
std::uint64_t Switch::until(std::uint64_t cycle) const {
  return clock_.edge_ps(cycle) - now_ps();
}

std::uint64_t Switch::cycle_at(const sc_core::sc_time& delay) const {
  return clock_.edge_at(now_ps() + delay.value());
}

tlm::tlm_sync_enum Switch::receive(int port, tlm::tlm_generic_payload& payload,
                                   tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const auto* extension = payload.get_extension<PacketExtension>();
  if (extension == nullptr || !payload.has_mm() || extension->header.traffic_class >= kClasses ||
      extension->header.destination >= routes_.topology().nodes ||
      extension->flits > config_.voq_flits) {
    return refuse(payload);
  }
  payload.acquire();
  model_->arrive(cycle_at(delay),
                 {&payload, extension->header.source, extension->header.destination,
                  static_cast<std::uint16_t>(port), static_cast<std::uint16_t>(extension->flits),
                  extension->header.traffic_class});
  wake();
  phase = tlm::END_REQ;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum Switch::credit(int port, tlm::tlm_generic_payload& payload,
                                  tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const auto& extension = *payload.get_extension<PacketExtension>();
  model_->credit(cycle_at(delay), static_cast<std::uint32_t>(port), extension.header.destination,
                 extension.header.traffic_class, extension.flits);
  wake();
  payload.release();
  return tlm::TLM_COMPLETED;
}

void Switch::step() {
  wake_at_ = SwitchModel::kNever;
  ++stats_.steps;
  for (const SwitchModel::Departure& departure : model_->step(tick_clock_.edge_at(now_ps())))
    forward(departure);
  wake();
}

void Switch::forward(const SwitchModel::Departure& departure) {
  const SwitchModel::Arrival& packet = departure.packet;
  auto& payload = *static_cast<tlm::tlm_generic_payload*>(packet.packet);
  ++stats_.packets;
  stats_.flits += packet.flits;

  // The sender knows one link latency later that the buffer is free.
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = to_time(Picoseconds(until(departure.freed + link(packet.input).count)));
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  port_in[packet.input]->nb_transport_bw(payload, phase, delay);

  Packet& header = payload.get_extension<PacketExtension>()->header;
  if (departure.marked && header.type == PacketType::kData) header.mark = true;
  phase = tlm::BEGIN_REQ;
  const std::uint64_t cycles = link(departure.output).count;
  LinkErrors& errors = errors_[departure.output];
  const std::uint64_t before = errors.repeats();
  const std::uint64_t late = errors.repeat(packet.flits, cycles);
  stats_.repeats += errors.repeats() - before;
  if (late != 0) model_->delay(departure.output, late);
  delay = to_time(Picoseconds(until(departure.head + late + cycles)));
  const auto result = port_out[departure.output]->nb_transport_fw(payload, phase, delay);
  AIPU_ASSERT(result != tlm::TLM_COMPLETED, "{}: the far end of output {} refuses a packet", name(),
              departure.output);
}

void Switch::wake() {
  const std::uint64_t tick = model_->next();
  if (tick >= wake_at_) return;
  wake_at_ = tick;
  step_event_.notify(to_time(Picoseconds(tick_clock_.edge_ps(tick) - now_ps())));
}

void Switch::block(int, tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  refuse(payload);
}

unsigned Switch::debug(int, tlm::tlm_generic_payload& payload) {
  if (auto* offer = payload.get_extension<LinkOffer>(); offer != nullptr) {
    const RoutingTable& table = routes_.table(index_);
    offer->far_end = {pool_flits(config_, table), &table.group_of};
  }
  return 0;
}

std::vector<TimeShare> Switch::output_shares(std::uint32_t output, std::uint64_t now) const {
  const std::uint64_t cycle = clock_.edge_at(now + 1) - 1;  // the one that `now` lies in
  const auto spent = model_->account(output, cycle);
  const auto after = model_->account(output, cycle + 1);
  std::vector<TimeShare> shares;
  for (std::size_t s = 0; s < SwitchModel::kStates; ++s) {
    const std::uint64_t part = after[s] != spent[s] ? now - clock_.edge_ps(cycle) : 0;
    shares.push_back({kCauses[s], clock_.edge_ps(spent[s]) + part});
  }
  return shares;
}

std::vector<TimeShare> Switch::time_shares(std::uint64_t now) const {
  std::vector<TimeShare> sum = output_shares(0, now);
  for (std::uint32_t o = 1; o < model_->ports(); ++o) {
    const auto shares = output_shares(o, now);
    for (std::size_t s = 0; s < sum.size(); ++s)
      sum[s].picoseconds += shares[s].picoseconds;
  }
  return sum;
}

std::string Switch::waiting_for() const {
  const std::string stuck = model_->stuck();
  return stuck.empty() ? stuck : fmt::format("{}: {}", name(), stuck);
}

}  // namespace aipu::directcom
