// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/nearest.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> list;
    for (const auto& family : {stream_kinds, dense_kinds, row_kinds, sampling_kinds,
                               attention_kinds, cache_kinds, heads_kinds, moe_kinds}) {
      for (Kind& kind : family())
        list.push_back(std::move(kind));
    }
    return list;
  }();
  return all;
}

const Kind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw ConfigError("kernel " + name, fmt::format("no such kernel{}; there are {}",
                                                  suggestion(name, names), fmt::join(names, ", ")));
}

}  // namespace aipu::kernel
