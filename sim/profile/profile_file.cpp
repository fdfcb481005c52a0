// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/profile_file.h"

#include <fmt/format.h>

#include "hw/base/error.h"
#include "sim/profile/json_parts.h"

namespace aipu::profile {
namespace {

constexpr const char* kSchema = "hc1000.profile.1";

constexpr Number<Result> kResult[] = {
    {"clock_hz", &Result::clock_hz},
    {"elapsed_ps", &Result::elapsed},
    {"cores_on_board", &Result::cores_on_board},
    {"record_limit", &Result::limit},
    {"records_dropped", &Result::dropped},
    {"dropped_from_ps", &Result::dropped_from},
};

Json core_json(const CoreCost& core) {
  Json json;
  json["name"] = core.name;
  json["control"] = core.control;
  json["hart"] = hart_json(core.hart);
  json["engines"] = list(core.engines, engine_json);
  json["overlap"] = overlap_json(core.overlap);
  json["hart_bound_phases"] = list(core.longest, phase_json);
  json["regions"] = list(core.regions, region_json);
  json["points"] = core.points;
  return json;
}

CoreCost read_core(const Json& json) {
  CoreCost core;
  core.name = json.at("name").get<std::string>();
  core.control = json.at("control").get<bool>();
  core.hart = read_hart(json.at("hart"));
  read_list(json.at("engines"), core.engines, read_engine);
  core.overlap = read_overlap(json.at("overlap"));
  read_list(json.at("hart_bound_phases"), core.longest, read_phase);
  read_list(json.at("regions"), core.regions, read_region);
  core.points = json.at("points").get<std::uint64_t>();
  return core;
}

}  // namespace

std::string profile_json(const Result& result, const std::string& command) {
  Json json;
  json["schema"] = kSchema;
  json["tool"] = "hc1000 " AIPU_VERSION;
  json["command"] = command;
  write_numbers(json, result, kResult);
  json["selection"] = result.selection;
  json["cores"] = list(result.cores, core_json);
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
    read_numbers(json, result, kResult);
    result.selection = json.at("selection").get<std::string>();
    read_list(json.at("cores"), result.cores, read_core);
    return result;
  } catch (const nlohmann::json::exception& e) {
    throw ConfigError(name, fmt::format("is no profile of this program: {}", e.what()));
  }
}

}  // namespace aipu::profile
