// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/state_codec.h"

#include <cstring>
#include <zlib.h>

#include "hw/base/assert.h"
#include "tlm/cosim/byte_stream.h"
#include "tlm/cosim/payload.h"

namespace aipu::cosim {
namespace {

constexpr std::size_t kFlit = 16;
constexpr std::size_t kShortestZeros = 8;  // shorter ones are left to zlib

/// Packed: again and again literal bytes (counted), zeros (a number), flits (a number; if not 0,
/// packet as difference, place, step + 1).
struct Run {
  Payload first;
  std::uint64_t flits = 0;
  std::int64_t step = 0;
};

std::uint64_t word(const std::uint8_t* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::optional<Payload> payload_at(const Bytes8& state, std::size_t at) {
  if (at + kFlit > state.size()) return std::nullopt;
  return payload_of(word(&state[at]), word(&state[at + kFlit / 2]));
}

Run run_at(const Bytes8& state, std::size_t at) {
  const auto first = payload_at(state, at);
  if (!first) return {};
  Run run{*first, 1, 0};
  for (;; ++run.flits) {
    const auto next = payload_at(state, at + run.flits * kFlit);
    if (!next || next->packet != first->packet) return run;
    const std::int64_t place = std::int64_t{next->place} - std::int64_t{first->place};
    if (run.flits == 1 && (place == 1 || place == -1)) run.step = place;
    if (place != run.step * static_cast<std::int64_t>(run.flits)) return run;
  }
}

std::size_t zeros_at(const Bytes8& state, std::size_t at) {
  std::size_t end = at;
  while (end + sizeof(std::uint64_t) <= state.size() && word(&state[end]) == 0)
    end += sizeof(std::uint64_t);
  while (end < state.size() && state[end] == 0)
    ++end;
  return end - at;
}

}  // namespace

Bytes8 pack_state(const Bytes8& state) {
  ByteWriter to;
  std::int64_t packet = 0;
  std::size_t literal = 0;  // from where
  for (std::size_t at = 0; at < state.size();) {
    const std::size_t zeros = zeros_at(state, at);
    const Run run = zeros == 0 ? run_at(state, at) : Run{};
    if (zeros < kShortestZeros && run.flits == 0) {
      at += std::max<std::size_t>(zeros, 1);
      continue;
    }
    to.number(at - literal);
    to.run(&state[literal], at - literal);
    to.number(run.flits == 0 ? zeros : 0);
    to.number(run.flits);
    if (run.flits != 0) {
      to.difference(run.first.packet - packet);
      to.number(run.first.place);
      to.number(static_cast<std::uint64_t>(run.step + 1));
      packet = run.first.packet;
    }
    at += run.flits == 0 ? zeros : run.flits * kFlit;
    literal = at;
  }
  to.number(state.size() - literal);
  to.run(state.data() + literal, state.size() - literal);
  return std::move(to.bytes);
}

Bytes8 unpack_state(const Bytes8& packed, std::size_t limit) {
  ByteReader from(packed.data(), packed.size());
  Bytes8 state;
  const auto room = [&](std::uint64_t bytes) {
    if (bytes > limit - state.size()) throw BadReplay("its snapshot is larger than any model");
  };
  std::int64_t packet = 0;
  for (;;) {
    const std::uint64_t literal = from.number();
    room(literal);
    const std::uint8_t* const bytes = from.run(literal);
    state.insert(state.end(), bytes, bytes + literal);
    if (from.left() == 0) return state;
    const std::uint64_t zeros = from.number();
    room(zeros);
    state.resize(state.size() + zeros);
    const std::uint64_t flits = from.number();
    if (flits == 0) continue;
    room(flits > limit ? limit + 1 : flits * kFlit);
    packet += from.difference();
    std::uint64_t place = from.number();
    const std::uint64_t step = from.number();
    for (std::uint64_t f = 0; f < flits; ++f, place += step - 1) {
      const auto flit =
          payload_flit({static_cast<std::uint32_t>(packet), static_cast<std::uint32_t>(place)});
      std::array<std::uint8_t, kFlit> out{};
      std::memcpy(out.data(), flit.data(), kFlit);
      state.insert(state.end(), out.begin(), out.end());
    }
  }
}

Bytes8 deflate_bytes(const Bytes8& bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes8 packed(size);
  const int result =
      compress2(packed.data(), &size, bytes.data(), bytes.size(), Z_BEST_COMPRESSION);
  AIPU_ASSERT(result == Z_OK, "zlib: {}", result);
  packed.resize(size);
  return packed;
}

Bytes8 inflate_bytes(const std::uint8_t* bytes, std::size_t count, std::size_t size) {
  Bytes8 all(size);
  uLongf got = size;
  const int result = uncompress(all.data(), &got, bytes, count);
  if (result != Z_OK || got != size) throw BadReplay("its contents are no zlib stream");
  return all;
}

}  // namespace aipu::cosim
