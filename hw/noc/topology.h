// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/noc/config.h"

namespace aipu::noc {

enum class Direction : std::uint8_t { kEast, kWest, kSouth, kNorth };
constexpr std::uint32_t kDirections = 4;

enum class Order : std::uint8_t { kXFirst, kYFirst };

/// Where things are on the mesh and how packets walk it. Tiles are numbered row by row; row 0 is
/// the top edge.
class Topology {
 public:
  constexpr explicit Topology(const Config& config)
      : columns_(config.columns), rows_(config.rows) {}

  constexpr std::uint32_t tiles() const { return columns_ * rows_; }
  constexpr std::uint32_t column(std::uint32_t tile) const { return tile % columns_; }
  constexpr std::uint32_t row(std::uint32_t tile) const { return tile / columns_; }

  /// Links between two tiles.
  constexpr std::uint32_t distance(std::uint32_t from, std::uint32_t to) const {
    return gap(column(from), column(to)) + gap(row(from), row(to));
  }

  /// Number of the outgoing link of a tile.
  static constexpr std::uint32_t link(std::uint32_t tile, Direction direction) {
    return tile * kDirections + static_cast<std::uint32_t>(direction);
  }
  constexpr std::uint32_t links() const { return tiles() * kDirections; }

  /// Calls visit(link) for each link of the path, in order; never allocates.
  template <typename Visit>
  constexpr void walk(std::uint32_t from, std::uint32_t to, Order order, Visit&& visit) const {
    const std::uint32_t x = column(from);
    const std::uint32_t target = column(to);
    if (order == Order::kXFirst) {
      walk_x(from, x, target, visit);
      walk_y(from + target - x, to, visit);
    } else {
      walk_y(from, to + x - target, visit);
      walk_x(to + x - target, x, target, visit);
    }
  }

  /// Edge tiles with a memory port: the top row, then the bottom row.
  constexpr std::uint32_t attach_points() const { return rows_ == 1 ? columns_ : 2 * columns_; }
  /// The edge tile of an HBM pseudo-channel: spread evenly, neighbours together, so that a stack
  /// owns a stretch of one edge.
  constexpr std::uint32_t tile_of_channel(std::uint32_t channel, std::uint32_t channels) const {
    const std::uint32_t point = channel % channels * attach_points() / channels;
    return point < columns_ ? point : (rows_ - 1) * columns_ + (point - columns_);
  }
  constexpr std::uint32_t tile_of_bank(std::uint32_t bank) const { return bank % tiles(); }

 private:
  template <typename Visit>
  static constexpr void walk_x(std::uint32_t from, std::uint32_t x, std::uint32_t target,
                               Visit& visit) {
    for (; x < target; ++x, ++from)
      visit(link(from, Direction::kEast));
    for (; x > target; --x, --from)
      visit(link(from, Direction::kWest));
  }
  template <typename Visit>
  constexpr void walk_y(std::uint32_t from, std::uint32_t to, Visit& visit) const {
    for (; from < to; from += columns_)
      visit(link(from, Direction::kSouth));
    for (; from > to; from -= columns_)
      visit(link(from, Direction::kNorth));
  }
  static constexpr std::uint32_t gap(std::uint32_t a, std::uint32_t b) {
    return a < b ? b - a : a - b;
  }
  std::uint32_t columns_;
  std::uint32_t rows_;
};

}  // namespace aipu::noc
