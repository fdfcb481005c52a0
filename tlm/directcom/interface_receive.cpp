// SPDX-License-Identifier: Apache-2.0
// Interface: from packets on lanes to messages.
#include <algorithm>

#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {

bool Interface::is_for_me(const Packet& header) const {
  return header.destination == aipu_ || (is_module(header.destination) && header.source != aipu_);
}

tlm::tlm_sync_enum Interface::receive(int lane, tlm::tlm_generic_payload& payload,
                                      tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const auto* extension = payload.get_extension<PacketExtension>();
  if (extension == nullptr || !payload.has_mm() || !is_for_me(extension->header) ||
      extension->header.source >= aipu_count_ || extension->header.traffic_class >= kClasses) {
    return refuse(payload);
  }
  payload.acquire();
  const std::uint64_t tail =
      now_ps() + delay.value() + link_clock_.span(Cycles(extension->flits - 1U)).count;
  const std::uint64_t edge = core_clock_.edge_at(tail + config_.interface_latency.count);
  schedule(core_clock_.edge_ps(edge), Task::kArrived, &payload, static_cast<std::uint32_t>(lane));
  phase = tlm::END_REQ;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_UPDATED;
}

void Interface::refuse_blocking(int, tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  refuse(payload);
}

unsigned Interface::debug(int, tlm::tlm_generic_payload& payload) {
  if (auto* offer = payload.get_extension<LinkOffer>(); offer != nullptr) {
    offer->far_end.pool_flits = {config_.receive_flits};
    offer->far_end.multicast_flits = config_.multicast_flits;
  }
  return 0;
}

void Interface::arrived(tlm::tlm_generic_payload& payload, std::uint32_t lane) {
  const auto& extension = *payload.get_extension<PacketExtension>();
  const Packet& header = extension.header;
  stats_.packets_received += config_.packets(header.payload_bytes);
  stats_.flits_received += extension.flits;
  stats_.received[header.traffic_class] += header.payload_bytes;
  switch (header.type) {
    case PacketType::kData:
      if (header.mark) return_mark(header);
      data_arrived(payload, lane);
      return;  // its buffer drains when the bytes have landed
    case PacketType::kCommit:
    case PacketType::kReply:
    case PacketType::kAbort: {
      const std::uint32_t index = receiving(header);
      Receiving& r = receiving_[index];
      AIPU_ASSERT(!r.committed, "{}: message {:#x} of AIPU {} ends twice", name(), header.message,
                  header.source);
      r.committed = true;
      r.expected = header.total;
      r.last = header;
      finish_if_complete(index);
      break;
    }
    case PacketType::kGet:
      get_jobs_.push({decode_get(payload.get_data_ptr()), header.source, header.message});
      break;
    case PacketType::kAck:
      acknowledged(header);
      break;
    case PacketType::kAnnounce:
      announced(header);
      break;
    case PacketType::kGrant:
      granted(header);
      break;
    case PacketType::kSlowDown:
      ++stats_.slow_downs;
      peer(header.source).rate.cut(config_, now_ps());
      break;
  }
  drain(payload, lane);
}

/// One write, or for a train as many as it takes.
void Interface::data_arrived(tlm::tlm_generic_payload& payload, std::uint32_t lane) {
  const Packet& header = payload.get_extension<PacketExtension>()->header;
  const auto most = static_cast<std::uint32_t>(config_.read.count);
  Train* train = nullptr;
  if (header.payload_bytes > most) {
    train = &new_train();
    train->packet = &payload;
    train->lane = lane;
    train->active = static_cast<std::uint32_t>(ceil_div(header.payload_bytes, most));
  }
  for (std::uint32_t at = 0; at < header.payload_bytes; at += most) {
    Operation& operation =
        new_operation(Access::kWrite, tlm::TLM_WRITE_COMMAND, header.address + at,
                      std::min<std::uint32_t>(most, header.payload_bytes - at));
    operation.packet = &payload;
    operation.lane = lane;
    operation.train = train;
    operation.transaction->set_data_ptr(payload.get_data_ptr() + at);
    operation.transaction->set_phantom(is_phantom(payload));
    request(operation, header.traffic_class);
  }
}

void Interface::write_done(Operation& operation) {
  const Packet header = operation.packet->get_extension<PacketExtension>()->header;
  const bool failed = !operation.transaction->is_response_ok();
  Train* const train = operation.train;
  const bool last = train == nullptr || --train->active == 0;
  if (last) drain(*operation.packet, operation.lane);
  if (last && train != nullptr) free_trains_.push_back(train);
  if (header.sum) {
    sum_landed(header, operation.transaction->get_data_length(), failed, last);
  } else {
    landed(header, operation.transaction->get_data_length(), failed);
  }
}

