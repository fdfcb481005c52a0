// SPDX-License-Identifier: Apache-2.0
// Interface: from messages to packets on lanes.
#include <algorithm>

#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {
namespace {

constexpr std::uint32_t kNone = ~0U;
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
    context.use = Use::kGet;
    send_get(index);
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
  return kNone;
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

void Interface::start_reading(std::uint32_t index) {
  Context& context = contexts_[index];
  context.cursor = Cursor(context.message.geometry);
  context.granted = kUnasked;
  if (context.use != Use::kLocal && is_pulled(context.message)) announce(index);
  queue_reader(index);
}

/// Where a message goes that has no turn now: among the readers, to a timer, or to wait for a
/// grant.
void Interface::queue_reader(std::uint32_t index) {
  Context& context = contexts_[index];
  if (context.rule != regs::abi::kRuleNone) {
    wind_up(index);
    return;
  }
  if (context.cursor.done()) return;
  if (context.cut == context.granted) {
    context.place = Place::kGrant;
    return;
  }
  if (const std::uint64_t time = rests_until(context); time > now_ps()) {
    context.place = Place::kTimer;
    schedule(time, Task::kResume, nullptr, index);
    return;
  }
  context.place = Place::kReaders;
  readers_[context.message.traffic_class].push(index);
}

/// When its own pace and the rate to its destination let it read again.
std::uint64_t Interface::rests_until(const Context& context) {
  const Message& message = context.message;
  const bool subject = ((config_.rate_classes >> message.traffic_class) & 1U) != 0;
  const std::uint64_t paced = context.pacer.next();
  return subject ? std::max(paced, peer(message.peer).pacer.next()) : paced;
}

void Interface::charge(Context& context, std::uint32_t flits) {
  const Message& message = context.message;
  const std::uint64_t now = now_ps();
  if (message.pace != 0) context.pacer.take(now, config_.port_time(flits, message.pace));
  if (((config_.rate_classes >> message.traffic_class) & 1U) == 0) return;
  Peer& to = peer(message.peer);
  if (const std::uint32_t share = to.rate.share(config_, now); share != kFullRate) {
    to.pacer.take(now, config_.port_time(flits, share));
  }
}

Interface::Peer& Interface::peer(std::uint32_t aipu) {
  std::uint16_t& place = peer_of_[aipu];
  if (place == 0) {
    peers_.emplace_back();
    place = static_cast<std::uint16_t>(peers_.size());
  }
  return peers_[place - 1U];
}

std::uint32_t Interface::next_reader(std::uint32_t traffic_class) {
  Ring<std::uint32_t>& ring = readers_[traffic_class];
  for (std::size_t n = ring.size(); n > 0; --n) {
    const std::uint32_t index = ring.front();
    const Context& context = contexts_[index];
    if (rests_until(context) > now_ps()) {  // another one to its destination went first
      ring.pop();
      queue_reader(index);
      continue;
    }
    if (staged(context.message.peer, traffic_class) + config_.max_piece() <=
        config_.staging.count) {
      return index;
    }
    ring.pop();
    ring.push(index);
  }
  return kNone;
}

void Interface::issue_reads() {
  const auto parts = static_cast<std::uint32_t>(ceil_div(config_.max_piece(), config_.read.count));
  while (reads_ + parts <= config_.reads) {
    ClassScheduler::Flits flits{};
    std::array<std::uint32_t, kClasses> reader{};
    std::uint32_t waiting = 0;
    for (std::uint32_t c = 0; c < kClasses; ++c) {
      reader[c] = readers_[c].empty() ? kNone : next_reader(c);
      if (!readers_[c].empty()) waiting |= 1U << c;
      if (reader[c] != kNone) flits[c] = config_.flits(config_.max_piece());
    }
    const std::uint32_t c = read_classes_.choose(flits, waiting);
    if (c == ClassScheduler::kNone) return;
    readers_[c].pop();
    issue_read(reader[c]);
    queue_reader(reader[c]);
  }
}

void Interface::issue_read(std::uint32_t index) {
  Context& context = contexts_[index];
  context.place = Place::kNone;
  const Message& message = context.message;
  const std::uint64_t unit = config_.unit(message.geometry.total() - context.cut);
  const std::uint64_t most =
      std::min(std::max(config_.read.count, unit), context.granted - context.cut);
  const Piece piece = context.cursor.next(static_cast<std::uint32_t>(most));
  context.cut += piece.bytes;
  charge(context, config_.flits(piece.bytes));
  staged(message.peer, message.traffic_class) += piece.bytes;
  if (piece.bytes > config_.read.count) {
    issue_train(index, piece);
    return;
  }
  Operation& operation =
      new_operation(Access::kRead, tlm::TLM_READ_COMMAND, piece.source, piece.bytes);
  operation.context = index;
  operation.destination = piece.destination;
  operation.unit = static_cast<std::uint32_t>(unit);
  ++context.active;
  ++reads_;
  request(operation, message.traffic_class);
}

/// Reads a piece longer than one request, into the packet that will carry it.
void Interface::issue_train(std::uint32_t index, const Piece& piece) {
  Context& context = contexts_[index];
  const Message& message = context.message;
  const auto most = static_cast<std::uint32_t>(config_.read.count);
  LinkPacket& packet =
      new_packet(PacketType::kData, message.peer, message.traffic_class, message_of(index));
  packet.header().address = piece.destination;
  packet.header().payload_bytes = static_cast<std::uint16_t>(piece.bytes);
  Train& train = new_train();
  train.packet = &packet;
  for (std::uint32_t at = 0; at < piece.bytes; at += most) {
    Operation& operation = new_operation(Access::kRead, tlm::TLM_READ_COMMAND, piece.source + at,
                                         std::min(most, piece.bytes - at));
    operation.context = index;
    operation.destination = piece.destination + at;
    operation.unit = most;
    operation.train = &train;
    operation.transaction->set_data_ptr(packet.data() + at);
    ++train.active;
    ++context.active;
    ++reads_;
    request(operation, message.traffic_class);
  }
}

/// The bytes of a read become packets at once; they enter their lanes one interface latency later.
void Interface::read_done(Operation& operation) {
  Context& context = contexts_[operation.context];
  Transaction& read = *operation.transaction;
  --context.active;
  if (!read.is_response_ok()) {
    fail_message(operation.context, {regs::abi::kRuleBadAddress, read.get_address()});
  }
  if (operation.train != nullptr) {
    train_part_done(operation);
  } else if (context.rule == regs::abi::kRuleNone) {
    const auto bytes = static_cast<std::uint32_t>(read.get_data_length());
    send_bytes(operation.context, {0, operation.destination, bytes}, operation.unit,
               read.phantom() ? nullptr : read.get_data_ptr());
  } else {
    staged(context.message.peer, context.message.traffic_class) -= read.get_data_length();
  }
  if (context.rule != regs::abi::kRuleNone) {
    wind_up(operation.context);
  } else if (context.active == 0 && context.cursor.done()) {
    close_message(operation.context);
  }
}

/// `data` is null for phantom data.
void Interface::send_bytes(std::uint32_t index, const Piece& piece, std::uint32_t unit,
                           const std::uint8_t* data) {
  Context& context = contexts_[index];
  context.sent += piece.bytes;
  for (std::uint32_t at = 0; at < piece.bytes;) {
    const std::uint32_t bytes = std::min(unit, piece.bytes - at);
    LinkPacket& packet = new_packet(PacketType::kData, context.message.peer,
                                    context.message.traffic_class, message_of(index));
    packet.header().address = piece.destination + at;
    packet.header().payload_bytes = static_cast<std::uint16_t>(bytes);
    packet.prepare(bytes, config_.flits(bytes), data == nullptr);
    if (data != nullptr) std::copy_n(data + at, bytes, packet.data());
    send_later(packet);
    at += bytes;
  }
}

/// The last part sends the train.
void Interface::train_part_done(Operation& operation) {
  Context& context = contexts_[operation.context];
  Train& train = *operation.train;
  auto& packet = static_cast<LinkPacket&>(*train.packet);
  const Packet& header = packet.header();
  const std::uint64_t place = (operation.destination - header.address) / config_.read.count;
  if (operation.transaction->phantom()) train.phantom |= 1ULL << place;
  if (--train.active != 0) return;
  const std::uint32_t bytes = header.payload_bytes;
  const std::uint64_t all = ~0ULL >> (64U - ceil_div(bytes, config_.read.count));
  const bool failed = context.rule != regs::abi::kRuleNone;
  if (!failed && (train.phantom == 0 || train.phantom == all)) {
    context.sent += bytes;
    packet.prepare(bytes, config_.flits(bytes), train.phantom != 0);
    send_later(packet);
  } else {
    if (failed) {
      staged(header.destination, header.traffic_class) -= bytes;
    } else {
      split_train(operation.context, train);
    }
    packet.release();
  }
  free_trains_.push_back(&train);
}

/// Some parts have data and others none, but a packet is all real or all phantom: each part goes by
/// itself.
void Interface::split_train(std::uint32_t index, const Train& train) {
  auto& packet = static_cast<LinkPacket&>(*train.packet);
  const Packet& header = packet.header();
  const auto most = static_cast<std::uint32_t>(config_.read.count);
  std::uint32_t part = 0;
  for (std::uint32_t at = 0; at < header.payload_bytes; at += most, ++part) {
    const Piece piece{0, header.address + at, std::min(most, header.payload_bytes - at)};
    const bool phantom = ((train.phantom >> part) & 1U) != 0;
    send_bytes(index, piece, most, phantom ? nullptr : packet.data() + at);
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

void Interface::send_get(std::uint32_t index) {
  const Message& message = contexts_[index].message;
  LinkPacket& packet = new_packet(PacketType::kGet, message.peer, 0, message_of(index));
  encode(GetRequest{message.geometry, message.traffic_class, message.pace}, packet.data());
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
    context.use = Use::kReply;
    context.reply_to = job.message;
    context.message = Message{};
    context.message.traffic_class = job.request.traffic_class;
    context.message.peer = job.source;
    context.message.geometry = job.request.geometry;
    context.message.pace = job.request.pace;
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

void Interface::choose_lane(LinkPacket& packet) {
  Packet& header = packet.header();
  for (const Lane& lane : lanes_)
    loads_[lane.index()] = lane.load(header.traffic_class);
  const std::uint32_t plane =
      chooser_.choose(loads_.data(), header.traffic_class, header.destination);
  header.plane = static_cast<std::uint8_t>(plane);
  Lane& lane = lanes_[plane];
  lane.enqueue(&packet, lane.pool_of(header.destination), header.traffic_class, packet.flits());
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
  from.credit(link_clock_.edge_at(now_ps() + delay.value()),
              from.pool_of(packet.header().destination), packet.header().traffic_class,
              packet.flits());
  if (const std::uint64_t next = from.next(); next != Lane::kNever) {
    wake(link_clock_.edge_ps(next));
  }
  payload.release();
  return tlm::TLM_COMPLETED;
}

}  // namespace aipu::directcom
