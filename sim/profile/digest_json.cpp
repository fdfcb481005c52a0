// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/digest.h"
#include "sim/profile/json_parts.h"

namespace aipu::profile {
namespace {

Json class_json(const ClassDigest& one, std::size_t top) {
  Json json;
  json["class"] = one.name;
  json["harts"] = one.harts;
  json["hart"] = hart_json(one.hart, top);
  json["engines"] = list(one.engines, engine_json);
  json["overlap"] = overlap_json(one.overlap);
  json["overlap_by_core"] = list(one.cores, [](const CoreOverlap& c) {
    Json j{{"core", c.core}};
    j.update(overlap_json(c.overlap));
    return j;
  });
  const auto phase = [](const CorePhase& p) {
    Json j{{"core", p.core}, {"cores", p.cores}};
    j.update(phase_json(p.phase));
    return j;
  };
  json["hart_bound_phases"] = list(one.phases, phase, top);
  json["regions"] = list(one.regions, region_json);
  return json;
}

}  // namespace

std::string digest_json(const Digest& digest, std::size_t top) {
  Json json;
  json["elapsed_ps"] = digest.elapsed;
  json["clock_hz"] = digest.clock_hz;
  json["cores_on_board"] = digest.cores_on_board;
  json["record_limit"] = digest.limit;
  json["records_dropped"] = digest.dropped;
  json["dropped_from_ps"] = digest.dropped_from;
  json["classes"] =
      list(digest.classes, [&](const ClassDigest& one) { return class_json(one, top); });
  return json.dump(2) + "\n";
}

}  // namespace aipu::profile
