// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/packet.h"

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
    kMark{98, 1};                // data, get
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

template <typename T>
void take(const Header& h, Field f, T& value) {
  value = static_cast<T>(get(h, f));
}

}  // namespace

Header encode(const Packet& p) {
  Header h;
  put(h, kType, static_cast<std::uint64_t>(p.type));
  put(h, kClass, p.traffic_class);
  put(h, kDestination, p.destination);
  put(h, kSource, p.source);
  put(h, kMessage, p.message);
  put(h, kPlane, p.plane);
  switch (p.type) {
    case PacketType::kData:
      put_address(h, Gaddr{p.address});
      put(h, kMark, p.mark ? 1U : 0U);
      [[fallthrough]];
    case PacketType::kGet:
      put(h, kPayload, p.payload_bytes);
      break;
    case PacketType::kCommit:
      put(h, kTotal, p.total);
      put(h, kCounter, p.add.counter);
      put(h, kAmount, p.add.amount);
      put(h, kScope, p.add.scope);
      put(h, kCore, p.add.source_core);
      break;
    case PacketType::kReply:
      put(h, kTotal, p.total);
      put(h, kGetMessage, p.get_message);
      put(h, kReplyRule, p.rule);
      put(h, kReplyAnnounced, p.announced ? 1U : 0U);
      break;
    case PacketType::kAck:
      put(h, kRule, p.rule);
      break;
    case PacketType::kAbort:
      put(h, kTotal, p.total);
      put(h, kAbortRule, p.rule);
      put(h, kAbortAnnounced, p.announced ? 1U : 0U);
      break;
    case PacketType::kAnnounce:
      put(h, kPace, p.pace);
      put(h, kPullClass, p.pull_class);
      [[fallthrough]];
    case PacketType::kGrant:
      put(h, kTotal, p.total);
      break;
    case PacketType::kSlowDown:
      break;
  }
  put(h, kCrc, header_crc(h));
  return h;
}

Packet decode(const Header& h) {
  Packet p;
  take(h, kType, p.type);
  take(h, kClass, p.traffic_class);
  take(h, kDestination, p.destination);
  take(h, kSource, p.source);
  take(h, kMessage, p.message);
  take(h, kPlane, p.plane);
  switch (p.type) {
    case PacketType::kData:
      p.address = get_address(h);
      take(h, kMark, p.mark);
      [[fallthrough]];
    case PacketType::kGet:
      take(h, kPayload, p.payload_bytes);
      break;
    case PacketType::kCommit:
      take(h, kTotal, p.total);
      take(h, kCounter, p.add.counter);
      take(h, kAmount, p.add.amount);
      take(h, kScope, p.add.scope);
      take(h, kCore, p.add.source_core);
      break;
    case PacketType::kReply:
      take(h, kTotal, p.total);
      take(h, kGetMessage, p.get_message);
      take(h, kReplyRule, p.rule);
      take(h, kReplyAnnounced, p.announced);
      break;
    case PacketType::kAck:
      take(h, kRule, p.rule);
      break;
    case PacketType::kAbort:
      take(h, kTotal, p.total);
      take(h, kAbortRule, p.rule);
      take(h, kAbortAnnounced, p.announced);
      break;
    case PacketType::kAnnounce:
      take(h, kPace, p.pace);
      take(h, kPullClass, p.pull_class);
      [[fallthrough]];
    case PacketType::kGrant:
      take(h, kTotal, p.total);
      break;
    case PacketType::kSlowDown:
      break;
  }
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
