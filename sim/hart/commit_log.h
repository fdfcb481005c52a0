// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "hw/cpu/isa.h"
#include "sim/hart/bare_machine.h"

namespace aipu {

/// One line for each retired instruction, in the form of Spike's --log-commits: core, mode, pc,
/// bits, then what it wrote or reached: register, CSR, memory. Traps have no line.
///
/// Single-steps the machine the way a debugger does, so that the fast path knows nothing of it and
/// instructions, cycles and interrupts are those of a run without it.
template <typename U>
class CommitLog : public Attendant {
 public:
  /// Throws IoError where the file cannot be written.
  CommitLog(const std::string& path, BareMachine<U>& machine);

  bool halted() override;
  bool poll() override { return true; }
  /// The run is over. Throws IoError where the file could not take it all.
  void close();

 private:
  void look_ahead();
  void write_line();
  void add_memory();
  void add_csr();

  const std::string path_;
  BareMachine<U>& machine_;
  std::ofstream file_;
  std::string line_;
  cpu::Instruction next_;
  std::uint32_t bits_ = 0;
  std::uint64_t pc_ = 0;
  std::uint64_t retired_ = 0;
  std::uint64_t address_ = 0;
  std::uint64_t stored_ = 0;
};

extern template class CommitLog<std::uint32_t>;
extern template class CommitLog<std::uint64_t>;

}  // namespace aipu
