// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/load/regex.h"
#include "sim/load/tokenizer_steps.h"

namespace aipu::load {

namespace {

Normalizer replace_step(const JsonObject& part) {
  const std::string content = part.text("content");
  const JsonObject pattern = part.object("pattern");
  if (pattern.has("String")) {
    const std::string from = pattern.text("String");
    if (from.empty()) pattern.fail("String", "must not be empty");
    return [from, content](const std::string& text) { return replace_all(text, from, content); };
  }
  const Regex regex(pattern.text("Regex"), part.place() + ": normalizer");
  return [regex, content](const std::string& text) {
    std::string out;
    std::size_t at = 0;
    for (const Regex::Match& match : regex.find_all(text)) {
      out += text.substr(at, match.begin - at) + content;
      at = match.end;
    }
    return out + text.substr(at);
  };
}

// Sequences nest one level in practice; deeper ones are refused rather than followed.
Normalizer read_step(const JsonObject& part, bool may_nest) {
  const std::string type = part.text("type");
  if (type == "Prepend") {
    const std::string prefix = part.text("prepend");
    return [prefix](const std::string& text) { return text.empty() ? text : prefix + text; };
  }
  if (type == "Replace") return replace_step(part);
  if (type != "Sequence" || !may_nest) refuse_type(part, "Sequence, Prepend, Replace");
  std::vector<Normalizer> steps;
  for (const JsonObject& step : part.objects("normalizers"))
    steps.push_back(read_step(step, false));
  return [steps](std::string text) {
    for (const Normalizer& step : steps)
      text = step(std::move(text));
    return text;
  };
}

}  // namespace

void refuse_type(const JsonObject& part, const std::string& supported) {
  part.fail("type", fmt::format("{} is not supported; supported: {}", describe(part.at("type")),
                                supported));
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t hit = text.find(from); hit != std::string_view::npos;
       hit = text.find(from, at)) {
    out += text.substr(at, hit - at);
    out += to;
    at = hit + from.size();
  }
  out += text.substr(at);
  return out;
}

Normalizer read_normalizer(const JsonObject& tokenizer) {
  if (!tokenizer.has("normalizer")) return [](std::string text) { return text; };
  return read_step(tokenizer.object("normalizer"), true);
}

}  // namespace aipu::load
