// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace aipu::trace {

/// A named value of an event.
struct Argument {
  std::string_view name;
  std::uint64_t number = 0;
  std::string_view text;  ///< where not empty, in place of the number
};

/// Writes a Perfetto trace of one packet sequence: descriptors of tracks, slices, instants. Names
/// and texts are written once. Events of one track must come in order of time, slices must not
/// overlap; tracks in any order.
class TrackEvents {
 public:
  /// Declares a track; returns its number. Parent 0: none. Siblings are shown in order of
  /// declaration.
  std::uint64_t track(const std::string& name, std::uint64_t parent);
  void slice(std::uint64_t track, std::uint64_t begin_ps, std::uint64_t end_ps,
             std::string_view name, const std::vector<Argument>& arguments);
  void instant(std::uint64_t track, std::uint64_t at_ps, std::string_view name,
               const std::vector<Argument>& arguments);
  /// The trace so far, not compressed.
  const std::string& bytes() const { return bytes_; }

 private:
  /// Strings of one kind that have a number.
  struct Interned {
    explicit Interned(std::uint32_t kind) : field(kind) {}
    const std::uint32_t field;  ///< of InternedData
    std::map<std::string, std::uint64_t, std::less<>> numbers;
  };

  std::uint64_t intern(Interned& strings, std::string_view text);
  void event(std::uint32_t type, std::uint64_t track, std::uint64_t at_ps, std::string_view name,
             const std::vector<Argument>& arguments);

  std::string bytes_;
  protozero::pbf_writer trace_{bytes_};
  std::uint64_t tracks_ = 0;
  bool begun_ = false;
  std::string interned_;  ///< InternedData of the next packet
  Interned event_names_, argument_names_, texts_;

 public:
  TrackEvents();
};

}  // namespace aipu::trace
