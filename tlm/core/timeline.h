// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace aipu {

/// The reservations of one server (a link, a memory bank): first come first served, work
/// conserving.
///
/// A booking may start a little in the future, because delays are annotated; capacity that it
/// leaves free before itself is still there for whoever books later with an earlier start. All
/// times in ps. Keeps the last kDepth separate busy intervals; when all of them still lie ahead,
/// the earliest gap is given up and counts as busy.
class Timeline {
 public:
  static constexpr std::size_t kDepth = 12;

  struct Booking {
    std::uint64_t begin = 0;  ///< when the first of it is served
    std::uint64_t end = 0;    ///< when the last of it has been served
  };

  /// Reserves `duration` (> 0) of service from `start` on, in the first free capacity.
  Booking book(std::uint64_t now, std::uint64_t start, std::uint64_t duration) {
    busy_ += duration;
    if (size_ != 0 && start <= intervals_[size_ - 1].end) return fill(now, start, duration);
    insert(now, size_, {start, start + duration});
    return {start, start + duration};
  }

  /// Time served up to `now`; never more than `now`.
  std::uint64_t busy(std::uint64_t now) const {
    std::uint64_t ahead = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (intervals_[i].end > now) ahead += intervals_[i].end - std::max(now, intervals_[i].begin);
    }
    return busy_ - ahead;
  }
  /// When the last reservation ends.
  std::uint64_t horizon() const { return size_ == 0 ? 0 : intervals_[size_ - 1].end; }

 private:
  Booking fill(std::uint64_t now, std::uint64_t start, std::uint64_t duration) {
    std::size_t first = size_;  // of the intervals that end at or after the start
    while (first > 0 && intervals_[first - 1].end >= start)
      --first;
    std::size_t last = first;  // [first, last) become one interval, `merged`
    Booking merged{start, 0};
    std::uint64_t at = start;
    if (intervals_[first].begin <= start) {
      merged.begin = intervals_[first].begin;
      at = intervals_[last++].end;
    }
    Booking served{at, 0};
    while (last < size_ && intervals_[last].begin - at < duration) {
      duration -= intervals_[last].begin - at;
      at = intervals_[last++].end;
    }
    merged.end = served.end = at + duration;
    if (last < size_ && intervals_[last].begin == merged.end) merged.end = intervals_[last++].end;
    if (last == first) {
      insert(now, first, merged);
    } else {
      intervals_[first] = merged;
      erase(first + 1, last);
    }
    return served;
  }

  void erase(std::size_t from, std::size_t to) {
    if (from == to) return;
    std::move(intervals_.begin() + static_cast<std::ptrdiff_t>(to),
              intervals_.begin() + static_cast<std::ptrdiff_t>(size_),
              intervals_.begin() + static_cast<std::ptrdiff_t>(from));
    size_ -= to - from;
  }

  void insert(std::uint64_t now, std::size_t at, const Booking& interval) {
    if (size_ == kDepth) at -= make_room(now, at);
    const auto place = intervals_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = intervals_.begin() + static_cast<std::ptrdiff_t>(size_);
    std::move_backward(place, end, end + 1);
    *place = interval;
    ++size_;
  }

  /// Forgets what is past, else closes the earliest gap that an interval at `at` leaves alone.
  /// Returns by how much `at` moved.
  std::size_t make_room(std::uint64_t now, std::size_t at) {
    std::size_t past = 0;
    while (past < at && intervals_[past].end <= now)
      ++past;
    if (past != 0) {
      erase(0, past);
      return past;
    }
    close_gap(at == 1 ? 1 : 0);
    return at > 1 ? 1 : 0;
  }

  void close_gap(std::size_t left) {
    busy_ += intervals_[left + 1].begin - intervals_[left].end;
    intervals_[left].end = intervals_[left + 1].end;
    erase(left + 1, left + 2);
  }

  std::array<Booking, kDepth> intervals_{};
  std::size_t size_ = 0;
  std::uint64_t busy_ = 0;
};

}  // namespace aipu
