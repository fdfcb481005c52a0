// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

/// The instruction listings of the manual as text, and a reader of them that shares nothing with
/// the decoder under test.
namespace aipu::cpu::manual {

/// An encoding as its row of the listing names it. A compressed one is the instruction that it
/// stands for. Fields that the row does not have are 0.
struct Parsed {
  std::string name;  ///< mnemonic; empty where no row fits
  unsigned bytes = 4;
  std::int64_t rd = 0, rs1 = 0, rs2 = 0, csr = 0, imm = 0;
};

/// The rows of the listings, to make instructions of.
std::size_t rows();
const char* row_name(std::size_t row);
bool row_exists(std::size_t row, unsigned xlen);
/// An instruction of the row, whose fields have the bits of `random`.
std::uint32_t row_word(std::size_t row, std::uint32_t random);

/// Reads the low half word, or the whole word where the low half word says so.
Parsed read(std::uint32_t bits, unsigned xlen);

}  // namespace aipu::cpu::manual
