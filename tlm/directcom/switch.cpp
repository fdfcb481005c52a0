// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch.h"

#include <algorithm>
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
    if (routes.neighbour(index, p).node) members_.insert(p);
  }
  if (config.multicast_flits != 0 && members_.count() > 1)
    replicator_ = std::make_unique<Replicator>(config, ports);
  if (replicator_ != nullptr && config.reduction_entries != 0) {
    std::vector<std::uint32_t> members;
    members_.for_each([&](std::uint32_t p) { members.push_back(p); });
    reducer_ = std::make_unique<Reducer>(config, members);
  }
  SC_METHOD(step);
  sensitive << step_event_;
  dont_initialize();
}

void Switch::start_of_simulation() {
  for (std::uint32_t p = 0; p < model_->ports(); ++p) {
    const FarEnd far_end = ask_far_end(
        [&](tlm::tlm_generic_payload& payload) { port_out[p]->transport_dbg(payload); });
    model_->offer(p, far_end);
    if (replicator_ == nullptr || !members_.has(p)) continue;
    AIPU_ASSERT(far_end.multicast_flits != 0, "{}: no buffer for copies behind output {}", name(),
                p);
    replicator_->offer(p, far_end.multicast_flits);
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

bool Switch::takes(const PacketExtension& extension, std::uint32_t port) const {
  const Packet& header = extension.header;
  if (header.traffic_class >= kClasses) return false;
  if (is_multicast(header) || is_part(header))
    return members_.has(port) && extension.flits <= config_.multicast_flits;
  return header.destination < routes_.topology().nodes && extension.flits <= config_.voq_flits;
}

tlm::tlm_sync_enum Switch::receive(int port, tlm::tlm_generic_payload& payload,
                                   tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const auto* extension = payload.get_extension<PacketExtension>();
  if (extension == nullptr || !payload.has_mm() ||
      !takes(*extension, static_cast<std::uint32_t>(port))) {
    return refuse(payload);
  }
  payload.acquire();
  const Packet& header = extension->header;
  const auto input = static_cast<std::uint16_t>(port);
  const auto flits = static_cast<std::uint16_t>(extension->flits);
  if (is_part(header)) {
    take_part(cycle_at(delay), input, payload);
  } else if (is_multicast(header)) {
    Replicator::Ports others = members_;
    others.erase(input);
    replicator_->arrive(cycle_at(delay), {&payload, input, flits, header.traffic_class}, others);
  } else {
    model_->arrive(cycle_at(delay), {&payload, header.source, header.destination, input, flits,
                                     header.traffic_class});
  }
  wake();
  phase = tlm::END_REQ;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum Switch::credit(int port, tlm::tlm_generic_payload& payload,
                                  tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const auto& extension = *payload.get_extension<PacketExtension>();
  const Packet& header = extension.header;
  const auto output = static_cast<std::uint32_t>(port);
  if (is_multicast(header) || header.sum) {
    replicator_->credit(cycle_at(delay), output, header.traffic_class, extension.flits);
  } else {
    model_->credit(cycle_at(delay), output, header.destination, header.traffic_class,
                   extension.flits);
  }
  wake();
  payload.release();
  return tlm::TLM_COMPLETED;
}

void Switch::step() {
  wake_at_ = SwitchModel::kNever;
  ++stats_.steps;
  const std::uint64_t tick = tick_clock_.edge_at(now_ps());
  if (replicator_ == nullptr || tick % config_.speedup != 0) {
    step_crossbar(tick);
  } else {
    step_replicator(tick / config_.speedup, Replicator::Turn::kBeforeCrossbar);
    step_crossbar(tick);
    step_replicator(tick / config_.speedup, Replicator::Turn::kAfterCrossbar);
  }
  wake();
}

/// A part of a sum; the last one makes a packet for the AIPU that asked.
void Switch::take_part(std::uint64_t cycle, std::uint32_t input, tlm::tlm_generic_payload& part) {
  const Reducer::Work& work = reducer_->arrive(cycle, input, part);
  for (const Reducer::Added& added : work.added)
    send_credit(*added.part, added.input, added.cycle);
  if (!work.sum) return;
  ++stats_.sums;
  LinkPacket& sum = *work.sum->packet;
  const RoutingTable& table = routes_.table(index_);
  const std::uint16_t output = table.groups[table.group_of[sum.header().destination]].front();
  Replicator::Ports owner;
  owner.insert(output);
  replicator_->arrive(work.sum->ready - 1,
                      {&sum, static_cast<std::uint16_t>(model_->ports() + output),
                       static_cast<std::uint16_t>(sum.flits()), sum.header().traffic_class},
                      owner);
}

void Switch::step_crossbar(std::uint64_t tick) {
  for (const SwitchModel::Departure& departure : model_->step(tick))
    forward(departure);
}

void Switch::step_replicator(std::uint64_t cycle, Replicator::Turn turn) {
  const Replicator::Work& work = replicator_->step(cycle, turn);
  for (const Replicator::Copy& copy : work.copies) {
    auto& payload = *static_cast<tlm::tlm_generic_payload*>(copy.packet.packet);
    ++stats_.copies;
    stats_.copied_flits += copy.packet.flits;
    model_->delay(copy.output, copy.delay);
    payload.acquire();  // every copy is released by its credit
    transmit(payload, copy.output, copy.packet.flits, copy.head);
  }
  for (const Replicator::Freed& freed : work.freed) {
    auto& payload = *static_cast<tlm::tlm_generic_payload*>(freed.packet.packet);
    if (freed.packet.input < model_->ports()) send_credit(payload, freed.packet.input, freed.cycle);
    payload.release();
  }
}

void Switch::forward(const SwitchModel::Departure& departure) {
  const SwitchModel::Arrival& packet = departure.packet;
  auto& payload = *static_cast<tlm::tlm_generic_payload*>(packet.packet);
  ++stats_.packets;
  stats_.flits += packet.flits;

  send_credit(payload, packet.input, departure.freed);
  Packet& header = payload.get_extension<PacketExtension>()->header;
  if (departure.marked && header.type == PacketType::kData) header.mark = true;
  if (replicator_ != nullptr) replicator_->granted(departure.output, departure.head, packet.flits);
  transmit(payload, departure.output, packet.flits, departure.head);
}

/// The sender knows one link latency later that the buffer is free.
void Switch::send_credit(tlm::tlm_generic_payload& payload, std::uint32_t input,
                         std::uint64_t freed) {
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = to_time(Picoseconds(until(freed + link(input).count)));
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  port_in[input]->nb_transport_bw(payload, phase, delay);
}

/// The head enters the link in cycle `head`, or later where the link repeats flits.
void Switch::transmit(tlm::tlm_generic_payload& payload, std::uint32_t output, std::uint32_t flits,
                      std::uint64_t head) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const std::uint64_t cycles = link(output).count;
  LinkErrors& errors = errors_[output];
  const std::uint64_t before = errors.repeats();
  const std::uint64_t late = errors.repeat(flits, cycles);
  stats_.repeats += errors.repeats() - before;
  if (late != 0) {
    model_->delay(output, late);
    if (replicator_ != nullptr) replicator_->delay(output, late);
  }
  sc_core::sc_time delay = to_time(Picoseconds(until(head + late + cycles)));
  const auto result = port_out[output]->nb_transport_fw(payload, phase, delay);
  AIPU_ASSERT(result != tlm::TLM_COMPLETED, "{}: the far end of output {} refuses a packet", name(),
              output);
}

void Switch::wake() {
  std::uint64_t tick = model_->next();
  if (replicator_ != nullptr) {
    if (const std::uint64_t cycle = replicator_->next(); cycle != Replicator::kNever)
      tick = std::min(tick, cycle * config_.speedup);
  }
  if (tick >= wake_at_) return;
  wake_at_ = tick;
  step_event_.notify(to_time(Picoseconds(tick_clock_.edge_ps(tick) - now_ps())));
}

void Switch::block(int, tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  refuse(payload);
}

unsigned Switch::debug(int port, tlm::tlm_generic_payload& payload) {
  if (auto* offer = payload.get_extension<LinkOffer>(); offer != nullptr) {
    const RoutingTable& table = routes_.table(index_);
    offer->far_end = {pool_flits(config_, table), &table.group_of, 0, 0, false};
    if (replicator_ != nullptr && members_.has(static_cast<std::uint32_t>(port))) {
      offer->far_end.multicast_flits = config_.multicast_flits;
      offer->far_end.copies = members_.count() - 1;
      offer->far_end.sums = reducer_ != nullptr;
    }
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
  std::string stuck = model_->stuck();
  if (replicator_ != nullptr && replicator_->waiting() != 0) {
    if (!stuck.empty()) stuck += ", ";
    stuck += fmt::format("{} packets wait to be copied", replicator_->waiting());
  }
  if (reducer_ != nullptr && reducer_->open() != 0) {
    if (!stuck.empty()) stuck += ", ";
    stuck += fmt::format("{} sums wait for parts", reducer_->open());
  }
  return stuck.empty() ? stuck : fmt::format("{}: {}", name(), stuck);
}

}  // namespace aipu::directcom