void Interface::landed(const Packet& header, std::uint32_t bytes, bool failed) {
  const std::uint32_t index = receiving(header);
  Receiving& r = receiving_[index];
  r.landed += bytes;
  if (failed) r.rule = regs::abi::kRuleBadAddress;
  if (r.announced) {
    outstanding_ -= bytes;
    if (!r.queued) queue_pull(index);
    grant_pull();
  }
  finish_if_complete(index);
}

/// Returns the credit of a packet, one in a link cycle; it counts at the sender one link latency
/// after its edge.
void Interface::drain(tlm::tlm_generic_payload& payload, std::uint32_t lane) {
  const std::uint64_t now = now_ps();
  const std::uint64_t edge = std::max(link_clock_.edge_at(now), credit_edges_[lane]);
  credit_edges_[lane] = edge + 1;
  const std::uint64_t at = link_clock_.edge_ps(edge + config_.link().count);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = to_time(Picoseconds(at - now));
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  lane_in[lane]->nb_transport_bw(payload, phase, delay);
  payload.release();
}

/// The entry of a message from another AIPU, by its source and context there; opened by whatever
/// comes first of it.
std::uint32_t Interface::receiving(const Packet& header) {
  const std::uint32_t key = header.source * 256U | (header.message & 0xFFU);
  std::uint32_t index = open_.find(key);
  if (index == IndexTable::kNone) {
    if (free_receiving_.empty()) {
      free_receiving_.push_back(static_cast<std::uint32_t>(receiving_.size()));
      receiving_.emplace_back();
    }
    index = free_receiving_.back();
    free_receiving_.pop_back();
    open_.insert(key, index);
    receiving_[index] = Receiving{};
    receiving_[index].source = header.source;
    receiving_[index].message = header.message;
  }
  AIPU_ASSERT(receiving_[index].message == header.message,
              "{}: message {:#x} of AIPU {} while {:#x} is open", name(), header.message,
              header.source, receiving_[index].message);
  return index;
}

void Interface::close_receiving(std::uint32_t index) {
  Receiving& r = receiving_[index];
  if (r.queued) withdraw_pull(index);
  if (r.announced) outstanding_ -= r.granted - r.landed;
  open_.erase(r.source * 256U | (r.message & 0xFFU));
  free_receiving_.push_back(index);
  if (r.announced) grant_pull();
}

void Interface::finish_if_complete(std::uint32_t index) {
  if (!receiving_[index].committed) return;
  const Receiving r = receiving_[index];
  AIPU_ASSERT(r.landed <= r.expected, "{}: {} bytes landed of a message of {} from AIPU {}", name(),
              r.landed, r.expected, r.source);
  if (r.landed != r.expected || (r.last.announced && !r.announced)) return;
  close_receiving(index);
  const Packet& last = r.last;
  if (last.type == PacketType::kReply) {
    acknowledge(r.source, last.message, regs::abi::kRuleNone);
    const Context& get = context_of(last.get_message);
    AIPU_ASSERT(get.use == Use::kGet, "{}: a reply to a message that is no get", name());
    const bool far = last.rule != regs::abi::kRuleNone;
    const Geometry& g = get.message.geometry;
    const Violation violation{far ? last.rule : r.rule, far ? g.source : g.destination};
    if (violation.rule == regs::abi::kRuleNone) add(get.message.add);
    end_message(last.get_message & 0xFFU, violation);
    return;
  }
  if (last.type == PacketType::kCommit && r.rule == regs::abi::kRuleNone) add(last.add);
  acknowledge(r.source, last.message, r.rule);
}

void Interface::acknowledge(std::uint32_t peer, std::uint16_t message, std::uint32_t rule) {
  LinkPacket& packet = new_packet(PacketType::kAck, peer, 0, message);
  packet.header().rule = static_cast<std::uint8_t>(rule);
  packet.prepare(0, 1, false);
  send_later(packet);
}

void Interface::acknowledged(const Packet& header) {
  Context& context = context_of(header.message);
  AIPU_ASSERT(context.use != Use::kGet, "{}: a get was acknowledged", name());
  if (context.far_rule == regs::abi::kRuleNone) context.far_rule = header.rule;
  if (--context.acks != 0) return;
  if (context.rule != regs::abi::kRuleNone) {
    release(header.message & 0xFFU);  // its client knows
  } else {
    end_message(header.message & 0xFFU, {context.far_rule, context.message.geometry.destination});
  }
}

/// Scope `self` is the core with the number of the issuing one.
void Interface::add(const RemoteAdd& add) {
  if (add.amount == 0) return;
  const std::uint32_t scope = add.scope == regs::abi::kScopeSelf ? add.source_core : add.scope;
  const CommandTag by{add.source_core, regs::abi::kQueueDirectcom, 0, 0};
  signals_.signal_of(by, scope, add.counter, add.amount);
}

}  // namespace aipu::directcom
