// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "hw/base/gaddr.h"
#include "hw/directcom/packet.h"

namespace aipu::directcom {

using CommandWords = std::array<std::uint32_t, 32>;

/// A strided copy: `rows` rows of `row_bytes`, each contiguous at both ends.
struct Geometry {
  std::uint64_t source = 0;       ///< Gaddr
  std::uint64_t destination = 0;  ///< Gaddr
  std::uint32_t row_bytes = 0;
  std::uint32_t rows = 0;
  std::uint32_t source_stride = 0;
  std::uint32_t destination_stride = 0;

  std::uint64_t total() const { return std::uint64_t{row_bytes} * rows; }
};

/// A command of the directcom queue, decoded (words: hw/regs/directcom.yaml).
struct Message {
  enum class Kind : std::uint8_t { kPut, kGet, kNotify };
  Kind kind = Kind::kPut;
  std::uint8_t traffic_class = 0;
  std::uint8_t pace = 0;   ///< most of the port that it may take, in 1/kFullRate; 0: all
  std::uint16_t peer = 0;  ///< the other AIPU (which may be the own one)
  Geometry geometry;       ///< addresses with AIPU = kSelf; none for a notify
  RemoteAdd add;
};

/// The rule that a command breaks, and what broke it; rule 0 (regs::abi::kRuleNone) breaks none.
struct Violation {
  std::uint32_t rule = 0;
  std::uint64_t address = 0;
};

/// Decodes a command of core `core` on AIPU `aipu` of `aipu_count`; `message` is meaningful only
/// where no rule is broken.
Violation decode_command(std::uint32_t opcode, const CommandWords& words, std::uint32_t core,
                         std::uint32_t aipu, std::uint32_t aipu_count, Message& message);

/// A piece of a message that is contiguous at both ends.
struct Piece {
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
  std::uint32_t bytes = 0;
};

/// Walks a strided message in order and cuts it into pieces, which never cross the end of a row.
class Cursor {
 public:
  Cursor() = default;
  explicit Cursor(const Geometry& g) : geometry_(g) {}

  bool done() const { return row_ == geometry_.rows; }
  /// The next piece, of at most `limit` bytes; the cursor is not done.
  Piece next(std::uint32_t limit);

 private:
  Geometry geometry_;
  std::uint32_t row_ = 0;
  std::uint32_t column_ = 0;
};

/// Calls `visit(Piece)` for every packet of a message: the pure rule that the interface follows.
template <typename Visit>
void packetize(const Geometry& geometry, std::uint32_t payload, Visit&& visit) {
  for (Cursor cursor(geometry); !cursor.done();)
    visit(cursor.next(payload));
}

/// Payload of a kGet packet, little endian, in order of the fields below.
struct GetRequest {
  static constexpr std::uint32_t kBytes = 34;
  Geometry geometry;
  std::uint8_t traffic_class = 0;  ///< of the answer
  std::uint8_t pace = 0;           ///< of the answer
};
void encode(const GetRequest& request, std::uint8_t* bytes);
GetRequest decode_get(const std::uint8_t* bytes);

}  // namespace aipu::directcom
