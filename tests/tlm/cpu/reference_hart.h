// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/hw/cpu/manual.h"

namespace aipu::cpu {

/// Code that cannot be written and data, as both harts of a comparison see it.
struct SmallMemory {
  static constexpr std::uint64_t kCode = 0x1000;
  static constexpr std::uint64_t kData = 0x40000000;
  std::vector<std::uint8_t> code;
  std::vector<std::uint8_t> data;

  std::optional<std::uint16_t> fetch(std::uint64_t address) const;
  /// Bytes at the address; null where none are, or where they are code and `write`.
  std::uint8_t* find(std::uint64_t address, std::uint64_t bytes, bool write);
};

/// The instruction set as the manual's text has it, one instruction at a time, in 128-bit integers.
/// Shares nothing with hw/cpu or tlm/cpu: it is what they are compared with. Machine mode, no
/// interrupts; of the control and status registers those that traps use, mscratch and minstret.
template <typename U>
class ReferenceHart {
 public:
  static constexpr unsigned kXlen = 8 * sizeof(U);

  ReferenceHart(SmallMemory& memory, std::uint64_t start)
      : memory_(memory), pc(static_cast<U>(start)) {}

  /// Executes an instruction or takes its trap.
  void step();

 private:
  __extension__ using Wide = __int128;
  using S = std::make_signed_t<U>;
  SmallMemory& memory_;

 public:
  std::array<U, 32> x{};
  U pc;
  U mtvec = 0, mepc = 0, mcause = 0, mtval = 0, mscratch = 0, mstatus = 0x1800;
  std::uint64_t retired = 0;
  std::uint64_t traps = 0;
  std::map<std::string, std::uint64_t> seen;  ///< instructions retired, by mnemonic
  bool beyond = false;  ///< met a register or instruction that it does not know: the end

 private:
  struct Outcome {
    enum Kind : std::uint8_t { kOther, kDone, kTrap } kind = kOther;  ///< kOther: not of this group
    unsigned cause = 0;
    U value = 0;
  };
  static Outcome done() { return {Outcome::kDone, 0, 0}; }
  static Outcome trap(unsigned cause, U value) { return {Outcome::kTrap, cause, value}; }

  Outcome execute(const manual::Parsed& p, std::uint32_t bits);
  bool compute(const manual::Parsed& p);
  bool branch(const manual::Parsed& p);
  Outcome memory_access(const manual::Parsed& p);
  Outcome atomic(const manual::Parsed& p);
  Outcome csr(const manual::Parsed& p, std::uint32_t bits);
  U* csr_named(std::int64_t number);
  void set(std::int64_t rd, Wide value) {
    if (rd != 0) x[static_cast<std::size_t>(rd)] = static_cast<U>(value);
  }
  U reg(std::int64_t index) const { return x[static_cast<std::size_t>(index)]; }
  void enter(unsigned cause, U value);

  U next_ = 0;
  std::optional<U> reserved_;
};

extern template class ReferenceHart<std::uint32_t>;
extern template class ReferenceHart<std::uint64_t>;

}  // namespace aipu::cpu
