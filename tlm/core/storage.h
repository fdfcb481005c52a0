// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/units.h"

namespace aipu {

/// The bytes behind a memory model. Host memory is taken page by page as it is touched, and
/// untouched bytes read as zero, so a 64 GiB stack of HBM costs what a program writes to it.
///
/// In timing-only mode only the first `real` bytes exist; the rest are phantom: they have an
/// address and a timing but no contents.
class Storage {
 public:
  /// Throws UserError (exit 3) where the host grants no address space.
  Storage(Bytes size, Bytes real);
  explicit Storage(Bytes size) : Storage(size, size) {}
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  Bytes size() const { return size_; }
  Bytes real() const { return real_; }
  bool contains(std::uint64_t offset, std::uint64_t bytes) const {
    return offset <= size_.count && bytes <= size_.count - offset;
  }
  bool is_real(std::uint64_t offset, std::uint64_t bytes) const {
    return offset + bytes <= real_.count;
  }
  /// Host address of a real byte.
  std::uint8_t* at(std::uint64_t offset) { return base_ + offset; }
  const std::uint8_t* at(std::uint64_t offset) const { return base_ + offset; }

 private:
  Bytes size_;
  Bytes real_;
  std::uint8_t* base_ = nullptr;
};

}  // namespace aipu
