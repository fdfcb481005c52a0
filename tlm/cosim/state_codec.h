// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aipu::cosim {

using Bytes8 = std::vector<std::uint8_t>;

/// The state of a model in few bytes: runs of zeros as their length, and runs of payload that
/// payload_flit() makes (a packet's flits, up or down in place) as packet, place and length.
Bytes8 pack_state(const Bytes8& state);
/// Undoes it. Throws BadReplay where it cannot be undone, or would be more than `limit` bytes.
Bytes8 unpack_state(const Bytes8& packed, std::size_t limit);

/// zlib; `inflate_bytes` throws BadReplay for what is none, or is not of exactly `size` bytes.
Bytes8 deflate_bytes(const Bytes8& bytes);
Bytes8 inflate_bytes(const std::uint8_t* bytes, std::size_t count, std::size_t size);

}  // namespace aipu::cosim
