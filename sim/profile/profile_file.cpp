// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/profile_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "hw/base/error.h"

namespace aipu::profile {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "hc1000.profile.1";

/// A number of a struct under its name in the file: one list for writing and reading.
template <typename T>
struct Number {
  const char* name;
  std::uint64_t T::*member;
};

constexpr Number<FunctionCost> kFunction[] = {
    {"instructions", &FunctionCost::instructions},
    {"cycles", &FunctionCost::cycles},
    {"queue_full_ps", &FunctionCost::queue_full},
    {"blocking_read_ps", &FunctionCost::blocking_read},
    {"wfi_ps", &FunctionCost::wfi},
};
constexpr Number<HartCost> kHart[] = {
    {"instructions", &HartCost::instructions},
    {"cycles", &HartCost::cycles},
    {"busy_ps", &HartCost::busy},
    {"queue_full_ps", &HartCost::queue_full},
    {"blocking_read_ps", &HartCost::blocking_read},
    {"wfi_ps", &HartCost::wfi},
    {"idle_ps", &HartCost::idle},
};
constexpr Number<WaitCost> kWait[] = {{"count", &WaitCost::count}, {"ps", &WaitCost::time}};
constexpr Number<EngineCost> kEngine[] = {
    {"commands", &EngineCost::commands},
    {"unfinished", &EngineCost::unfinished},
    {"bytes", &EngineCost::bytes},
    {"flops", &EngineCost::flops},
};
constexpr Number<Overlap> kOverlap[] = {
    {"load_ps", &Overlap::load},
    {"compute_ps", &Overlap::compute},
    {"together_ps", &Overlap::together},
    {"active_ps", &Overlap::active},
    {"hart_bound_ps", &Overlap::hart_bound},
};
constexpr Number<Phase> kPhase[] = {{"begin_ps", &Phase::begin}, {"end_ps", &Phase::end}};
constexpr Number<Region> kRegion[] = {
    {"count", &Region::count},         {"ps", &Region::time},
    {"least_ps", &Region::least},      {"most_ps", &Region::most},
    {"unmatched", &Region::unmatched},
};
constexpr Number<Result> kResult[] = {
    {"clock_hz", &Result::clock_hz},
    {"elapsed_ps", &Result::elapsed},
    {"cores_on_board", &Result::cores_on_board},
    {"record_limit", &Result::limit},
    {"records_dropped", &Result::dropped},
    {"dropped_from_ps", &Result::dropped_from},
};

template <typename T, std::size_t kCount>
void write(Json& json, const T& from, const Number<T> (&numbers)[kCount]) {
  for (const Number<T>& number : numbers)
    json[number.name] = from.*number.member;
}

template <typename T, std::size_t kCount>
void read(const Json& json, T& into, const Number<T> (&numbers)[kCount]) {
  for (const Number<T>& number : numbers)
    into.*number.member = json.at(number.name).template get<std::uint64_t>();
}

template <typename T, typename Write>
Json list(const std::vector<T>& items, Write&& write_one) {
  Json array = Json::array();
  for (const T& item : items) {
    Json json;
    write_one(json, item);
    array.push_back(std::move(json));
  }
  return array;
}

template <typename T, typename Read>
void read_list(const Json& array, std::vector<T>& into, Read&& read_one) {
  for (const Json& json : array) {
    into.emplace_back();
    read_one(json, into.back());
  }
}

Json hart_json(const HartCost& hart) {
  Json json;
  write(json, hart, kHart);
  json["functions"] = list(hart.functions, [](Json& j, const FunctionCost& f) {
    j["name"] = f.name;
    write(j, f, kFunction);
  });
  json["waits"] = list(hart.waits, [](Json& j, const WaitCost& w) {
    j["function"] = w.function;
    j["cause"] = w.cause;
    j["on"] = w.on;
    write(j, w, kWait);
  });
  return json;
}

void read_hart(const Json& json, HartCost& hart) {
  read(json, hart, kHart);
  read_list(json.at("functions"), hart.functions, [](const Json& j, FunctionCost& f) {
    f.name = j.at("name").get<std::string>();
    read(j, f, kFunction);
  });
  read_list(json.at("waits"), hart.waits, [](const Json& j, WaitCost& w) {
    w.function = j.at("function").get<std::string>();
    w.cause = j.at("cause").get<std::string>();
    w.on = j.at("on").get<std::string>();
    read(j, w, kWait);
  });
}

void write_core(Json& json, const CoreCost& core) {
  json["name"] = core.name;
  json["control"] = core.control;
  json["hart"] = hart_json(core.hart);
  json["engines"] = list(core.engines, [](Json& j, const EngineCost& e) {
    j["queue"] = e.queue;
    write(j, e, kEngine);
    j["shares_ps"] = Json::object();
    for (const auto& [state, ps] : e.shares)
      j["shares_ps"][state] = ps;
  });
  write(json["overlap"], core.overlap, kOverlap);
  json["hart_bound_phases"] = list(core.longest, [](Json& j, const Phase& p) {
    write(j, p, kPhase);
    j["function"] = p.function;
  });
  json["regions"] = list(core.regions, [](Json& j, const Region& r) {
    j["number"] = r.number;
    j["name"] = r.name;
    write(j, r, kRegion);
  });
  json["points"] = core.points;
}

void read_core(const Json& json, CoreCost& core) {
  core.name = json.at("name").get<std::string>();
  core.control = json.at("control").get<bool>();
  read_hart(json.at("hart"), core.hart);
  read_list(json.at("engines"), core.engines, [](const Json& j, EngineCost& e) {
    e.queue = j.at("queue").get<std::string>();
    read(j, e, kEngine);
    for (const auto& [state, ps] : j.at("shares_ps").items())
      e.shares.emplace_back(state, ps.get<std::uint64_t>());
  });
  read(json.at("overlap"), core.overlap, kOverlap);
  read_list(json.at("hart_bound_phases"), core.longest, [](const Json& j, Phase& p) {
    read(j, p, kPhase);
    p.function = j.at("function").get<std::string>();
  });
  read_list(json.at("regions"), core.regions, [](const Json& j, Region& r) {
    r.number = j.at("number").get<std::uint32_t>();
    r.name = j.at("name").get<std::string>();
    read(j, r, kRegion);
  });
  core.points = json.at("points").get<std::uint64_t>();
}

}  // namespace

std::string profile_json(const Result& result, const std::string& command) {
  Json json;
  json["schema"] = kSchema;
  json["tool"] = "hc1000 " AIPU_VERSION;
  json["command"] = command;
  write(json, result, kResult);
  json["selection"] = result.selection;
  json["cores"] = list(result.cores, write_core);
  return json.dump(1) + "\n";
}

Result parse_profile(const std::string& text, const std::string& name) {
  try {
    const Json json = Json::parse(text);
    const auto schema = json.at("schema").get<std::string>();
    if (schema != kSchema) {
      throw ConfigError(name,
                        fmt::format("has schema '{}'; this program reads {}", schema, kSchema));
    }
    Result result;
    read(json, result, kResult);
    result.selection = json.at("selection").get<std::string>();
    read_list(json.at("cores"), result.cores, read_core);
    return result;
  } catch (const nlohmann::json::exception& e) {
    throw ConfigError(name, fmt::format("is no profile of this program: {}", e.what()));
  }
}

}  // namespace aipu::profile
