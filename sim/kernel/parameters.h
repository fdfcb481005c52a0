// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hw/base/dtype.h"

namespace aipu::kernel {

/// One parameter of a kernel's case.
struct Parameter {
  std::string name;
  std::string fallback;
  std::string help;
};

/// The parameters of one case: what the user said over what is usual.
class Parameters {
 public:
  /// `given`: KEY=VALUE. Throws ConfigError for a key that the kernel does not have.
  Parameters(std::string kernel, std::vector<Parameter> known,
             const std::vector<std::string>& given);

  /// A whole number of low..high; ConfigError for others.
  std::uint32_t count(const std::string& name, std::uint32_t low, std::uint32_t high) const;
  /// One of the given words; ConfigError for others.
  std::string word(const std::string& name, const std::vector<std::string>& valid) const;
  /// A number format by its name: f32, bf16, fp8, int8.
  DType dtype(const std::string& name) const;
  /// "rows=1 k=4096", in the order of the kernel's list.
  std::string text() const;

 private:
  [[noreturn]] void refuse(const std::string& name, const std::string& why) const;
  const std::string kernel_;
  const std::vector<Parameter> known_;
  std::map<std::string, std::string> values_;
};

}  // namespace aipu::kernel
