// SPDX-License-Identifier: Apache-2.0
#include "tests/tlm/cpu/reference_hart.h"

#include <cstring>
#include <map>

namespace aipu::cpu {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr unsigned kLoadMisaligned = 4, kLoadFault = 5, kStoreMisaligned = 6, kStoreFault = 7;

/// The low `bits` as a signed or an unsigned number.
Wide take(Wide value, unsigned bits, bool is_signed) {
  const UnsignedWide low = static_cast<UnsignedWide>(value) & ((UnsignedWide{1} << bits) - 1);
  const bool negative = is_signed && (low >> (bits - 1) & 1U) != 0;
  return static_cast<Wide>(low) - (negative ? Wide{1} << bits : 0);
}

Wide quotient(Wide a, Wide b) {
  return b == 0 ? -1 : a / b;
}
Wide remainder(Wide a, Wide b) {
  return b == 0 ? a : a % b;
}

/// What an operation does with operands of so many bits, s signed and u unsigned.
struct Operands {
  Wide as, au, bs, bu;
  unsigned bits;
  unsigned amount() const { return static_cast<unsigned>(bu) & (bits - 1); }
};
using Rule = Wide (*)(const Operands&);

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> table = {
      {"add", [](const Operands& o) { return o.as + o.bs; }},
      {"sub", [](const Operands& o) { return o.as - o.bs; }},
      {"sll",
       [](const Operands& o) {
         return static_cast<Wide>(static_cast<UnsignedWide>(o.au) << o.amount());
       }},
      {"srl", [](const Operands& o) { return o.au >> o.amount(); }},
      {"sra", [](const Operands& o) { return o.as >> o.amount(); }},
      {"slt", [](const Operands& o) { return Wide{o.as < o.bs}; }},
      {"sltu", [](const Operands& o) { return Wide{o.au < o.bu}; }},
      {"xor", [](const Operands& o) { return o.au ^ o.bu; }},
      {"or", [](const Operands& o) { return o.au | o.bu; }},
      {"and", [](const Operands& o) { return o.au & o.bu; }},
      {"mul", [](const Operands& o) { return o.as * o.bs; }},
      {"mulh", [](const Operands& o) { return (o.as * o.bs) >> o.bits; }},
      {"mulhsu", [](const Operands& o) { return (o.as * o.bu) >> o.bits; }},
      {"mulhu",
       [](const Operands& o) {
         return static_cast<Wide>(
             static_cast<UnsignedWide>(o.au) * static_cast<UnsignedWide>(o.bu) >> o.bits);
       }},
      {"div", [](const Operands& o) { return quotient(o.as, o.bs); }},
      {"divu", [](const Operands& o) { return quotient(o.au, o.bu); }},
      {"rem", [](const Operands& o) { return remainder(o.as, o.bs); }},
      {"remu", [](const Operands& o) { return remainder(o.au, o.bu); }},
      {"amoswap", [](const Operands& o) { return o.bs; }},
      {"amomin", [](const Operands& o) { return o.as < o.bs ? o.as : o.bs; }},
      {"amomax", [](const Operands& o) { return o.as > o.bs ? o.as : o.bs; }},
      {"amominu", [](const Operands& o) { return o.au < o.bu ? o.au : o.bu; }},
      {"amomaxu", [](const Operands& o) { return o.au > o.bu ? o.au : o.bu; }},
      {"amoadd", [](const Operands& o) { return o.as + o.bs; }},
      {"amoxor", [](const Operands& o) { return o.as ^ o.bs; }},
      {"amoand", [](const Operands& o) { return o.as & o.bs; }},
      {"amoor", [](const Operands& o) { return o.as | o.bs; }},
  };
  return table;
}

Wide apply(Rule rule, Wide a, Wide b, unsigned bits) {
  return rule(
      {take(a, bits, true), take(a, bits, false), take(b, bits, true), take(b, bits, false), bits});
}

/// Names with an immediate or a word suffix and the plain operation.
struct Form {
  std::string rule;
  bool immediate = false;
  bool word = false;
};
Form form_of(const std::string& name) {
  static const std::map<std::string, Form> forms = {{"addi", {"add", true}},
                                                    {"slti", {"slt", true}},
                                                    {"sltiu", {"sltu", true}},
                                                    {"xori", {"xor", true}},
                                                    {"ori", {"or", true}},
                                                    {"andi", {"and", true}},
                                                    {"slli", {"sll", true}},
                                                    {"srli", {"srl", true}},
                                                    {"srai", {"sra", true}},
                                                    {"addiw", {"add", true, true}},
                                                    {"slliw", {"sll", true, true}},
                                                    {"srliw", {"srl", true, true}},
                                                    {"sraiw", {"sra", true, true}},
                                                    {"addw", {"add", false, true}},
                                                    {"subw", {"sub", false, true}},
                                                    {"sllw", {"sll", false, true}},
                                                    {"srlw", {"srl", false, true}},
                                                    {"sraw", {"sra", false, true}},
                                                    {"mulw", {"mul", false, true}},
                                                    {"divw", {"div", false, true}},
                                                    {"divuw", {"divu", false, true}},
                                                    {"remw", {"rem", false, true}},
                                                    {"remuw", {"remu", false, true}}};
  const auto found = forms.find(name);
  return found == forms.end() ? Form{name} : found->second;
}

