// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/packet.h"

#include "sim/debug/hex.h"

namespace aipu::debug {
namespace {

constexpr char kBegin = '$', kEnd = '#', kEscapeMark = '}', kRepeat = '*', kCtrlC = '\x03';
constexpr char kFlip = 0x20;  // an escaped byte is sent with this bit turned over

unsigned byte_of(char c) {
  return static_cast<unsigned char>(c);
}

bool special(char c) {
  return c == kBegin || c == kEnd || c == kEscapeMark || c == kRepeat;
}

}  // namespace

std::string frame(std::string_view payload) {
  std::string line(1, kBegin);
  for (const char c : payload) {
    if (special(c)) {
      line += kEscapeMark;
      line += static_cast<char>(c ^ kFlip);
    } else {
      line += c;
    }
  }
  unsigned sum = 0;
  for (std::size_t i = 1; i < line.size(); ++i)
    sum += byte_of(line[i]);
  line += kEnd;
  return line + hex_byte(sum & 0xffU);
}

Receiver::Event Receiver::begin(char c) {
  switch (c) {
    case kBegin:
      payload_.clear();
      sum_ = 0;
      oversize_ = false;
      state_ = State::kPayload;
      return Event::kNone;
    case '+':
      return Event::kAck;
    case '-':
      return Event::kNak;
    case kCtrlC:
      return Event::kInterrupt;
    default:
      return Event::kNone;
  }
}

void Receiver::add(char c) {
  if (payload_.size() < kPacketBytes) {
    payload_ += c;
  } else {
    oversize_ = true;
  }
}

Receiver::Event Receiver::finish(char c) {
  state_ = State::kIdle;
  const auto high = hex_digit(first_digit_), low = hex_digit(c);
  if (!high || !low || (*high << 4U | *low) != (sum_ & 0xffU)) return Event::kBadChecksum;
  return oversize_ ? Event::kOversize : Event::kPacket;
}

Receiver::Event Receiver::push(char c) {
  if (state_ == State::kIdle) return begin(c);
  if (state_ == State::kSecondDigit) return finish(c);
  if (state_ == State::kFirstDigit) {
    first_digit_ = c;
    state_ = State::kSecondDigit;
    return Event::kNone;
  }
  if (state_ == State::kPayload && c == kBegin) return begin(c);  // the end of the last one is lost
  if (state_ == State::kPayload && c == kEnd) {
    state_ = State::kFirstDigit;
    return Event::kNone;
  }
  sum_ += byte_of(c);
  if (state_ == State::kEscape) {
    add(static_cast<char>(c ^ kFlip));
    state_ = State::kPayload;
  } else if (c == kEscapeMark) {
    state_ = State::kEscape;
  } else {
    add(c);
  }
  return Event::kNone;
}

}  // namespace aipu::debug
