// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "sim/profile/result.h"

// The parts of a profile as JSON, alike in profile.json and in reports.
namespace aipu::profile {

using Json = nlohmann::ordered_json;

/// A number of a struct under its name in the file: one list for writing and reading.
template <typename T>
struct Number {
  const char* name;
  std::uint64_t T::*member;
};

template <typename T, std::size_t kCount>
void write_numbers(Json& json, const T& from, const Number<T> (&numbers)[kCount]) {
  for (const Number<T>& number : numbers)
    json[number.name] = from.*number.member;
}

template <typename T, std::size_t kCount>
void read_numbers(const Json& json, T& into, const Number<T> (&numbers)[kCount]) {
  for (const Number<T>& number : numbers)
    into.*number.member = json.at(number.name).template get<std::uint64_t>();
}

/// An array of what `write_one` makes of the items, `most` at most.
template <typename T, typename Write>
Json list(const std::vector<T>& items, Write&& write_one, std::size_t most = ~std::size_t{0}) {
  Json array = Json::array();
  for (const T& item : items) {
    if (array.size() == most) break;
    array.push_back(write_one(item));
  }
  return array;
}

template <typename T, typename Read>
void read_list(const Json& array, std::vector<T>& into, Read&& read_one) {
  for (const Json& json : array)
    into.push_back(read_one(json));
}

/// `most`: functions and waits written.
Json hart_json(const HartCost& hart, std::size_t most = ~std::size_t{0});
Json engine_json(const EngineCost& engine);
Json overlap_json(const Overlap& overlap);
Json phase_json(const Phase& phase);
Json region_json(const Region& region);

HartCost read_hart(const Json& json);
EngineCost read_engine(const Json& json);
Overlap read_overlap(const Json& json);
Phase read_phase(const Json& json);
Region read_region(const Json& json);

}  // namespace aipu::profile
