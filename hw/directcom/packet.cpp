// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/packet.h"

#include <type_traits>

namespace aipu::directcom {
namespace {

/// A field of the header; it may cross the middle of the 128 bits.
struct Field {
  std::uint32_t low;
  std::uint32_t width;
};

constexpr Field kType{0, 4}, kClass{4, 2}, kDestination{6, 12}, kSource{18, 12}, kMessage{30, 12},
    kPlane{42, 4};
constexpr Field kPayload{46, 10}, kOffset{56, 32}, kCoreOrOffset{88, 8}, kSpace{96, 2},
    kMark{98, 1};                                                  // data, get
constexpr Field kElement{99, 2}, kSum{101, 1}, kDataRule{102, 4};  // data
constexpr Field kTotal{46, 36};  // commit, reply, abort, announce, grant
constexpr Field kCounter{82, 6}, kAmount{88, 8}, kScope{96, 8}, kCore{104, 8};   // commit
constexpr Field kGetMessage{82, 12}, kReplyRule{94, 4}, kReplyAnnounced{98, 1};  // reply
constexpr Field kRule{46, 4};                                                    // ack
constexpr Field kAbortRule{82, 4}, kAbortAnnounced{86, 1};                       // abort
constexpr Field kPace{82, 8}, kPullClass{90, 2};                                 // announce
constexpr Field kCrc{112, 16};

constexpr std::uint64_t mask(std::uint32_t width) {
  return (1ULL << width) - 1;
}

void put(Header& h, Field f, std::uint64_t value) {
  value &= mask(f.width);
  if (f.low >= 64) {
    h.high |= value << (f.low - 64);
    return;
  }
  h.low |= value << f.low;
  if (f.low + f.width > 64) h.high |= value >> (64 - f.low);
}

std::uint64_t get(const Header& h, Field f) {
  if (f.low >= 64) return (h.high >> (f.low - 64)) & mask(f.width);
  std::uint64_t value = h.low >> f.low;
  if (f.low + f.width > 64) value |= h.high << (64 - f.low);
  return value & mask(f.width);
}

void put_address(Header& h, Gaddr address) {
  const bool core = address.space() == Gaddr::Space::kCore;
  put(h, kSpace, address.space_code());
  put(h, kOffset, address.offset());
  put(h, kCoreOrOffset, core ? address.core() : address.offset() >> 32U);
}

std::uint64_t get_address(const Header& h) {
  const auto space = static_cast<Gaddr::Space>(get(h, kSpace));
  const std::uint64_t upper = get(h, kCoreOrOffset);
  if (space == Gaddr::Space::kCore) {
    return Gaddr::core(static_cast<std::uint32_t>(upper), get(h, kOffset)).raw;
  }
  return Gaddr::make(space, Gaddr::kSelf, upper << 32U | get(h, kOffset)).raw;
}

/// Calls `visit(field, value)` for every field that packets of this type have, but kData's address;
/// the type comes first.
template <typename Visit>
void visit_fields(Packet& p, Visit&& visit) {
  visit(kType, p.type);
  visit(kClass, p.traffic_class);
  visit(kDestination, p.destination);
  visit(kSource, p.source);
  visit(kMessage, p.message);
  visit(kPlane, p.plane);
  switch (p.type) {
    case PacketType::kData:
      visit(kMark, p.mark);
      visit(kElement, p.element);
      visit(kSum, p.sum);
      visit(kDataRule, p.rule);
      [[fallthrough]];
    case PacketType::kGet:
      visit(kPayload, p.payload_bytes);
      break;
    case PacketType::kCommit:
      visit(kTotal, p.total);
      visit(kCounter, p.add.counter);
      visit(kAmount, p.add.amount);
      visit(kScope, p.add.scope);
      visit(kCore, p.add.source_core);
      break;
    case PacketType::kReply:
      visit(kTotal, p.total);
      visit(kGetMessage, p.get_message);
      visit(kReplyRule, p.rule);
      visit(kReplyAnnounced, p.announced);
      break;
    case PacketType::kAck:
      visit(kRule, p.rule);
      break;
    case PacketType::kAbort:
      visit(kTotal, p.total);
      visit(kAbortRule, p.rule);
      visit(kAbortAnnounced, p.announced);
      break;
    case PacketType::kAnnounce:
      visit(kPace, p.pace);
      visit(kPullClass, p.pull_class);
      [[fallthrough]];
    case PacketType::kGrant:
      visit(kTotal, p.total);
      break;
    case PacketType::kSlowDown:
      break;
  }
}

}  // namespace

Header encode(const Packet& packet) {
  Packet p = packet;
  if (p.type == PacketType::kData && p.element == Element::kNone) p.rule = 0;
  Header h;
  visit_fields(p, [&](Field f, auto value) { put(h, f, static_cast<std::uint64_t>(value)); });
  if (p.type == PacketType::kData) put_address(h, Gaddr{p.address});
  put(h, kCrc, header_crc(h));
  return h;
}

Packet decode(const Header& h) {
  Packet p;
  visit_fields(p, [&](Field f, auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(get(h, f));
  });
  if (p.type == PacketType::kData) p.address = get_address(h);
  return p;
}

std::uint16_t header_crc(const Header& h) {
  std::uint32_t crc = 0xFFFF;
  for (std::uint32_t bit = 112; bit-- > 0;) {
    const std::uint64_t word = bit >= 64 ? h.high >> (bit - 64) : h.low >> bit;
    const bool feedback = ((crc >> 15U) & 1U) != (word & 1U);
    crc = (crc << 1U) & 0xFFFFU;
    if (feedback) crc ^= 0x1021U;
  }
  return static_cast<std::uint16_t>(crc);
}

bool intact(const Header& h) {
  return get(h, kCrc) == header_crc(h);
}

}  // namespace aipu::directcom
