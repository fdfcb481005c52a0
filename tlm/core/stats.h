// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace aipu {

/// What a statistic counts. Ratios are never stored: the report computes them.
enum class Unit : std::uint8_t { kCount, kBytes, kCycles, kPicoseconds, kFlops };
const char* to_string(Unit unit);

class StatGroup;

/// A number that only grows. Its path is that of the module, its name a member of its group.
class Counter {
 public:
  Counter(StatGroup& group, const char* name, Unit unit, const char* description);
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  Counter& operator+=(std::uint64_t n) {
    value_ += n;
    return *this;
  }
  void operator++() { ++value_; }
  std::uint64_t value() const { return value_; }
  const char* name() const { return name_; }
  Unit unit() const { return unit_; }
  const char* description() const { return description_; }

 private:
  const char* name_;
  Unit unit_;
  const char* description_;
  std::uint64_t value_ = 0;
};

/// The statistics of one model: declared as members, listed in order of declaration.
class StatGroup {
 public:
  StatGroup() = default;
  StatGroup(const StatGroup&) = delete;
  StatGroup& operator=(const StatGroup&) = delete;
  const std::vector<const Counter*>& counters() const { return counters_; }

 private:
  friend class Counter;
  std::vector<const Counter*> counters_;
};

/// Splits elapsed time over the states of one resource, exactly: the parts add up to the time
/// between construction and `read`. State 0 is where it starts (idle). Times in picoseconds.
class TimeStack {
 public:
  explicit TimeStack(std::size_t states) : spent_(states, 0) {}

  void enter(std::size_t state, std::uint64_t now) {
    spent_[state_] += now - since_;
    since_ = now;
    state_ = state;
  }
  std::size_t state() const { return state_; }
  /// Time spent in every state up to `now`; adds up to `now`.
  std::vector<std::uint64_t> read(std::uint64_t now) const {
    auto copy = spent_;
    copy[state_] += now - since_;
    return copy;
  }

 private:
  std::vector<std::uint64_t> spent_;
  std::uint64_t since_ = 0;
  std::size_t state_ = 0;
};

}  // namespace aipu
