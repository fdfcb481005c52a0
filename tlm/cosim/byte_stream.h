// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tlm/cosim/pin_log.h"

namespace aipu::cosim {

/// Numbers in as few bytes as they need, seven bits a byte, and runs of bytes.
class ByteWriter {
 public:
  void number(std::uint64_t value) {
    for (; value >= kMore; value >>= kBits)
      bytes.push_back(static_cast<std::uint8_t>(value | kMore));
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
  /// Small where it is near zero, above or below.
  void difference(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63));
  }
  void run(const std::uint8_t* from, std::size_t count) {
    bytes.insert(bytes.end(), from, from + count);
  }
  template <typename Run>
  void counted(const Run& from) {
    number(from.size());
    bytes.insert(bytes.end(), from.begin(), from.end());
  }

  static constexpr std::uint32_t kBits = 7;
  static constexpr std::uint64_t kMore = 1U << kBits;
  std::vector<std::uint8_t> bytes;
};

/// Throws BadReplay where the bytes end too early.
class ByteReader {
 public:
  ByteReader(const std::uint8_t* bytes, std::size_t count) : at_(bytes), end_(bytes + count) {}
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (std::uint32_t shift = 0; shift < 64; shift += ByteWriter::kBits) {
      const std::uint8_t byte = *run(1);
      value |= (byte & (ByteWriter::kMore - 1)) << shift;
      if (byte < ByteWriter::kMore) return value;
    }
    throw BadReplay("a number has too many digits");
  }
  std::int64_t difference() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1U ^ (~(value & 1U) + 1));
  }
  const std::uint8_t* run(std::size_t count) {
    if (count > left()) throw BadReplay("it ends too early");
    const std::uint8_t* const from = at_;
    at_ += count;
    return from;
  }
  template <typename Run>
  Run counted() {
    const std::uint64_t count = number();
    const std::uint8_t* const from = run(count);
    return Run(from, from + count);
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace aipu::cosim
