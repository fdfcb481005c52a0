// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/json_parts.h"

namespace aipu::profile {
namespace {

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

}  // namespace

Json hart_json(const HartCost& hart, std::size_t most) {
  Json json;
  write_numbers(json, hart, kHart);
  const auto function = [](const FunctionCost& f) {
    Json j;
    j["name"] = f.name;
    write_numbers(j, f, kFunction);
    return j;
  };
  const auto wait = [](const WaitCost& w) {
    Json j;
    j["function"] = w.function;
    j["cause"] = w.cause;
    j["on"] = w.on;
    write_numbers(j, w, kWait);
    return j;
  };
  json["functions"] = list(hart.functions, function, most);
  json["waits"] = list(hart.waits, wait, most);
  return json;
}

HartCost read_hart(const Json& json) {
  HartCost hart;
  read_numbers(json, hart, kHart);
  read_list(json.at("functions"), hart.functions, [](const Json& j) {
    FunctionCost f;
    f.name = j.at("name").get<std::string>();
    read_numbers(j, f, kFunction);
    return f;
  });
  read_list(json.at("waits"), hart.waits, [](const Json& j) {
    WaitCost w;
    w.function = j.at("function").get<std::string>();
    w.cause = j.at("cause").get<std::string>();
    w.on = j.at("on").get<std::string>();
    read_numbers(j, w, kWait);
    return w;
  });
  return hart;
}

Json engine_json(const EngineCost& engine) {
  Json json;
  json["queue"] = engine.queue;
  write_numbers(json, engine, kEngine);
  json["shares_ps"] = Json::object();
  for (const auto& [state, ps] : engine.shares)
    json["shares_ps"][state] = ps;
  return json;
}

EngineCost read_engine(const Json& json) {
  EngineCost engine;
  engine.queue = json.at("queue").get<std::string>();
  read_numbers(json, engine, kEngine);
  for (const auto& [state, ps] : json.at("shares_ps").items())
    engine.shares.emplace_back(state, ps.get<std::uint64_t>());
  return engine;
}

Json overlap_json(const Overlap& overlap) {
  Json json;
  write_numbers(json, overlap, kOverlap);
  return json;
}

Overlap read_overlap(const Json& json) {
  Overlap overlap;
  read_numbers(json, overlap, kOverlap);
  return overlap;
}

Json phase_json(const Phase& phase) {
  Json json;
  write_numbers(json, phase, kPhase);
  json["function"] = phase.function;
  return json;
}

Phase read_phase(const Json& json) {
  Phase phase;
  read_numbers(json, phase, kPhase);
  phase.function = json.at("function").get<std::string>();
  return phase;
}

Json region_json(const Region& region) {
  Json json;
  json["number"] = region.number;
  json["name"] = region.name;
  write_numbers(json, region, kRegion);
  return json;
}

Region read_region(const Json& json) {
  Region region;
  region.number = json.at("number").get<std::uint32_t>();
  region.name = json.at("name").get<std::string>();
  read_numbers(json, region, kRegion);
  return region;
}

}  // namespace aipu::profile
