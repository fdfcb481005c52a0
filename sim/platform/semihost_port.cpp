// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/semihost_port.h"

#include "regs/core.h"

namespace aipu::platform {
namespace {

/// Where a hart address lies in the SRAM of its core.
Gaddr sram_at(CoreId core, std::uint64_t address) {
  return Gaddr::core(core.core, address - regs::core::kSramBase);
}

bool in_sram(std::uint64_t address, std::uint64_t bytes) {
  const std::uint64_t offset = address - regs::core::kSramBase;
  return offset <= regs::core::kSramSize && bytes <= regs::core::kSramSize - offset;
}

}  // namespace

SemihostPort::SemihostPort(chip::Aipu& chip, CoreId core,
                           std::shared_ptr<const SemihostFolder> folder,
                           const std::string& command_line, Say say, End end)
    : chip_(chip), core_(core), say_(std::move(say)), end_(std::move(end)) {
  Semihost::Guest guest;
  guest.read = [this](std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
    return in_sram(address, bytes) && chip_.loader.read(sram_at(core_, address), data, bytes);
  };
  guest.write = [this](std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes) {
    return in_sram(address, bytes) && chip_.loader.write(sram_at(core_, address), data, bytes);
  };
  guest.print = [this](const std::string& text) { print(text); };
  guest.exit = [this](std::uint32_t code) { this->end(code); };
  guest.cycles = [this] { return chip_.cores[core_.core]->hart.cycles(); };
  guest.frequency = chip_.cores[core.core]->hart.frequency().count;
  guest.command_line = command_line;
  calls_ = std::make_unique<Semihost>(std::move(folder), std::move(guest));
  chip_.cores[core.core]->hart.set_ebreak_handler(calls_.get());
}

SemihostPort::~SemihostPort() {
  chip_.cores[core_.core]->hart.set_ebreak_handler(nullptr);
}

void SemihostPort::print(const std::string& text) {
  for (const char c : text) {
    if (c != '\n') {
      line_.push_back(c);
      continue;
    }
    say_(core_, line_);
    line_.clear();
  }
}

void SemihostPort::end(std::uint32_t code) {
  if (!line_.empty()) print("\n");
  chip_.cores[core_.core]->hart.stop();
  end_(core_, code);
}

}  // namespace aipu::platform
