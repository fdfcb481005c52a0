// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/cpu/manual.h"

#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace aipu::cpu::manual {
namespace {

/// `encoding` goes from the highest bit to the lowest: literal bits, `-` for a bit without meaning,
/// registers (rd' is one of x8 to x15), imm[..] signed and uimm[..] unsigned with the bits of the
/// number that stand there. `where` fixes operands (rs1=2, rs1=rd) or restricts the row (imm!=0).
struct Row {
  const char* name;
  const char* encoding;
  const char* where = "";
  unsigned xlen = 0;  ///< the only one that has it; 0 for both
};

constexpr Row kRows[] = {
#include "tests/hw/cpu/manual_rows.inc"
};

constexpr unsigned kSignless = 64;

/// Bits of the word that make up bits `to` and up of an operand.
struct Piece {
  unsigned low, width, to;
};
struct Operand {
  std::int64_t Parsed::*target = nullptr;
  std::vector<Piece> pieces;
  unsigned sign = kSignless;  ///< number of its highest bit where signed
  std::int64_t base = 0;
};
struct Compiled {
  const Row* row = nullptr;
  unsigned bits = 0;
  std::uint32_t mask = 0, match = 0;
  std::vector<Operand> operands;
};

std::int64_t Parsed::*operand_named(const std::string& name) {
  if (name == "rd") return &Parsed::rd;
  if (name == "rs1") return &Parsed::rs1;
  if (name == "rs2") return &Parsed::rs2;
  if (name == "csr") return &Parsed::csr;
  if (name == "imm" || name == "uimm") return &Parsed::imm;
  throw std::logic_error("no operand is called " + name);
}

/// "5:4|9" as (first, last) pairs, the higher bit first.
std::vector<std::pair<unsigned, unsigned>> bit_ranges(const std::string& text) {
  std::vector<std::pair<unsigned, unsigned>> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, '|');) {
    const auto colon = part.find(':');
    const auto high = static_cast<unsigned>(std::stoul(part));
    out.emplace_back(high, colon == std::string::npos
                               ? high
                               : static_cast<unsigned>(std::stoul(part.substr(colon + 1))));
  }
  return out;
}

struct Token {
  unsigned width = 0;
  std::string literal;  ///< of 0, 1 and -
  Operand operand;
};

Token token_of(const std::string& text) {
  Token token;
  if (text.find_first_not_of("01-") == std::string::npos) {
    token.literal = text;
    token.width = static_cast<unsigned>(text.size());
    return token;
  }
  const auto bracket = text.find('[');
  const bool few = text.back() == '\'';
  const std::string name = few ? text.substr(0, text.size() - 1) : text.substr(0, bracket);
  token.operand.target = operand_named(name);
  if (bracket == std::string::npos) {
    token.width = name == "csr" ? 12 : few ? 3 : 5;
    token.operand.base = few ? 8 : 0;
    token.operand.pieces = {{0, token.width, 0}};
    return token;
  }
  const auto ranges = bit_ranges(text.substr(bracket + 1, text.size() - bracket - 2));
  for (const auto& [high, low] : ranges)
    token.width += high - low + 1;
  unsigned at = token.width;
  for (const auto& [high, low] : ranges) {
    at -= high - low + 1;
    token.operand.pieces.push_back({at, high - low + 1, low});
    if (name == "imm" && (token.operand.sign == kSignless || high > token.operand.sign)) {
      token.operand.sign = high;
    }
  }
  return token;
}

/// An immediate in two places is one operand.
void add_operand(Compiled& out, const Operand& operand) {
  for (Operand& known : out.operands) {
    if (known.target != operand.target) continue;
    known.pieces.insert(known.pieces.end(), operand.pieces.begin(), operand.pieces.end());
    if (known.sign == kSignless || (operand.sign != kSignless && operand.sign > known.sign)) {
      known.sign = operand.sign;
    }
    return;
  }
  out.operands.push_back(operand);
}

Compiled compile(const Row& row) {
  Compiled out;
  out.row = &row;
  std::vector<Token> tokens;
  std::istringstream in(row.encoding);
  for (std::string text; in >> text;) {
    tokens.push_back(token_of(text));
    out.bits += tokens.back().width;
  }
  if (out.bits != 16 && out.bits != 32) throw std::logic_error(std::string("row of ") + row.name);
  unsigned at = out.bits;
  for (Token& token : tokens) {
    at -= token.width;
    for (unsigned i = 0; i < token.literal.size(); ++i) {
      const std::uint32_t bit = 1U << (at + token.width - 1 - i);
      if (token.literal[i] != '-') out.mask |= bit;
      if (token.literal[i] == '1') out.match |= bit;
    }
    for (Piece& piece : token.operand.pieces)
      piece.low += at;
    if (token.operand.target != nullptr) add_operand(out, token.operand);
  }
  return out;
}

const std::vector<Compiled>& table() {
  static const std::vector<Compiled> rows = [] {
    std::vector<Compiled> out;
    for (const Row& row : kRows)
      out.push_back(compile(row));
    return out;
  }();
  return rows;
}

std::int64_t value_of(const Operand& operand, std::uint32_t bits) {
  std::uint64_t value = 0;
  for (const Piece& piece : operand.pieces) {
    const std::uint64_t part = (bits >> piece.low) & ((1ULL << piece.width) - 1);
    value |= part << piece.to;
  }
  const bool negative = operand.sign != kSignless && (value >> operand.sign & 1U) != 0;
  const std::int64_t number = static_cast<std::int64_t>(value) + operand.base;
  return negative ? number - (std::int64_t{1} << (operand.sign + 1)) : number;
}

/// Applies `where`; false where it rules the row out.
bool settle(const char* where, Parsed& parsed) {
  std::istringstream in(where);
  for (std::string text; in >> text;) {
    const auto at = text.find_first_of("!=<");
    std::int64_t& left = parsed.*operand_named(text.substr(0, at));
    const bool differs = text[at] == '!';
    const std::string right = text.substr(at + (differs ? 2 : 1));
    const std::int64_t value = right[0] == 'r' ? parsed.*operand_named(right) : std::stoll(right);
    if (differs && left == value) return false;
    if (text[at] == '<' && left >= value) return false;
    if (text[at] == '=') left = value;
  }
  return true;
}

}  // namespace

std::size_t rows() {
  return table().size();
}
const char* row_name(std::size_t row) {
  return table()[row].row->name;
}
bool row_exists(std::size_t row, unsigned xlen) {
  return table()[row].row->xlen == 0 || table()[row].row->xlen == xlen;
}
std::uint32_t row_word(std::size_t row, std::uint32_t random) {
  const Compiled& c = table()[row];
  const std::uint32_t word = c.match | (random & ~c.mask);
  return c.bits == 16 ? word & 0xffffU : word;
}

Parsed read(std::uint32_t bits, unsigned xlen) {
  const unsigned length = (bits & 3U) == 3U ? 32 : 16;
  if (length == 16) bits &= 0xffffU;
  for (const Compiled& c : table()) {
    if (c.bits != length || (bits & c.mask) != c.match) continue;
    if (c.row->xlen != 0 && c.row->xlen != xlen) continue;
    Parsed parsed;
    for (const Operand& operand : c.operands)
      parsed.*operand.target = value_of(operand, bits);
    if (!settle(c.row->where, parsed)) continue;
    parsed.name = c.row->name;
    parsed.bytes = length / 8;
    return parsed;
  }
  Parsed none;
  none.bytes = length / 8;
  return none;
}

}  // namespace aipu::cpu::manual
