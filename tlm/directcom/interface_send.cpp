// SPDX-License-Identifier: Apache-2.0
// Interface: from messages to packets on lanes.
#include <algorithm>

#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {
namespace {

constexpr std::uint32_t kGenerations = 16;  ///< 4 bits of a message number, above 8 of the context

}  // namespace

bool Interface::has_room(Message::Kind kind, MessageClient& client) {
  const bool room = used_messages_ < config_.messages &&
                    (kind != Message::Kind::kGet || used_gets_ < config_.gets);
  if (!room) waiting_clients_.push(&client);
  return room;
}

void Interface::submit(const Message& message, MessageClient& client, void* tag) {
  const std::uint32_t index = allocate(0, config_.messages);
  Context& context = contexts_[index];
  context.message = message;
  context.client = &client;
  context.tag = tag;
  if (is_module(message.peer)) context.acks = copies_;
  ++used_messages_;
  if (message.kind == Message::Kind::kGet) ++used_gets_;
  const bool local = message.peer == aipu_;
  if (message.kind == Message::Kind::kNotify) {
    context.use = local ? Use::kLocal : Use::kNotify;
    if (local) {
      schedule(now_ps(), Task::kLocalNotify, nullptr, index);
    } else {
      close_message(index);
    }
  } else if (message.kind == Message::Kind::kGet && !local) {
    context.use = is_module(message.peer) ? Use::kSum : Use::kGet;
    if (context.use == Use::kSum) {
      reducing_.push(index);
      request_sums();
    } else {
      send_get(index, {message.geometry, message.traffic_class, message.pace, Element::kNone});
    }
  } else {
    context.use = local ? Use::kLocal : Use::kPut;
    start_reading(index);
    wake(now_ps());
  }
}

std::uint32_t Interface::allocate(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = first; i < first + count; ++i) {
    Context& context = contexts_[i];
    if (context.use != Use::kFree) continue;
    const std::uint8_t generation = context.generation;
    context = Context{};
    context.generation = generation;
    return i;
  }
  AIPU_ASSERT(false, "{}: no context for a message", name());
  return 0;
}

std::uint16_t Interface::message_of(std::uint32_t context) const {
  return static_cast<std::uint16_t>(context | contexts_[context].generation * 256U);
}

Interface::Context& Interface::context_of(std::uint16_t message) {
  const std::uint32_t index = message & 0xFFU;
  AIPU_ASSERT(index < contexts_.size() && contexts_[index].use != Use::kFree &&
                  message_of(index) == message,
              "{}: an answer for message {:#x}, which is not under way", name(), message);
  return contexts_[index];
}

void Interface::release(std::uint32_t index) {
  Context& context = contexts_[index];
  if (index < config_.messages) {
    --used_messages_;
    if (context.message.kind == Message::Kind::kGet) --used_gets_;
  } else {
    --used_replies_;
  }
  context.use = Use::kFree;
  context.generation = static_cast<std::uint8_t>((context.generation + 1U) % kGenerations);
  for (std::size_t n = waiting_clients_.size(); n > 0; --n) {
    MessageClient& client = *waiting_clients_.front();
    waiting_clients_.pop();
    client.room();
  }
}

/// Nothing of the message is under way any more: frees its context and tells whoever submitted it.
void Interface::end_message(std::uint32_t index, const Violation& violation) {
  MessageClient* const client = contexts_[index].client;
  void* const tag = contexts_[index].tag;
  release(index);
  if (violation.rule != regs::abi::kRuleNone) {
    ++stats_.failed;
    if (client != nullptr) client->message_failed(tag, violation);
  } else if (client == nullptr) {
    ++stats_.replies;
  } else {
    ++stats_.messages;
    client->message_done(tag);
  }
}

/// Local memory refused an address: the client hears it now, the other side by wind_up().
void Interface::fail_message(std::uint32_t index, const Violation& violation) {
  Context& context = contexts_[index];
  if (context.rule != regs::abi::kRuleNone) return;
  context.rule = static_cast<std::uint8_t>(violation.rule);
  ++stats_.failed;
  if (context.place == Place::kReaders) {
    Ring<std::uint32_t>& ring = readers_[context.message.traffic_class];
    for (std::size_t n = ring.size(); n > 0; --n) {
      if (const std::uint32_t reader = ring.pop(); reader != index) ring.push(reader);
    }
  }
  if (context.place != Place::kTimer) context.place = Place::kNone;
  if (context.client == nullptr) return;
  MessageClient& client = *context.client;
  context.client = nullptr;
  client.message_failed(context.tag, violation);
}

/// Ends a failed message once none of its accesses and no timer is left.
void Interface::wind_up(std::uint32_t index) {
  const Context& context = contexts_[index];
  if (context.active != 0 || context.place == Place::kTimer || context.closed) return;
  if (context.use == Use::kLocal) {
    release(index);
  } else {
    close_message(index);
  }
}

