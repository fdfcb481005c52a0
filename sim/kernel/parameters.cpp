// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/parameters.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/nearest.h"

namespace aipu::kernel {

Parameters::Parameters(std::string kernel, std::vector<Parameter> known,
                       const std::vector<std::string>& given)
    : kernel_(std::move(kernel)), known_(std::move(known)) {
  std::vector<std::string> names;
  for (const Parameter& p : known_) {
    values_[p.name] = p.fallback;
    names.push_back(p.name);
  }
  for (const std::string& word : given) {
    const std::size_t at = word.find('=');
    if (at == std::string::npos || at + 1 == word.size()) {
      throw ConfigError("--with " + word, "not of the form KEY=VALUE");
    }
    const std::string name = word.substr(0, at);
    if (values_.count(name) == 0) {
      throw ConfigError("--with " + word,
                        fmt::format("kernel {} has no parameter '{}'{}; it has {}", kernel_, name,
                                    suggestion(name, names), fmt::join(names, ", ")));
    }
    values_[name] = word.substr(at + 1);
  }
}

void Parameters::refuse(const std::string& name, const std::string& why) const {
  throw ConfigError(fmt::format("--with {}={}", name, values_.at(name)), why);
}

std::uint32_t Parameters::count(const std::string& name, std::uint32_t low,
                                std::uint32_t high) const {
  const std::string& text = values_.at(name);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    refuse(name, fmt::format("not a whole number of {}..{}", low, high));
  }
  return value;
}

std::string Parameters::word(const std::string& name, const std::vector<std::string>& valid) const {
  const std::string& text = values_.at(name);
  if (std::find(valid.begin(), valid.end(), text) == valid.end()) {
    refuse(name, fmt::format("not one of {}", fmt::join(valid, ", ")));
  }
  return text;
}

DType Parameters::dtype(const std::string& name) const {
  const std::string text = word(name, {"f32", "bf16", "fp8", "int8"});
  return text == "f32"    ? DType::kF32
         : text == "bf16" ? DType::kBf16
         : text == "fp8"  ? DType::kFp8E4m3
                          : DType::kInt8;
}

std::string Parameters::text() const {
  std::string line;
  for (const Parameter& p : known_)
    line += fmt::format("{}{}={}", line.empty() ? "" : " ", p.name, values_.at(p.name));
  return line;
}

}  // namespace aipu::kernel
