// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/gaddr.h"

namespace aipu::directcom {

/// What a packet is for.
enum class PacketType : std::uint8_t {
  kData = 1,      ///< payload for one contiguous place at the destination
  kCommit = 2,    ///< all bytes of a put, or of no bytes (notify): how many, and the remote add
  kReply = 3,     ///< all bytes of the answer to a get: how many, and whose get
  kGet = 4,       ///< payload is a GetRequest
  kAck = 5,       ///< the named message is complete, or failed by a rule
  kAbort = 6,     ///< a put that failed at its source: how many bytes were sent, and the rule
  kAnnounce = 7,  ///< a message that wants to be pulled: how many bytes
  kGrant = 8,     ///< how many bytes of the named message may be sent
  kSlowDown = 9,  ///< data of the destination of this arrived with marks
};

/// An add of counters at the destination, as words of a command carry it.
struct RemoteAdd {
  std::uint8_t counter = 0;
  std::uint8_t amount = 0;
  std::uint8_t scope = 0;
  std::uint8_t source_core = 0;  ///< which core scope `self` means
};

/// The header of a packet, decoded. On the wire it is the first flit (layout:
/// hw/docs/directcom.md).
struct Packet {
  PacketType type = PacketType::kData;
  std::uint8_t traffic_class = 0;
  std::uint16_t destination = 0;  ///< AIPU
  std::uint16_t source = 0;       ///< AIPU
  std::uint16_t message = 0;      ///< of the source; kAck, kGrant: of the destination
  std::uint8_t plane = 0;
  std::uint8_t rule = 0;            ///< kAck, kAbort, kReply: regs::abi::kRule*, 0 when all is well
  std::uint8_t pace = 0;            ///< kAnnounce: of the message, in 1/kFullRate; 0 none
  std::uint8_t pull_class = 0;      ///< kAnnounce: of the message
  bool mark = false;                ///< kData: set by a switch whose queue is too long
  bool announced = false;           ///< kAbort, kReply: a kAnnounce was sent
  std::uint16_t payload_bytes = 0;  ///< kData, kGet; more than the field holds only in a train
  std::uint16_t get_message = 0;    ///< kReply: the message of the get, at the destination
  std::uint64_t address = 0;        ///< kData: Gaddr at the destination, AIPU = kSelf
  /// kCommit, kReply, kAnnounce: bytes of the message; kAbort: that were sent; kGrant: that may be.
  std::uint64_t total = 0;
  RemoteAdd add;  ///< kCommit
};

/// Largest values that the header has room for.
constexpr std::uint64_t kMaxMessageBytes = (1ULL << 36U) - 1;
constexpr std::uint64_t kMaxOffset = (1ULL << 40U) - 1;      ///< HBM, shared SRAM
constexpr std::uint64_t kMaxCoreOffset = (1ULL << 32U) - 1;  ///< core SRAM

/// The 128 bits on the wire.
struct Header {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Header& a, const Header& b) {
    return a.low == b.low && a.high == b.high;
  }
};

Header encode(const Packet& packet);
/// The packet of a header whose check sum has been verified.
Packet decode(const Header& header);
/// CRC-16-CCITT (0x1021, initial 0xFFFF) over bits [111:0], most significant bit first.
std::uint16_t header_crc(const Header& header);
bool intact(const Header& header);

}  // namespace aipu::directcom
