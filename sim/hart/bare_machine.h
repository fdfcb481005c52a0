// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/hart/tohost.h"
#include "sim/load/elf.h"
#include "tlm/core/storage.h"
#include "tlm/cpu/interpreter.h"

namespace aipu {

/// Serves a debugger while the machine stands still.
class Attendant {
 public:
  Attendant() = default;
  Attendant(const Attendant&) = delete;
  Attendant& operator=(const Attendant&) = delete;
  virtual ~Attendant() = default;

  /// The hart has halted for the debugger; false ends the run.
  virtual bool halted() = 0;
  /// Called now and then while the hart runs; false ends the run.
  virtual bool poll() = 0;
};

/// What a bare executable finds around its hart: memory, a timer, `tohost`. Plain C++, no kernel.
template <typename U>
class BareMachine : public cpu::Bus {
 public:
  using Core = cpu::Interpreter<U>;

  BareMachine(const load::Elf& elf, const cpu::Config& config, cpu::Dispatch dispatch,
              Tohost::Print print);

  enum class End : std::uint8_t { kTohost, kFault, kLimit, kAsleep, kKilled };
  /// Runs until the program ends or has executed this many instructions.
  End run(std::uint64_t max_instructions);

  void set_attendant(Attendant* attendant) { attendant_ = attendant; }

  const Core& core() const { return core_; }
  Core& core() { return core_; }
  const Tohost& tohost() const { return tohost_; }
  /// A byte of memory; nothing where there is none.
  std::optional<std::uint8_t> byte(std::uint64_t address) const;
  /// Memory; null where the range is not all of it.
  std::uint8_t* host(std::uint64_t address, std::uint64_t bytes) const;

  Status access(Access& access) override;
  std::optional<std::uint16_t> fetch(std::uint64_t address) override;
  std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override;
  bool synced(std::uint64_t) override { return true; }

 private:
  struct Region {
    std::uint64_t base;
    std::unique_ptr<Storage> storage;
  };

  void add_regions(const load::Elf& elf);
  void choose_window(std::uint64_t entry);
  void system_call(std::uint64_t block);
  std::uint64_t console_write(std::uint64_t file, std::uint64_t from, std::uint64_t bytes);
  cpu::Stop run_slice(std::uint64_t cycles);
  bool timer(Access& access);
  void update_timer();
  std::uint64_t mtime() const { return core_.cycles() + mtime_offset_; }

  std::vector<Region> regions_;
  Tohost::Print print_;
  Tohost tohost_;
  std::optional<std::uint64_t> fromhost_;
  std::uint64_t mtimecmp_ = ~std::uint64_t{0};
  std::uint64_t mtime_offset_ = 0;
  std::uint32_t msip_ = 0;
  Core core_;
  Attendant* attendant_ = nullptr;
  bool killed_ = false;
  std::uint64_t slices_ = 0;
};

extern template class BareMachine<std::uint32_t>;
extern template class BareMachine<std::uint64_t>;

}  // namespace aipu
