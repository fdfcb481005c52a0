// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "hw/hbm/location.h"
#include "tlm/hbm/calibration.h"

namespace aipu::hbm {

/// How long one pseudo-channel takes for the pieces of requests; all times in ps.
struct ServiceTimes {
  ServiceTimes(const Config& config, const Calibration& calibration);

  /// By atoms of a piece: all of its service, and what of it is data.
  std::array<std::vector<std::uint64_t>, kDirections> service;
  std::vector<std::uint64_t> data;
  std::array<std::uint64_t, kDirections> latency{};  ///< from the end of service to the answer
  std::uint64_t turnaround = 0;
  std::uint64_t bank = 0;
  std::uint32_t bank_groups = 1;
};

/// One pseudo-channel as a server: first come first served, at calibrated rates.
class ChannelServer {
 public:
  /// A piece of a request: consecutive atoms of one row set.
  struct Piece {
    Direction direction = kRead;
    bool new_row = false;
    std::uint32_t atoms = 1;
  };
  struct Service {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  /// Time served, by what it was.
  struct Account {
    std::uint64_t data = 0;
    std::uint64_t turnaround = 0;
    std::uint64_t rows = 0;   ///< opening banks for small pieces
    std::uint64_t other = 0;  ///< what long streams lose too
    std::uint64_t total() const { return data + turnaround + rows + other; }
  };

  Service serve(std::uint64_t arrival, const Piece& piece, const ServiceTimes& times) {
    const std::uint64_t begin = std::max(arrival, free_at_);
    std::uint64_t service = times.service[piece.direction][piece.atoms];
    const std::uint64_t data = times.data[piece.atoms];
    served_.data += data;
    served_.other += service - data;
    if (piece.new_row) {
      const std::uint64_t least = times.bank * std::min(piece.atoms, times.bank_groups);
      if (least > service) {
        served_.rows += least - service;
        service = least;
      }
    }
    if (begin != free_at_) {
      run_began_ = begin;
    } else if (piece.direction != last_) {
      served_.turnaround += times.turnaround;
      service += times.turnaround;
    }
    last_ = piece.direction;
    free_at_ = begin + service;
    return {begin, free_at_};
  }
  /// Time served up to `now`; what is booked beyond is left out, in proportion.
  Account account(std::uint64_t now) const;

 private:
  std::uint64_t free_at_ = 0;
  std::uint64_t run_began_ = 0;  // of the work without a gap that ends at free_at_
  Direction last_ = kRead;
  Account served_;
};

/// The rows that are open in all channels, the last one touched in each bank set.
class OpenRows {
 public:
  OpenRows(std::uint32_t channels, std::uint32_t sets)
      : channels_(channels), rows_(std::size_t{channels} * sets, kClosed) {}
  /// Opens a row; false if it was open.
  bool open(std::uint32_t channel, std::uint32_t set, std::uint32_t row) {
    return std::exchange(rows_[std::size_t{set} * channels_ + channel], row) != row;
  }

 private:
  static constexpr std::uint32_t kClosed = ~0U;
  std::uint32_t channels_;
  std::vector<std::uint32_t> rows_;
};

}  // namespace aipu::hbm
