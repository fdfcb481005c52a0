// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/message.h"

#include "regs/abi.h"
#include "regs/directcom.h"

namespace aipu::directcom {
namespace {

namespace abi = regs::abi;
namespace dc = regs::directcom;

std::uint32_t field(std::uint32_t word, std::uint32_t shift, std::uint32_t width) {
  return (word >> shift) & ((1U << width) - 1U);
}

std::uint64_t pair(const CommandWords& w, std::uint32_t low) {
  return std::uint64_t{w[low + 1]} << 32U | w[low];
}

/// The same place, as seen from its own AIPU.
std::uint64_t local(std::uint64_t raw) {
  return raw | (std::uint64_t{Gaddr::kSelf} << 48U);
}

bool fits(std::uint64_t raw, const Geometry& g, std::uint32_t stride) {
  const Gaddr first{raw};
  if (first.space_code() > abi::kSpaceCore) return false;
  if (stride != 0 && g.rows - 1U > kMaxOffset / stride) return false;
  const std::uint64_t last =
      first.offset() + std::uint64_t{g.rows - 1U} * stride + (g.row_bytes - 1U);
  return last <= (first.space() == Gaddr::Space::kCore ? kMaxCoreOffset : kMaxOffset);
}

RemoteAdd remote_add(std::uint32_t word, std::uint32_t core) {
  RemoteAdd add;
  add.counter = static_cast<std::uint8_t>(
      field(word, dc::kRemoteAddCounterShift, dc::kRemoteAddCounterWidth));
  add.amount =
      static_cast<std::uint8_t>(field(word, dc::kRemoteAddAmountShift, dc::kRemoteAddAmountWidth));
  add.scope =
      static_cast<std::uint8_t>(field(word, dc::kRemoteAddScopeShift, dc::kRemoteAddScopeWidth));
  add.source_core = static_cast<std::uint8_t>(core);
  return add;
}

Violation check_ranges(const Geometry& g, std::uint64_t near_end, std::uint32_t aipu) {
  if (g.row_bytes == 0 || g.rows == 0) return {abi::kRuleBadSize, g.row_bytes};
  if (g.total() > kMaxMessageBytes) return {abi::kRuleBadSize, g.total()};
  if (!fits(g.source, g, g.source_stride)) return {abi::kRuleBadAddress, g.source};
  if (!fits(g.destination, g, g.destination_stride)) return {abi::kRuleBadAddress, g.destination};
  const std::uint32_t owner = Gaddr{near_end}.aipu();
  if (owner != Gaddr::kSelf && owner != aipu) return {abi::kRuleBadAddress, near_end};
  if (Gaddr{g.source}.space() == Gaddr::Space::kCore &&
      Gaddr{g.source}.core() == Gaddr::kAllCores) {
    return {abi::kRuleBadAddress, g.source};
  }
  return {};
}

template <typename T>
void store(std::uint8_t*& to, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    *to++ = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8U * i));
  }
}

template <typename T>
void load(const std::uint8_t*& from, T& value) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    bits |= std::uint64_t{*from++} << (8U * i);
  value = static_cast<T>(bits);
}

}  // namespace

Violation decode_command(std::uint32_t opcode, const CommandWords& words, std::uint32_t core,
                         std::uint32_t aipu, std::uint32_t aipu_count, Message& message) {
  if (opcode != dc::kOpPut && opcode != dc::kOpGet && opcode != dc::kOpNotify) {
    return {abi::kRuleUnknownCommand, opcode};
  }
  Geometry g{pair(words, dc::kWSrcLo), pair(words, dc::kWDstLo),  words[dc::kWBytes],
             words[dc::kWRows],        words[dc::kWSrcRowStride], words[dc::kWDstRowStride]};
  const bool get = opcode == dc::kOpGet;
  const std::uint64_t far_end = get ? g.source : g.destination;
  if (opcode == dc::kOpNotify) {
    g = Geometry{};
  } else if (const Violation v = check_ranges(g, get ? g.destination : g.source, aipu);
             v.rule != abi::kRuleNone) {
    return v;
  }
  const std::uint32_t owner = Gaddr{far_end}.aipu();
  const std::uint32_t peer = owner == Gaddr::kSelf ? aipu : owner;
  if (peer >= aipu_count) return {abi::kRuleBadDestination, far_end};
  g.source = local(g.source);
  g.destination = local(g.destination);
  message.kind = get                    ? Message::Kind::kGet
                 : opcode == dc::kOpPut ? Message::Kind::kPut
                                        : Message::Kind::kNotify;
  message.traffic_class = static_cast<std::uint8_t>(
      field(words[dc::kWFlags], dc::kFlagsTrafficClassShift, dc::kFlagsTrafficClassWidth));
  message.pace = static_cast<std::uint8_t>(
      field(words[dc::kWFlags], dc::kFlagsPaceShift, dc::kFlagsPaceWidth));
  message.peer = static_cast<std::uint16_t>(peer);
  message.geometry = g;
  message.add = remote_add(words[dc::kWRemoteAdd], core);
  return {};
}

Piece Cursor::next(std::uint32_t limit) {
  const Piece piece{
      geometry_.source + std::uint64_t{row_} * geometry_.source_stride + column_,
      geometry_.destination + std::uint64_t{row_} * geometry_.destination_stride + column_,
      std::min(limit, geometry_.row_bytes - column_)};
  column_ += piece.bytes;
  if (column_ == geometry_.row_bytes) {
    column_ = 0;
    ++row_;
  }
  return piece;
}

void encode(const GetRequest& request, std::uint8_t* bytes) {
  const Geometry& g = request.geometry;
  store(bytes, g.source);
  store(bytes, g.destination);
  store(bytes, g.row_bytes);
  store(bytes, g.rows);
  store(bytes, g.source_stride);
  store(bytes, g.destination_stride);
  store(bytes, request.traffic_class);
  store(bytes, request.pace);
}

GetRequest decode_get(const std::uint8_t* bytes) {
  GetRequest request;
  Geometry& g = request.geometry;
  load(bytes, g.source);
  load(bytes, g.destination);
  load(bytes, g.row_bytes);
  load(bytes, g.rows);
  load(bytes, g.source_stride);
  load(bytes, g.destination_stride);
  load(bytes, request.traffic_class);
  load(bytes, request.pace);
  return request;
}

}  // namespace aipu::directcom
