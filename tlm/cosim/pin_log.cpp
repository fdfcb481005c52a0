// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/pin_log.h"

#include <cstring>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "tlm/cosim/port_mask.h"

namespace aipu::cosim {
namespace {

/// A record begins with a byte: kind, and port or flags.
enum Kind : std::uint32_t { kClock, kHead, kCredit, kHold, kConfigure, kJump, kKinds };
constexpr std::uint32_t kPortBits = 5;
constexpr std::uint32_t kPortMask = (1U << kPortBits) - 1;
constexpr std::uint32_t kSecond = 1;   // flags of kClock
constexpr std::uint32_t kNewMask = 2;  // a mask follows, else it is that of the last cycle
constexpr std::size_t kLongestRecord = 32;
constexpr std::size_t kFirstRoom = 4096;

/// Of a credit on the pins: flits, class, pool.
constexpr std::uint32_t kFlitBits = 7;
constexpr std::uint32_t kClassBits = 2;
constexpr std::uint32_t kCreditBytes = 2;
constexpr std::uint32_t kIndexBytes = 2;
constexpr std::uint32_t kValueBytes = 8;
constexpr std::uint32_t kTickBytes = 8;
constexpr std::uint32_t kWordBytes = 4;

constexpr std::uint8_t kNear = 1U << SwitchPins::kFlitWords;  // of a head
constexpr std::uint32_t kNearest = 255;

}  // namespace

void FlitHistory::take(std::uint32_t input, const SwitchPins::Flit& flit) {
  const auto payload =
      payload_of(flit[0] | std::uint64_t{flit[1]} << 32U, flit[2] | std::uint64_t{flit[3]} << 32U);
  last[input] = {flit, payload ? *payload : Payload{flit[kNumber], 0}};
  if (!payload) number = flit[kNumber];
}

PinLog::PinLog() : bytes_(kFirstRoom) {}

void PinLog::clear() {
  used_ = 0;
  clocks_ = 0;
  mask_ = 0;
  last_mask_ = {};
  history_ = {};
}

/// Where the next record goes.
std::uint8_t* PinLog::room() {
  if (used_ + kLongestRecord > bytes_.size())
    bytes_.resize(std::max(2 * bytes_.size(), used_ + kFirstRoom));
  return bytes_.data() + used_;
}

/// Little end first, in room().
void PinLog::put(std::uint64_t value, std::uint32_t bytes) {
  for (std::uint32_t b = 0; b < bytes; ++b)
    bytes_[used_++] = static_cast<std::uint8_t>(value >> 8 * b);
}

void PinLog::configure(SwitchPins::Select select, std::uint32_t port, std::uint32_t index,
                       std::uint64_t value) {
  room();
  put(kConfigure << kPortBits | static_cast<std::uint32_t>(select), 1);
  put(port, 1);
  put(index, kIndexBytes);
  put(value, kValueBytes);
}

/// Kind and input, which words change (of the number: `kNear` if it is near the last), the words.
void PinLog::head(std::uint32_t input, const SwitchPins::Flit& flit) {
  const SwitchPins::Flit& last = history_.last[input].flit;
  std::uint8_t* to = room();
  std::uint8_t* const start = to;
  *to++ = static_cast<std::uint8_t>(kHead << kPortBits | input);
  std::uint8_t& changed = *to++;
  changed = 0;
  for (std::uint32_t w = 0; w < SwitchPins::kFlitWords; ++w) {
    const std::uint32_t ahead = flit[w] - history_.number;
    if (w == FlitHistory::kNumber && ahead <= kNearest) {
      changed |= kNear;
      *to++ = static_cast<std::uint8_t>(ahead);
    } else if (flit[w] != last[w]) {
      changed = static_cast<std::uint8_t>(changed | 1U << w);
      std::memcpy(to, &flit[w], kWordBytes);
      to += kWordBytes;
    }
  }
  used_ += static_cast<std::size_t>(to - start);
  history_.take(input, flit);
}

void PinLog::credit(std::uint32_t output, const SwitchPins::Credit& credit) {
  std::uint8_t* const to = room();
  const std::uint32_t value =
      credit.flits | credit.traffic_class << kFlitBits | credit.pool << (kFlitBits + kClassBits);
  to[0] = static_cast<std::uint8_t>(kCredit << kPortBits | output);
  std::memcpy(to + 1, &value, kCreditBytes);
  used_ += 1 + kCreditBytes;
}

void PinLog::hold(std::uint32_t output) {
  room();
  put(kHold << kPortBits | output, 1);
}

void PinLog::jump(std::uint64_t tick) {
  room();
  put(kJump << kPortBits, 1);
  put(tick, kTickBytes);
}

void PinLog::clock(bool second) {
  std::uint8_t* const to = room();
  std::uint32_t& last = last_mask_[second ? 1 : 0];
  const bool changed = mask_ != last;
  to[0] = static_cast<std::uint8_t>(kClock << kPortBits | (second ? kSecond : 0) |
                                    (changed ? kNewMask : 0));
  if (changed) std::memcpy(to + 1, &mask_, kWordBytes);
  used_ += changed ? 1 + kWordBytes : 1;
  last = mask_;
  mask_ = 0;
  ++clocks_;
}

std::uint64_t PinLogReader::take(std::uint32_t bytes) {
  if (bytes_.size() - at_ < bytes) throw BadReplay("the log of the pins ends within a record");
  std::uint64_t value = 0;
  for (std::uint32_t b = 0; b < bytes; ++b)
    value |= std::uint64_t{bytes_[at_++]} << 8 * b;
  return value;
}

void PinLogReader::payload(SwitchPins& to, std::uint32_t mask) {
  if ((std::uint64_t{mask} >> ports_) != 0) throw BadReplay("the log has a flit of no input");
  for_each_bit(mask, [&](std::uint32_t i) {
    to.put_flit(i, history_.next(i));
    ++history_.last[i].payload.place;
  });
}

void PinLogReader::head(SwitchPins& to, std::uint32_t input) {
  SwitchPins::Flit flit = history_.last[input].flit;
  const auto changed = static_cast<std::uint32_t>(take(1));
  for (std::uint32_t w = 0; w < SwitchPins::kFlitWords; ++w) {
    if (w == FlitHistory::kNumber && (changed & kNear) != 0) {
      flit[w] = history_.number + static_cast<std::uint32_t>(take(1));
    } else if ((changed >> w & 1U) != 0) {
      flit[w] = static_cast<std::uint32_t>(take(kWordBytes));
    }
  }
  history_.take(input, flit);
  to.put_flit(input, flit);
}

void PinLogReader::event(SwitchPins& to, std::uint32_t kind, std::uint32_t port) {
  if (kind >= kKinds) throw BadReplay(fmt::format("the log has a record of no kind: {}", kind));
  if (kind != kConfigure && kind != kJump && port >= ports_)
    throw BadReplay(fmt::format("the log names port {} of {}", port, ports_));
  switch (kind) {
    case kHead:
      head(to, port);
      break;
    case kCredit: {
      const auto value = static_cast<std::uint32_t>(take(kCreditBytes));
      to.put_credit(port, {value >> (kFlitBits + kClassBits), value >> kFlitBits & 3U,
                           value & ((1U << kFlitBits) - 1)});
      break;
    }
    case kHold:
      to.hold(port);
      break;
    case kConfigure: {
      if (port > static_cast<std::uint32_t>(SwitchPins::Select::kRule))
        throw BadReplay("the log configures what there is not");
      const auto at = static_cast<std::uint32_t>(take(1));
      const auto index = static_cast<std::uint32_t>(take(kIndexBytes));
      if (at >= ports_) throw BadReplay(fmt::format("the log names port {} of {}", at, ports_));
      to.configure(static_cast<SwitchPins::Select>(port), at, index, take(kValueBytes));
      break;
    }
    default:
      tick_ = take(kTickBytes);
      to.jump(tick_);
      break;
  }
}

bool PinLogReader::clock(SwitchPins& to) {
  while (at_ < bytes_.size()) {
    const auto first = static_cast<std::uint32_t>(take(1));
    const std::uint32_t kind = first >> kPortBits;
    const std::uint32_t low = first & kPortMask;
    if (kind != kClock) {
      event(to, kind, low);
      continue;
    }
    const bool second = (low & kSecond) != 0;
    std::uint32_t& mask = last_mask_[second ? 1 : 0];
    if ((low & kNewMask) != 0) mask = static_cast<std::uint32_t>(take(kWordBytes));
    payload(to, mask);
    to.clock(second);
    ++tick_;
    return true;
  }
  return false;
}

std::vector<std::uint32_t> outputs_of(const SwitchPins& pins) {
  std::vector<std::uint32_t> words;
  const auto mask = [&](std::uint64_t ports) {
    words.push_back(static_cast<std::uint32_t>(ports));
    return ports;
  };
  for_each_bit(mask(pins.routed()),
               [&](std::uint32_t i) { words.push_back(pins.routed_output(i)); });
  for_each_bit(mask(pins.granted()), [&](std::uint32_t o) {
    const auto grant = pins.grant(o);
    words.insert(words.end(), {grant.input, grant.traffic_class, grant.mark ? 1U : 0U});
  });
  for_each_bit(mask(pins.sending()), [&](std::uint32_t o) {
    const auto flit = pins.flit(o);
    words.insert(words.end(), flit.begin(), flit.end());
    words.push_back(pins.mark(o) ? 1 : 0);
  });
  for_each_bit(mask(pins.returning()), [&](std::uint32_t i) {
    const auto credit = pins.credit(i);
    words.insert(words.end(), {credit.pool, credit.traffic_class, credit.flits});
  });
  mask(pins.no_credit());
  mask(pins.lost_arbitration());
  words.push_back(pins.busy() ? 1 : 0);
  return words;
}

}  // namespace aipu::cosim
