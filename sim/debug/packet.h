// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aipu::debug {

/// Longest payload of a packet in either direction, in bytes before escaping.
constexpr std::size_t kPacketBytes = 0x4000;

/// `payload` as it goes over the line: "$...#cs", with # $ } * escaped. Never run-length encoded.
std::string frame(std::string_view payload);

/// Takes what the other side sends, a byte at a time.
class Receiver {
 public:
  enum class Event {
    kNone,         ///< in the middle of something, or noise between packets
    kPacket,       ///< packet() holds a payload
    kBadChecksum,  ///< one came, but damaged
    kOversize,     ///< one came that is longer than kPacketBytes
    kAck,
    kNak,
    kInterrupt,  ///< Ctrl-C
  };

  Event push(char c);
  /// The payload of the last kPacket, without escapes.
  const std::string& packet() const { return payload_; }

 private:
  enum class State { kIdle, kPayload, kEscape, kFirstDigit, kSecondDigit };

  Event begin(char c);
  void add(char c);
  Event finish(char c);

  State state_ = State::kIdle;
  std::string payload_;
  unsigned sum_ = 0;
  char first_digit_ = 0;
  bool oversize_ = false;
};

}  // namespace aipu::debug
