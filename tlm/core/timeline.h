// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace aipu {

/// The reservations of one server (a link, a memory bank): first come first served, work
/// conserving.
///
/// A booking may start a little in the future, because delays are annotated; capacity that it
/// leaves free before itself is still there for whoever books later with an earlier start. All
/// times in ps. Keeps up to kDepth separate busy intervals, more than a port has requests in
/// flight; when all of them still lie ahead, the earliest gap is given up and counts as busy.
class Timeline {
 public:
  static constexpr std::size_t kDepth = 256;

  struct Booking {
    std::uint64_t begin = 0;  ///< when the first of it is served
    std::uint64_t end = 0;    ///< when the last of it has been served
  };

  /// Reserves `duration` (> 0) of service from `start` on, in the first free capacity.
  Booking book(std::uint64_t now, std::uint64_t start, std::uint64_t duration) {
    busy_ += duration;
    start = std::max(start, forgotten_);
    if (first_ != last_ && start <= intervals_[last_ - 1].end) return fill(now, start, duration);
    insert(now, last_, {start, start + duration});
    return {start, start + duration};
  }

  /// Time served up to `now`; never more than `now`.
  std::uint64_t busy(std::uint64_t now) const {
    std::uint64_t ahead = 0;
    for (std::size_t i = first_; i < last_; ++i) {
      if (intervals_[i].end > now) ahead += intervals_[i].end - std::max(now, intervals_[i].begin);
    }
    return busy_ - ahead;
  }
  /// When the last reservation ends.
  std::uint64_t horizon() const { return first_ == last_ ? 0 : intervals_[last_ - 1].end; }

 private:
  Booking fill(std::uint64_t now, std::uint64_t start, std::uint64_t duration) {
    std::size_t first = last_;  // of the intervals that end at or after the start
    while (first > first_ && intervals_[first - 1].end >= start)
      --first;
    std::size_t last = first;  // [first, last) become one interval, `merged`
    Booking merged{start, 0};
    std::uint64_t at = start;
    if (intervals_[first].begin <= start) {
      merged.begin = intervals_[first].begin;
      at = intervals_[last++].end;
    }
    Booking served{at, 0};
    while (last < last_ && intervals_[last].begin - at < duration) {
      duration -= intervals_[last].begin - at;
      at = intervals_[last++].end;
    }
    merged.end = served.end = at + duration;
    if (last < last_ && intervals_[last].begin == merged.end) merged.end = intervals_[last++].end;
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
    std::move(place(to), place(last_), place(from));
    last_ -= to - from;
  }

  void insert(std::uint64_t now, std::size_t at, const Booking& interval) {
    if (at == last_ && last_ != 0 && intervals_[last_ - 1].end <= now) {
      // All is past: begin anew, which keeps the memory in use small.
      forgotten_ = intervals_[last_ - 1].end;
      at = first_ = last_ = 0;
    }
    if (last_ == kDepth) at = make_room(now, at);
    std::move_backward(place(at), place(last_), place(last_ + 1));
    intervals_[at] = interval;
    ++last_;
  }

  /// Forgets what is past, else closes the earliest gap that an interval at `at` leaves alone.
  /// Returns where `at` is then.
  std::size_t make_room(std::uint64_t now, std::size_t at) {
    while (first_ < at && intervals_[first_].end <= now)
      forgotten_ = intervals_[first_++].end;
    if (first_ != 0) {
      std::move(place(first_), place(last_), intervals_.begin());
      last_ -= first_;
      return at - std::exchange(first_, 0);
    }
    close_gap(at == 1 ? 1 : 0);
    return at > 1 ? at - 1 : at;
  }

  void close_gap(std::size_t left) {
    busy_ += intervals_[left + 1].begin - intervals_[left].end;
    intervals_[left].end = intervals_[left + 1].end;
    erase(left + 1, left + 2);
  }

  using Intervals = std::array<Booking, kDepth>;
  Intervals::iterator place(std::size_t i) {
    return intervals_.begin() + static_cast<std::ptrdiff_t>(i);
  }

  Intervals intervals_{};  // [first_, last_) are kept, in order
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  std::uint64_t forgotten_ = 0;  // end of the last interval that was forgotten
  std::uint64_t busy_ = 0;
};

}  // namespace aipu
