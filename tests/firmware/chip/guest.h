// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hw/base/gaddr.h"
#include "hw/config/load.h"
#include "hw/program/sram_map.h"
#include "regs/core.h"
#include "sim/platform/platform.h"
#include "tests/firmware/chip/acts.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {

/// One AIPU of two cores whose firmware is acts.c, on every hart; core 0 does `act`, the others
/// nothing.
class GuestTest : public SystemCTest {
 protected:
  /// `settings` are overrides of the configuration.
  void build(const std::vector<std::string>& settings = {}) {
    std::vector<std::string> all{"aipus=1", "aipu.cores=2", "simulation.data=functional",
                                 "simulation.max_time=2 ms"};
    all.insert(all.end(), settings.begin(), settings.end());
    const load::Elf elf = load::read_elf(elf_);
    platform::Listener listener;
    listener.console = [this](const std::string& line) { console_ += line + "\n"; };
    listener.mail = [this](std::uint32_t word) { mail_.push_back(word); };
    listener.hart_console = [this](const std::string& hart, const std::string&) {
      ++lines_of_[hart];
    };
    listener.warning = [this](const std::string&) { ++warnings_; };
    platform_ = std::make_unique<platform::Platform>(config::load("aipu", all),
                                                     platform::FirmwareImage{elf, elf}, listener);
  }
  platform::Ending act(enum act what) {
    if (!platform_) build();
    tell(0, 0, what);
    platform_->start(0);
    return platform_->run();
  }
  /// Before the AIPU starts.
  void tell(std::uint32_t aipu, std::uint32_t core, enum act what) {
    const auto number = static_cast<std::uint32_t>(what);
    platform_->board().aipus[aipu]->loader.write(Gaddr::core(core, HC_SRAM_SCRATCH),
                                                 reinterpret_cast<const std::uint8_t*>(&number),
                                                 sizeof number);
  }
  chip::Aipu& chip() { return *platform_->board().aipus[0]; }

  std::string elf_ = ACTS_ELF;
  std::unique_ptr<platform::Platform> platform_;
  std::string console_;
  std::map<std::string, int> lines_of_;
  int warnings_ = 0;
  std::vector<std::uint32_t> mail_;
};

}  // namespace aipu::test