struct Width {
  unsigned bytes;
  bool is_signed;
};
const std::map<std::string, Width> kLoads = {
    {"lb", {1, true}}, {"lbu", {1, false}}, {"lh", {2, true}}, {"lhu", {2, false}},
    {"lw", {4, true}}, {"lwu", {4, false}}, {"ld", {8, true}}};
const std::map<std::string, unsigned> kStores = {{"sb", 1}, {"sh", 2}, {"sw", 4}, {"sd", 8}};

}  // namespace

std::uint8_t* SmallMemory::find(std::uint64_t address, std::uint64_t bytes, bool write) {
  const auto inside = [&](std::uint64_t base, std::vector<std::uint8_t>& memory) {
    const std::uint64_t offset = address - base;
    return offset < memory.size() && memory.size() - offset >= bytes ? &memory[offset] : nullptr;
  };
  std::uint8_t* const at = inside(kData, data);
  return at != nullptr || write ? at : inside(kCode, code);
}

std::optional<std::uint16_t> SmallMemory::fetch(std::uint64_t address) const {
  const std::uint64_t offset = address - kCode;
  if (offset >= code.size() || code.size() - offset < 2) return std::nullopt;
  return static_cast<std::uint16_t>(code[offset] | code[offset + 1] << 8U);
}

template <typename U>
void ReferenceHart<U>::enter(unsigned cause, U value) {
  ++traps;
  mepc = pc;
  mcause = cause;
  mtval = value;
  mstatus = static_cast<U>((mstatus & ~U{0x88}) | ((mstatus & 8U) << 4U));
  pc = mtvec & ~U{3};
}

template <typename U>
void ReferenceHart<U>::step() {
  constexpr unsigned kFetchFault = 1;
  const auto low = memory_.fetch(pc);
  if (!low) return enter(kFetchFault, pc);
  std::uint32_t bits = *low;
  if ((bits & 3U) == 3U) {
    const U second = static_cast<U>(pc + 2);
    const auto high = memory_.fetch(second);
    if (!high) return enter(kFetchFault, second);
    bits |= std::uint32_t{*high} << 16U;
  }
  const manual::Parsed p = manual::read(bits, kXlen);
  next_ = static_cast<U>(pc + p.bytes);
  const Outcome outcome = execute(p, bits);
  if (outcome.kind == Outcome::kTrap) return enter(outcome.cause, outcome.value);
  ++retired;
  ++seen[p.name];
  pc = next_;
}

template <typename U>
auto ReferenceHart<U>::execute(const manual::Parsed& p, std::uint32_t bits) -> Outcome {
  constexpr unsigned kIllegal = 2, kBreakpoint = 3, kEcall = 11;
  if (compute(p) || branch(p)) return done();
  if (const Outcome o = memory_access(p); o.kind != Outcome::kOther) return o;
  if (const Outcome o = atomic(p); o.kind != Outcome::kOther) return o;
  if (const Outcome o = csr(p, bits); o.kind != Outcome::kOther) return o;
  if (p.name == "ecall") return trap(kEcall, 0);
  if (p.name == "ebreak") return trap(kBreakpoint, pc);
  if (p.name == "mret") {
    mstatus = static_cast<U>((mstatus & ~U{0x88}) | ((mstatus & 0x80U) >> 4U) | 0x80U);
    next_ = mepc;
    return done();
  }
  if (p.name == "fence" || p.name == "fence.i") return done();
  beyond = p.name == "wfi";
  return trap(kIllegal, static_cast<U>(bits));
}

template <typename U>
bool ReferenceHart<U>::compute(const manual::Parsed& p) {
  if (p.name == "lui" || p.name == "auipc") {
    set(p.rd, Wide{p.imm} + (p.name == "lui" ? 0 : pc));
    return true;
  }
  const Form form = form_of(p.name);
  const auto rule = rules().find(form.rule);
  if (rule == rules().end()) return false;
  const Wide b = form.immediate ? Wide{p.imm} : Wide{reg(p.rs2)};
  const Wide result = apply(rule->second, reg(p.rs1), b, form.word ? 32 : kXlen);
  set(p.rd, form.word ? take(result, 32, true) : result);
  return true;
}

