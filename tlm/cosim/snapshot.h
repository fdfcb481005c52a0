// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aipu::cosim {

/// The state of a model as a run of bytes, most of them zero (memories that were never full):
/// blocks of zeros are left out.
class Snapshot {
 public:
  static constexpr std::size_t kBlock = 64;

  bool empty() const { return blocks_ == 0; }
  /// Bytes that it stands for, to a whole block.
  std::size_t size() const { return blocks_ * kBlock; }
  /// Bytes that it takes.
  std::size_t stored() const { return bytes_.size() + present_.size() * sizeof(std::uint64_t); }

  /// Appends whole blocks.
  void append(const std::uint8_t* bytes, std::size_t blocks);
  /// Reads them in order.
  class Reader {
   public:
    explicit Reader(const Snapshot& of) : of_(of) {}
    /// The next block, zeros behind the end.
    void next(std::uint8_t* block);

   private:
    const Snapshot& of_;
    std::size_t block_ = 0;
    std::size_t at_ = 0;
  };
  std::vector<std::uint8_t> expand() const;

 private:
  std::size_t blocks_ = 0;
  std::vector<std::uint64_t> present_;  ///< a bit a block
  std::vector<std::uint8_t> bytes_;
};

}  // namespace aipu::cosim
