// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "hw/dma/descriptor.h"

namespace aipu::dma {

/// One request's worth of a copy.
struct Burst {
  Gaddr source;
  Gaddr destination;
  std::uint32_t bytes = 0;
  std::uint32_t row_offset = 0;  ///< phase of a fill's pattern: offset in the row, modulo 4
};

/// Walks a descriptor burst by burst: rows in order, each cut where a far side reaches a multiple
/// of the burst size (memories interleave there) unless told not to. Plain state, no allocation.
class Cursor {
 public:
  Cursor() = default;
  Cursor(const Descriptor& d, std::uint64_t burst, bool cut_at_multiples = true)
      : d_(d),
        burst_(burst),
        cut_source_(cut_at_multiples && !d.fill && !d.source.local),
        cut_destination_(cut_at_multiples && (!d.destination.local || d.fill || d.source.local)),
        left_(d.bytes),
        done_(false) {
    start_row();
  }

  bool done() const { return done_; }
  /// At least the bytes of the next burst.
  std::uint64_t next_at_most() const { return std::min(left_, burst_); }

  /// The next burst; only while !done().
  Burst next() {
    std::uint64_t bytes = std::min(left_, burst_);
    if (cut_source_) bytes = std::min(bytes, to_boundary(source_));
    if (cut_destination_) bytes = std::min(bytes, to_boundary(destination_));
    const Burst burst{source_, destination_, static_cast<std::uint32_t>(bytes),
                      static_cast<std::uint32_t>((d_.bytes - left_) % 4)};
    left_ -= bytes;
    source_ = source_ + bytes;
    destination_ = destination_ + bytes;
    if (left_ == 0) advance();
    return burst;
  }

 private:
  std::uint64_t to_boundary(Gaddr address) const { return burst_ - address.raw % burst_; }

  void start_row() {
    source_ = at(d_.source);
    destination_ = at(d_.destination);
    left_ = d_.bytes;
  }
  Gaddr at(const Side& side) const {
    return side.base + std::uint64_t{plane_} * side.plane_stride +
           std::uint64_t{row_} * side.row_stride;
  }
  void advance() {
    if (++row_ == d_.rows) {
      row_ = 0;
      if (++plane_ == d_.planes) {
        done_ = true;
        return;
      }
    }
    start_row();
  }

  Descriptor d_;
  std::uint64_t burst_ = 0;
  bool cut_source_ = false;
  bool cut_destination_ = false;
  Gaddr source_;
  Gaddr destination_;
  std::uint64_t left_ = 0;  ///< of the present row
  std::uint32_t row_ = 0;
  std::uint32_t plane_ = 0;
  bool done_ = true;
};

}  // namespace aipu::dma
