// SPDX-License-Identifier: Apache-2.0
// Interface: from packets on lanes to messages.
#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {

tlm::tlm_sync_enum Interface::receive(int lane, tlm::tlm_generic_payload& payload,
                                      tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const auto* extension = payload.get_extension<PacketExtension>();
  if (extension == nullptr || !payload.has_mm() || extension->header.destination != aipu_ ||
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
  }
  return 0;
}

void Interface::arrived(tlm::tlm_generic_payload& payload, std::uint32_t lane) {
  const auto& extension = *payload.get_extension<PacketExtension>();
  const Packet& header = extension.header;
  ++stats_.packets_received;
  stats_.flits_received += extension.flits;
  stats_.received[header.traffic_class] += header.payload_bytes;
  switch (header.type) {
    case PacketType::kData: {
      Operation& operation = new_operation(Access::kWrite, tlm::TLM_WRITE_COMMAND, header.address,
                                           header.payload_bytes);
      operation.packet = &payload;
      operation.lane = lane;
      operation.transaction->set_data_ptr(payload.get_data_ptr());
      operation.transaction->set_phantom(is_phantom(payload));
      request(operation, header.traffic_class);
      return;  // its buffer drains when the bytes have landed
    }
    case PacketType::kCommit:
    case PacketType::kReply: {
      Receiving& r = receiving(header);
      AIPU_ASSERT(!r.committed, "{}: message {:#x} of AIPU {} ends twice", name(), header.message,
                  header.source);
      r.committed = true;
      r.expected = header.total;
      r.last = header;
      finish_if_complete(r, header.source);
      break;
    }
    case PacketType::kGet:
      get_jobs_.push({decode_get(payload.get_data_ptr()), header.source, header.message});
      break;
    case PacketType::kAck:
      acknowledged(header);
      break;
  }
  drain(payload, lane);
}

void Interface::write_done(Operation& operation) {
  const Packet header = operation.packet->get_extension<PacketExtension>()->header;
  const bool failed = !operation.transaction->is_response_ok();
  drain(*operation.packet, operation.lane);
  Receiving& r = receiving(header);
  r.landed += header.payload_bytes;
  if (failed && r.rule == regs::abi::kRuleNone) r.rule = regs::abi::kRuleBadAddress;
  finish_if_complete(r, header.source);
}

/// Returns the credit of a packet; it counts at the sender one link latency after the next edge.
void Interface::drain(tlm::tlm_generic_payload& payload, std::uint32_t lane) {
  const std::uint64_t now = now_ps();
  const std::uint64_t at = link_clock_.edge_ps(link_clock_.edge_at(now) + config_.link().count);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = to_time(Picoseconds(at - now));
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  lane_in[lane]->nb_transport_bw(payload, phase, delay);
  payload.release();
}

Interface::Receiving& Interface::receiving(const Packet& header) {
  const std::size_t index = header.source * contexts_.size() + (header.message & 0xFFU);
  AIPU_ASSERT((header.message & 0xFFU) < contexts_.size(), "{}: message {:#x} of AIPU {}", name(),
              header.message, header.source);
  Receiving& r = receiving_[index];
  if (!r.open) {
    r = Receiving{};
    r.open = true;
    r.message = header.message;
  }
  AIPU_ASSERT(r.message == header.message, "{}: message {:#x} of AIPU {} while {:#x} is open",
              name(), header.message, header.source, r.message);
  return r;
}

void Interface::finish_if_complete(Receiving& r, std::uint32_t source) {
  if (!r.committed) return;
  AIPU_ASSERT(r.landed <= r.expected, "{}: {} bytes landed of a message of {} from AIPU {}", name(),
              r.landed, r.expected, source);
  if (r.landed != r.expected) return;
  r.open = false;
  const Packet& last = r.last;
  const std::uint32_t rule = r.rule;
  if (last.type == PacketType::kCommit) {
    if (rule == regs::abi::kRuleNone) add(last.add);
    acknowledge(source, last.message, rule);
    return;
  }
  acknowledge(source, last.message, regs::abi::kRuleNone);
  const Context& get = context_of(last.get_message);
  AIPU_ASSERT(get.use == Use::kGet, "{}: a reply to a message that is no get", name());
  if (rule == regs::abi::kRuleNone) add(get.message.add);
  end_message(last.get_message & 0xFFU, {rule, get.message.geometry.destination});
}

void Interface::acknowledge(std::uint32_t peer, std::uint16_t message, std::uint32_t rule) {
  LinkPacket& packet = new_packet(PacketType::kAck, peer, 0, message);
  packet.header().rule = static_cast<std::uint8_t>(rule);
  packet.prepare(0, 1, false);
  send_later(packet);
}

void Interface::acknowledged(const Packet& header) {
  const Context& context = context_of(header.message);
  const Geometry& g = context.message.geometry;
  const bool get = context.use == Use::kGet;
  AIPU_ASSERT(!get || header.rule != regs::abi::kRuleNone,
              "{}: a get was acknowledged before its bytes came", name());
  end_message(header.message & 0xFFU, {header.rule, get ? g.source : g.destination});
}

/// Scope `self` is the core with the number of the issuing one.
void Interface::add(const RemoteAdd& add) {
  if (add.amount == 0) return;
  const std::uint32_t scope = add.scope == regs::abi::kScopeSelf ? add.source_core : add.scope;
  signals_.signal(add.source_core, scope, add.counter, add.amount);
}

}  // namespace aipu::directcom
