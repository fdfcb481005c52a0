// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/hart/semihost.h"
#include "tlm/chip/aipu.h"

namespace aipu::platform {

/// Semihosting for one hart of a chip: its memory is the core's SRAM, its clock simulated time.
/// What it writes to the console comes line by line.
class SemihostPort {
 public:
  using Say = std::function<void(CoreId core, const std::string& line)>;
  using End = std::function<void(CoreId core, std::uint32_t code)>;

  /// Without a folder it only says once that nobody serves the calls.
  SemihostPort(chip::Aipu& chip, CoreId core, std::shared_ptr<const SemihostFolder> folder,
               const std::string& command_line, Say say, End end);
  ~SemihostPort();
  SemihostPort(const SemihostPort&) = delete;
  SemihostPort& operator=(const SemihostPort&) = delete;

 private:
  void print(const std::string& text);
  void end(std::uint32_t code);

  chip::Aipu& chip_;
  const CoreId core_;
  const Say say_;
  const End end_;
  std::string line_;
  std::unique_ptr<Semihost> calls_;
};

}  // namespace aipu::platform
