// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/plan.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/units.h"

namespace aipu::workload {
namespace {

constexpr std::uint32_t kMostAipus = 4096;
constexpr std::uint32_t kSliceUnit =
    4;  // of hidden columns: keeps every plane aligned in any format

std::uint32_t parse_count(const std::string& text, const std::string& plan) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 1 || value > kMostAipus) {
    throw ConfigError("--plan " + plan, fmt::format("'{}' is no count of 1..{}", text, kMostAipus));
  }
  return value;
}

bool heads_allow(const load::ModelConfig& model, std::uint32_t tp) {
  return model.query_heads % tp == 0 && (model.kv_heads % tp == 0 || tp % model.kv_heads == 0);
}

std::string valid_tp(const load::ModelConfig& model) {
  std::string list;
  for (std::uint32_t tp = 1; tp <= model.query_heads; ++tp) {
    if (heads_allow(model, tp)) list += (list.empty() ? "" : ", ") + std::to_string(tp);
  }
  return list;
}

}  // namespace

Plan parse_plan(const std::string& text) {
  Plan plan;
  std::string seen;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    const std::string key = item.substr(0, equals);
    if (equals == std::string::npos || (key != "tp" && key != "pp")) {
      throw ConfigError("--plan " + text, fmt::format("'{}' is not tp=N or pp=N", item));
    }
    if (seen == key || seen == "both") {
      throw ConfigError("--plan " + text, fmt::format("'{}' is given twice", key));
    }
    seen = seen.empty() ? key : "both";
    (key == "tp" ? plan.tp : plan.pp) = parse_count(item.substr(equals + 1), text);
    begin = end + 1;
  }
  return plan;
}

Plan default_plan(const load::ModelConfig& model, std::uint32_t aipus) {
  for (std::uint32_t tp = aipus; tp >= 1; --tp) {
    if (aipus % tp == 0 && heads_allow(model, tp)) return {tp, aipus / tp};
  }
  return {1, aipus};
}

void check_plan(const load::ModelConfig& model, const Plan& plan, std::uint32_t aipus) {
  const std::string place = fmt::format("plan tp={},pp={}", plan.tp, plan.pp);
  if (plan.aipus() != aipus) {
    throw ConfigError(place,
                      fmt::format("makes {} AIPUs, but the run has {}", plan.aipus(), aipus));
  }
  if (!heads_allow(model, plan.tp)) {
    throw ConfigError(place,
                      fmt::format("{} query and {} key-value heads do not divide over {} ranks; "
                                  "valid tp: {}",
                                  model.query_heads, model.kv_heads, plan.tp, valid_tp(model)));
  }
  if (plan.pp > model.layers) {
    throw ConfigError(place, fmt::format("{} stages for {} layers; pp may be 1..{}", plan.pp,
                                         model.layers, model.layers));
  }
  if (plan.tp > model.intermediate || plan.tp > model.vocab) {
    throw ConfigError(place, fmt::format("{} ranks for {} FFN columns and {} vocabulary entries",
                                         plan.tp, model.intermediate, model.vocab));
  }
}

Share slice_share(std::uint32_t total, std::uint32_t index, std::uint32_t parts,
                  std::uint32_t unit) {
  const auto slice = static_cast<std::uint32_t>(align_up(ceil_div(total, parts), unit));
  const std::uint32_t begin = std::min(total, slice * index);
  return {begin, std::min(slice, total - begin)};
}

Part part_of(const load::ModelConfig& model, const Plan& plan, std::uint32_t aipu) {
  Part part;
  part.aipu = aipu;
  part.rank = aipu % plan.tp;
  part.stage = aipu / plan.tp;
  part.layers = even_share(model.layers, part.stage, plan.pp);
  part.query_heads = even_share(model.query_heads, part.rank, plan.tp);
  part.kv_heads = even_share(model.kv_heads, part.rank, plan.tp);
  if (plan.tp > model.kv_heads) {
    part.kv_heads = {part.rank * model.kv_heads / plan.tp, 1};
  }
  part.ffn = even_share(model.intermediate, part.rank, plan.tp);
  part.vocabulary = even_share(model.vocab, part.rank, plan.tp);
  part.columns = slice_share(model.hidden, part.rank, plan.tp, kSliceUnit);
  part.slice = slice_share(model.hidden, 0, plan.tp, kSliceUnit).count;
  return part;
}

Formats formats_of(const std::string& name) {
  if (name == "fp32") return {DType::kF32, DType::kF32, DType::kF32};
  if (name == "bf16") return {DType::kBf16, DType::kBf16, DType::kBf16};
  if (name == "fp8") return {DType::kFp8E4m3, DType::kFp8E4m3, DType::kBf16};
  throw ConfigError("--dtype " + name, "unknown format; one of fp32, bf16, fp8");
}

}  // namespace aipu::workload