template <typename U>
bool ReferenceHart<U>::branch(const manual::Parsed& p) {
  const U a = reg(p.rs1), b = reg(p.rs2);
  const U link = next_;
  const U target = static_cast<U>(pc + static_cast<U>(p.imm));
  const std::map<std::string, bool> taken = {{"beq", a == b},
                                             {"bne", a != b},
                                             {"blt", static_cast<S>(a) < static_cast<S>(b)},
                                             {"bge", static_cast<S>(a) >= static_cast<S>(b)},
                                             {"bltu", a < b},
                                             {"bgeu", a >= b}};
  if (const auto known = taken.find(p.name); known != taken.end()) {
    if (known->second) next_ = target;
    return true;
  }
  if (p.name != "jal" && p.name != "jalr") return false;
  next_ = p.name == "jal" ? target : static_cast<U>(a + static_cast<U>(p.imm)) & ~U{1};
  set(p.rd, link);
  return true;
}

template <typename U>
auto ReferenceHart<U>::memory_access(const manual::Parsed& p) -> Outcome {
  const U address = static_cast<U>(reg(p.rs1) + static_cast<U>(p.imm));
  if (const auto load = kLoads.find(p.name); load != kLoads.end()) {
    const Width width = load->second;
    const std::uint8_t* at = memory_.find(address, width.bytes, false);
    if (at == nullptr) return trap(kLoadFault, address);
    std::uint64_t value = 0;
    std::memcpy(&value, at, width.bytes);
    set(p.rd, take(value, 8 * width.bytes, width.is_signed));
    return done();
  }
  const auto store = kStores.find(p.name);
  if (store == kStores.end()) return {};
  std::uint8_t* at = memory_.find(address, store->second, true);
  if (at == nullptr) return trap(kStoreFault, address);
  const U value = reg(p.rs2);
  std::memcpy(at, &value, store->second);
  return done();
}

template <typename U>
auto ReferenceHart<U>::atomic(const manual::Parsed& p) -> Outcome {
  const auto dot = p.name.find('.');
  if (dot == std::string::npos || p.name.rfind("fence", 0) == 0) return {};
  const std::string name = p.name.substr(0, dot);
  const unsigned bytes = p.name[dot + 1] == 'w' ? 4 : 8;
  const U address = reg(p.rs1);
  const bool load = name == "lr";
  if (address % bytes != 0) return trap(load ? kLoadMisaligned : kStoreMisaligned, address);
  std::uint8_t* const at = memory_.find(address, bytes, true);
  if (at == nullptr) return trap(load ? kLoadFault : kStoreFault, address);
  std::uint64_t old = 0;
  std::memcpy(&old, at, bytes);
  const U operand = reg(p.rs2);
  if (name == "sc") {
    const bool success = reserved_ == address;
    reserved_.reset();
    if (success) std::memcpy(at, &operand, bytes);
    set(p.rd, success ? 0 : 1);
    return done();
  }
  set(p.rd, take(old, 8 * bytes, true));
  if (load) {
    reserved_ = address;
  } else {
    const auto value = static_cast<std::uint64_t>(apply(rules().at(name), old, operand, 8 * bytes));
    std::memcpy(at, &value, bytes);
  }
  return done();
}

template <typename U>
U* ReferenceHart<U>::csr_named(std::int64_t number) {
  switch (number) {
    case 0x300:
      return &mstatus;
    case 0x305:
      return &mtvec;
    case 0x340:
      return &mscratch;
    case 0x341:
      return &mepc;
    case 0x342:
      return &mcause;
    case 0x343:
      return &mtval;
    default:
      return nullptr;
  }
}

template <typename U>
auto ReferenceHart<U>::csr(const manual::Parsed& p, std::uint32_t bits) -> Outcome {
  if (p.name.rfind("csrr", 0) != 0) return {};
  constexpr unsigned kIllegal = 2;
  constexpr std::int64_t kInstret = 0xc02, kHartId = 0xf14, kSatp = 0x180, kMedeleg = 0x302;
  const bool immediate = p.name.back() == 'i';
  const char kind = p.name[4];
  const bool writes = kind == 'w' || (immediate ? p.imm : p.rs1) != 0;
  const U operand = immediate ? static_cast<U>(p.imm) : reg(p.rs1);
  U* const place = csr_named(p.csr);
  const bool read_only = p.csr == kInstret || p.csr == kHartId;
  if ((place == nullptr && !read_only) || (read_only && writes)) {
    beyond = !read_only && p.csr != kSatp && p.csr != kMedeleg;
    return trap(kIllegal, static_cast<U>(bits));
  }
  const U old = place != nullptr ? *place : p.csr == kInstret ? static_cast<U>(retired) : U{0};
  if (writes) {
    U value = kind == 'w' ? operand : kind == 's' ? old | operand : old & ~operand;
    if (place == &mstatus) value = static_cast<U>((value & 0x88U) | 0x1800U);
    if (place == &mtvec) value = value & ~U{2};
    if (place == &mepc) value = value & ~U{1};
    *place = value;
  }
  set(p.rd, old);
  return done();
}

template class ReferenceHart<std::uint32_t>;
template class ReferenceHart<std::uint64_t>;

}  // namespace aipu::cpu
