// SPDX-License-Identifier: Apache-2.0
// Interface: which message reads next, and from what is read to packets.
#include <algorithm>

#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {
namespace {

constexpr std::uint32_t kNone = ~0U;

}  // namespace

void Interface::start_reading(std::uint32_t index) {
  Context& context = contexts_[index];
  context.cursor = Cursor(context.message.geometry);
  context.granted = kUnasked;
  if (context.use != Use::kLocal && context.use != Use::kPart && is_pulled(context.message))
    announce(index);
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
  std::uint16_t& place = is_module(aipu) ? peer_of_.back() : peer_of_[aipu];
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
  if (context.use == Use::kPart) {
    part_read(operation);
    return;
  }
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

/// `data` is null for phantom data; `rule` is of a part of a sum.
void Interface::send_bytes(std::uint32_t index, const Piece& piece, std::uint32_t unit,
                           const std::uint8_t* data, std::uint32_t rule) {
  Context& context = contexts_[index];
  const Message& message = context.message;
  const std::uint16_t number = context.use == Use::kPart ? context.reply_to : message_of(index);
  context.sent += piece.bytes;
  for (std::uint32_t at = 0; at < piece.bytes;) {
    const std::uint32_t bytes = std::min(unit, piece.bytes - at);
    LinkPacket& packet = new_packet(PacketType::kData, message.peer, message.traffic_class, number);
    packet.header().element = message.element;
    packet.header().rule = static_cast<std::uint8_t>(rule);
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

}  // namespace aipu::directcom
