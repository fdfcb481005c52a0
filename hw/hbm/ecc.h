// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "hw/hbm/config.h"
#include "hw/hbm/location.h"

namespace aipu::hbm {

/// Bytes that hold data: all, but for the check bits of inline ECC. They begin at address 0.
Bytes data_capacity(const Config& config);

/// Where the check bits of inline ECC live. Single error correction and double error detection over
/// 64-bit words takes 8 check bits a word (the extended Hamming code), so that one access of check
/// bits protects a *block* of eight accesses of data.
///
/// A block is eight accesses of one pseudo-channel that follow each other in an open row of every
/// bank group: 256 consecutive bytes of the default map. Data take the lower 8/9 of the rows of
/// every bank, rounded down; the check bits of a pseudo-channel lie in order in the rows above.
class EccLayout {
 public:
  static constexpr std::uint32_t kBlock = 8;  ///< accesses of data to one of check bits

  explicit EccLayout(const Config& config);

  /// Number of the block that an access of data belongs to, in its pseudo-channel.
  std::uint64_t block(const Location& data) const;
  /// The access with the check bits of a block.
  Location check_bits(std::uint32_t channel, std::uint64_t block) const;

 private:
  std::uint64_t groups_;
  std::uint64_t sets_;
  std::uint64_t per_set_;  // accesses of the open rows of a bank set
  std::uint64_t first_;    // access of check bits, counted in the pseudo-channel
};

/// What is wrong with inline ECC in this configuration, beginning with the key; empty when nothing
/// is.
std::string ecc_fault(const Config& config);

}  // namespace aipu::hbm
