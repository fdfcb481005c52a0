// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "hw/config/load.h"
#include "sim/kernel/run.h"

namespace aipu::test {

/// A kernel of the bench with these parameters, on as many AIPUs as it takes; `data`: "functional"
/// or "timing". One a process.
inline kernel::Result run_kernel(const std::string& name, const std::vector<std::string>& with,
                                 const std::string& data) {
  const kernel::Kind& kind = kernel::find_kind(name);
  const kernel::Parameters parameters(kind.name, kind.parameters, with);
  std::vector<std::string> set = {"simulation.data=" + data};
  const std::uint32_t aipus = kind.make(parameters, config::load("aipu", set))->aipus();
  set.push_back("aipus=" + std::to_string(aipus));
  const config::Board board = config::load("aipu", set);
  return kernel::run(*kind.make(parameters, board), board, platform::builtin_firmware());
}

/// The same, parameters separated by blanks.
inline kernel::Result run_kernel(const std::string& name, const std::string& with,
                                 const std::string& data) {
  std::istringstream in(with);
  std::vector<std::string> words;
  for (std::string word; in >> word;)
    words.push_back(word);
  return run_kernel(name, words, data);
}

}  // namespace aipu::test