/// The packet that ends a message tells how many bytes it has; it may overtake them.
void Interface::close_message(std::uint32_t index) {
  Context& context = contexts_[index];
  context.closed = true;
  const bool reply = context.use == Use::kReply;
  const bool failed = context.rule != regs::abi::kRuleNone;
  const PacketType type = reply    ? PacketType::kReply
                          : failed ? PacketType::kAbort
                                   : PacketType::kCommit;
  LinkPacket& packet =
      new_packet(type, context.message.peer, context.message.traffic_class, message_of(index));
  packet.header().total = failed ? context.sent : context.message.geometry.total();
  packet.header().rule = context.rule;
  packet.header().announced = failed && context.granted != kUnasked;
  packet.header().add = context.message.add;
  packet.header().get_message = context.reply_to;
  packet.prepare(0, 1, false);
  send_later(packet);
}

void Interface::send_get(std::uint32_t index, const GetRequest& request) {
  const Message& message = contexts_[index].message;
  LinkPacket& packet = new_packet(PacketType::kGet, message.peer, 0, message_of(index));
  encode(request, packet.data());
  packet.header().payload_bytes = GetRequest::kBytes;
  packet.prepare(GetRequest::kBytes, config_.flits(GetRequest::kBytes), false);
  send_later(packet);
}

void Interface::start_replies() {
  while (!get_jobs_.empty() && used_replies_ < config_.replies) {
    const GetJob job = get_jobs_.front();
    get_jobs_.pop();
    const std::uint32_t index = allocate(config_.messages, config_.replies);
    Context& context = contexts_[index];
    ++used_replies_;
    context.use = job.request.element == Element::kNone ? Use::kReply : Use::kPart;
    context.reply_to = job.message;
    context.message = Message{};
    context.message.traffic_class = job.request.traffic_class;
    context.message.peer = job.source;
    context.message.geometry = job.request.geometry;
    context.message.pace = job.request.pace;
    context.message.element = job.request.element;
    start_reading(index);
  }
}

LinkPacket& Interface::new_packet(PacketType type, std::uint32_t peer, std::uint32_t traffic_class,
                                  std::uint16_t message) {
  LinkPacket& packet = type == PacketType::kData ? packets_.acquire() : control_packets_.acquire();
  Packet& header = packet.header();
  header = Packet{};
  header.type = type;
  header.traffic_class = static_cast<std::uint8_t>(traffic_class);
  header.destination = static_cast<std::uint16_t>(peer);
  header.source = static_cast<std::uint16_t>(aipu_);
  header.message = message;
  return packet;
}

void Interface::send_later(LinkPacket& packet) {
  const std::uint64_t cycle = link_clock_.edge_at(now_ps() + config_.interface_latency.count);
  schedule(link_clock_.edge_ps(cycle), Task::kSend, &packet);
}

/// Bit l: lane l leads there.
std::uint32_t Interface::usable_lanes(std::uint32_t destination) const {
  const bool masked =
      routes_ != nullptr && routes_->masked() && destination < routes_->topology().nodes;
  return masked ? routes_->usable_lanes(aipu_, destination) : (1U << config_.lanes) - 1U;
}

void Interface::choose_lane(LinkPacket& packet) {
  Packet& header = packet.header();
  const auto load = [&](std::uint32_t l) {
    return lanes_[l].load(header.traffic_class, buffer_of(header));
  };
  // The parts of a sum meet in one switch.
  const auto plane =
      header.element != Element::kNone
          ? static_cast<std::uint32_t>(header.address / config_.payload.count % config_.lanes)
          : chooser_.choose_of(usable_lanes(header.destination), header.traffic_class,
                               {header.source, header.destination}, load);
  header.plane = static_cast<std::uint8_t>(plane);
  Lane& lane = lanes_[plane];
  lane.enqueue(&packet, buffer_of(header), header.traffic_class, packet.flits());
}

void Interface::run_lanes(std::uint64_t cycle) {
  for (Lane& lane : lanes_) {
    if (void* packet = lane.send(cycle); packet != nullptr) {
      put_on_lane(lane, *static_cast<LinkPacket*>(packet));
    }
  }
}

void Interface::put_on_lane(Lane& lane, LinkPacket& packet) {
  const Packet& header = packet.header();
  stats_.packets_sent += config_.packets(header.payload_bytes);
  stats_.flits_sent += packet.flits();
  stats_.sent[header.traffic_class] += header.payload_bytes;
  if (header.type == PacketType::kData) {
    staged(header.destination, header.traffic_class) -= header.payload_bytes;
  }
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = link_clock_.time(config_.link());
  const auto result = lane_out[lane.index()]->nb_transport_fw(packet, phase, delay);
  AIPU_ASSERT(result != tlm::TLM_COMPLETED, "{}: the far end of lane {} refuses a packet to {}",
              name(), lane.index(), header.destination);
}

tlm::tlm_sync_enum Interface::credit(int lane, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  auto& packet = static_cast<LinkPacket&>(payload);
  Lane& from = lanes_[static_cast<std::uint32_t>(lane)];
  from.credit(link_clock_.edge_at(now_ps() + delay.value()), buffer_of(packet.header()),
              packet.header().traffic_class, packet.flits());
  if (const std::uint64_t next = from.next(); next != Lane::kNever) {
    wake(link_clock_.edge_ps(next));
  }
  payload.release();
  return tlm::TLM_COMPLETED;
}

}  // namespace aipu::directcom
