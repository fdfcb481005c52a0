// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/debug/target.h"
#include "tlm/cpu/interpreter.h"

namespace aipu::debug {

/// Register numbers: x0 to x31, pc, then the CSRs of one table.
constexpr unsigned kPc = 32;
constexpr unsigned kGeneral = kPc + 1;  ///< those of a `g` packet

/// The number of the CSR that `number` stands for; nothing where it is none of this XLEN.
std::optional<std::uint32_t> csr_of(unsigned number, unsigned xlen);
/// The target description: names, numbers and widths of all registers.
std::string target_xml(unsigned xlen);

template <typename U>
std::optional<std::uint64_t> read_register(const cpu::Interpreter<U>& core, unsigned number) {
  if (number < kPc) return core.reg(number);
  if (number == kPc) return core.pc();
  const auto csr = csr_of(number, 8 * sizeof(U));
  std::uint64_t value = 0;
  if (!csr || !core.read_csr(*csr, value)) return std::nullopt;
  return value;
}

/// False where there is no such register or it cannot be written.
template <typename U>
bool write_register(cpu::Interpreter<U>& core, unsigned number, std::uint64_t value) {
  if (number < kPc) {
    core.set_reg(number, value);
    return true;
  }
  if (number == kPc) {
    core.set_pc(value & ~std::uint64_t{1});
    return true;
  }
  const auto csr = csr_of(number, 8 * sizeof(U));
  return csr && core.write_csr(*csr, value);
}

/// The signal that stands for an exception.
Signal signal_of(std::uint64_t cause);
/// What a hart's own halt looks like from outside.
Stop stop_of(const cpu::Halt& halt, std::size_t hart);

}  // namespace aipu::debug
