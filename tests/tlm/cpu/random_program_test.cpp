// SPDX-License-Identifier: Apache-2.0
// Random programs, instruction for instruction against the reference hart.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "tests/tlm/cpu/reference_hart.h"
#include "tlm/cpu/interpreter.h"

namespace aipu::cpu {
namespace {

using Random = std::mt19937_64;

constexpr std::size_t kCodeBytes = 8192, kDataBytes = 8192;
constexpr std::size_t kWindow = 4096;  // of the data; the rest is reached over the bus
constexpr std::size_t kAnchor = 64;    // the trap handler goes on at the next multiple
constexpr std::uint64_t kBody = SmallMemory::kCode + kAnchor;
constexpr std::uint64_t kPointer = SmallMemory::kData + kDataBytes / 2;

class SmallBus : public Bus {
 public:
  explicit SmallBus(SmallMemory& memory) : memory_(memory) {}
  Status access(Access& access) override {
    std::uint8_t* at = memory_.find(access.address, access.bytes, access.write);
    if (at == nullptr) return Status::kFault;
    access.device = false;
    if (!access.write) access.value = 0;
    access.write ? std::memcpy(at, &access.value, access.bytes)
                 : std::memcpy(&access.value, at, access.bytes);
    return Status::kDone;
  }
  std::optional<std::uint16_t> fetch(std::uint64_t address) override {
    return memory_.fetch(address);
  }
  std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override {
    return memory_.find(address, bytes, true);
  }
  bool synced(std::uint64_t) override { return true; }

 private:
  SmallMemory& memory_;
};

bool starts_with(const std::string& text, const char* start) {
  return text.rfind(start, 0) == 0;
}

/// Writes code that does something in most of its instructions: x8 to x15 mostly point to data,
/// branches are short, registers exist. A compressed instruction may undo all of that.
class Writer {
 public:
  Writer(Random& random, unsigned xlen) : random_(random), xlen_(xlen) {}

  SmallMemory memory() {
    SmallMemory out;
    out.code.resize(kCodeBytes);
    out.data.resize(kDataBytes);
    for (auto& byte : out.data)
      byte = static_cast<std::uint8_t>(random_());
    // csrrw x31, mscratch, x31; csrw mepc, x31; addi x31, x31, 64; swap back; mret
    at_ = 0;
    for (const std::uint32_t word :
         {0x340f9ff3U, 0x341f9073U, 0x040f8f93U, 0x340f9ff3U, 0x30200073U})
      put(out, word);
    at_ = kAnchor;
    // lui x31, code; csrw mtvec, x31; addi x31, x31, two anchors; csrw mscratch, x31
    for (const std::uint32_t word : {0x00001fb7U, 0x305f9073U, 0x080f8f93U, 0x340f9073U})
      put(out, word);
    while (at_ + 8 < kCodeBytes)
      put(out, next());
    return out;
  }

 private:
  void put(SmallMemory& memory, std::uint32_t word) {
    const std::size_t bytes = (word & 3U) == 3U ? 4 : 2;
    std::memcpy(&memory.code[at_], &word, bytes);
    at_ += bytes;
  }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  std::uint32_t next() {
    constexpr std::uint32_t kHundred = 100, kPointers = 12, kGarbage = 3;
    const std::uint32_t dice = below(kHundred);
    if (dice < kPointers) {  // lui x8..x15, data
      return static_cast<std::uint32_t>(kPointer & 0xfffff000U) | (8 + below(8)) << 7U | 0x37U;
    }
    if (dice < kPointers + kGarbage) return static_cast<std::uint32_t>(random_());
    std::size_t row = 0;
    do {
      row = random_() % manual::rows();
    } while (!manual::row_exists(row, xlen_));
    return tame(manual::row_name(row),
                manual::row_word(row, static_cast<std::uint32_t>(random_())));
  }

  std::uint32_t tame(const std::string& name, std::uint32_t word) {
    if ((word & 3U) != 3U || name == "wfi" || name == "mret") {
      return (word & 3U) == 3U ? 0x0000000fU : word;
    }
    const std::uint32_t opcode = word & 0x7fU;
    constexpr std::uint32_t kLoad = 0x03, kStore = 0x23, kAmo = 0x2f, kBranch = 0x63, kJal = 0x6f;
    if (opcode == kLoad || opcode == kStore || opcode == kAmo) {
      word = (word & ~(31U << 15U)) | (8 + below(8)) << 15U;
    }
    if (opcode == kBranch) word = (word & 0x01fff07fU) | (2 + below(14)) << 8U;  // up to 30 forward
    if (opcode == kJal) word = (word & 0xfffU) | (2 + below(30)) << 21U;
    if (starts_with(name, "csr")) {
      constexpr std::uint32_t kNumbers[] = {0x300, 0x341, 0x342, 0x343, 0xc02, 0xf14, 0x180, 0x302};
      word = (word & 0xfffffU) | kNumbers[below(8)] << 20U;
    }
    const bool writes = opcode != kStore && opcode != kBranch;
    const std::uint32_t rd = word >> 7U & 31U;
    if (writes && rd / 8 == 1 && below(4) != 0) word ^= 16U << 7U;  // leave most pointers alone
    return word;
  }

  Random& random_;
  unsigned xlen_;
  std::size_t at_ = 0;
};

struct Variant {
  const char* name;
  unsigned xlen;
  Dispatch dispatch;
  std::uint64_t budget;  ///< cycles of each run: 1 never goes on from one block to the next
};

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.name;
}

using Seen = std::map<std::string, std::uint64_t>;

class RandomProgramTest : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Variants, RandomProgramTest,
                         testing::Values(Variant{"rv32_threaded", 32, Dispatch::kThreaded, 400},
                                         Variant{"rv32_switch", 32, Dispatch::kSwitch, 400},
                                         Variant{"rv32_block_by_block", 32, Dispatch::kThreaded, 1},
                                         Variant{"rv64_threaded", 64, Dispatch::kThreaded, 400},
                                         Variant{"rv64_switch", 64, Dispatch::kSwitch, 400},
                                         Variant{"rv64_block_by_block", 64, Dispatch::kThreaded,
                                                 1}),
                         [](const auto& param) { return param.param.name; });

template <typename U>
std::string difference(const Interpreter<U>& hart, const ReferenceHart<U>& reference) {
  std::string out;
  const auto compare = [&out](const std::string& what, std::uint64_t got, std::uint64_t want) {
    if (got != want) out += fmt::format("{} is {:#x}, not {:#x}\n", what, got, want);
  };
  compare("pc", hart.pc(), reference.pc);
  for (unsigned i = 0; i < 32; ++i)
    compare(fmt::format("x{}", i), hart.reg(i), reference.x[i]);
  compare("instructions", hart.retired(), reference.retired);
  compare("traps", hart.traps(), reference.traps);
  constexpr std::uint32_t kMstatus = 0x300, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343;
  for (const auto& [number, want] : {std::pair<std::uint32_t, U>{kMstatus, reference.mstatus},
                                     {kMepc, reference.mepc},
                                     {kMcause, reference.mcause},
                                     {kMtval, reference.mtval}}) {
    std::uint64_t got = 0;
    hart.csrs().read(number, hart.clocks(), got);
    compare(fmt::format("csr {:#x}", number), got, want);
  }
  return out;
}

/// Runs a program on both and counts the instructions they agreed on.
template <typename U>
void run_both(const Variant& variant, std::uint64_t seed, Seen& seen) {
  constexpr std::uint64_t kEnough = 3000, kEnoughTraps = 150;
  Random random(seed);
  SmallMemory left = Writer(random, variant.xlen).memory();
  SmallMemory right = left;
  SmallBus bus(left);
  Interpreter<U> hart(Config{}, bus, 0, variant.dispatch);
  hart.set_memory(SmallMemory::kData, left.data.data(), kWindow);
  ReferenceHart<U> reference(right, kBody);
  hart.reset(kBody, 0, 0);
  for (unsigned i = 1; i < 32; ++i) {
    const bool pointer = i / 8 == 1;
    const std::uint64_t value =
        pointer ? kPointer + (random() % 64) * 8 : random() >> random() % 64;
    reference.x[i] = static_cast<U>(value);
    hart.set_reg(i, value);
  }
  while (hart.retired() < kEnough && hart.traps() < kEnoughTraps) {
    const Stop stop = hart.run(variant.budget);
    while (reference.retired + reference.traps < hart.retired() + hart.traps() && !reference.beyond)
      reference.step();
    if (reference.beyond || stop != Stop::kQuantum) break;
    const std::string wrong = difference(hart, reference);
    EXPECT_EQ(wrong, "") << "seed " << seed;
    EXPECT_EQ(left.data, right.data) << "seed " << seed;
    if (!wrong.empty() || left.data != right.data) break;
  }
  for (const auto& [name, count] : reference.seen)
    seen[name] += count;
}

TEST_P(RandomProgramTest, DoesWhatTheManualSays) {
  constexpr unsigned kPrograms = 200;
  const Variant variant = GetParam();
  Seen seen;
  for (unsigned i = 0; i < kPrograms && !HasFailure(); ++i) {
    variant.xlen == 32 ? run_both<std::uint32_t>(variant, i, seen)
                       : run_both<std::uint64_t>(variant, i, seen);
  }
  if (HasFailure()) return;
  constexpr std::uint64_t kOften = 100;
  for (std::size_t row = 0; row < manual::rows(); ++row) {
    const std::string name = manual::row_name(row);
    const bool retires = name != "ecall" && name != "ebreak" && name != "wfi";
    if (!manual::row_exists(row, variant.xlen) || !retires) continue;
    EXPECT_GE(seen[name], kOften) << name;
  }
}

/// Mostly values around the edges of the word sizes.
std::uint64_t corner(Random& random) {
  const std::uint64_t bit = std::uint64_t{1} << random() % 64;
  switch (random() % 6) {
    case 0:
      return random() % 3;
    case 1:
      return bit - random() % 3;
    case 2:
      return 0 - bit + random() % 3;
    case 3:
      return std::uint64_t{0} - random() % 3;
    case 4:
      return bit | (random() & 0xffffffffU);
    default:
      return random();
  }
}

/// One instruction and a jump back to it, with new operands every time.
template <typename U>
void run_operation(std::size_t row, Random& random) {
  constexpr unsigned kRounds = 1000;
  constexpr std::uint32_t kBack = 0x00008067;  // jalr x0, 0(x1)
  constexpr std::uint32_t kRegisters = 5U << 7U | 6U << 15U;
  SmallMemory memory;
  memory.code.resize(2 * sizeof(std::uint32_t));
  const std::uint32_t free = manual::row_word(row, ~0U) ^ manual::row_word(row, 0);
  const auto fields = static_cast<std::uint32_t>(random() & 0xfff00000U) | kRegisters;
  const std::uint32_t word = manual::row_word(row, free & fields);
  std::memcpy(&memory.code[0], &word, sizeof word);
  std::memcpy(&memory.code[4], &kBack, sizeof kBack);
  SmallBus bus(memory);
  Interpreter<U> hart(Config{}, bus, 0);
  ReferenceHart<U> reference(memory, SmallMemory::kCode);
  hart.reset(SmallMemory::kCode, 0, 0);
  const auto both = [&](unsigned index, std::uint64_t value) {
    hart.set_reg(index, value);
    reference.x[index] = static_cast<U>(value);
  };
  both(1, SmallMemory::kCode);
  for (unsigned i = 0; i < kRounds; ++i) {
    const std::uint64_t a = corner(random), b = corner(random);
    for (unsigned index = 2; index < 32; ++index)
      both(index, index == 6 ? a : b);
    hart.run(1);
    reference.step();
    reference.step();
    ASSERT_EQ(difference(hart, reference), "")
        << manual::row_name(row) << " " << std::hex << a << ", " << b;
  }
}

template <typename U>
void run_operations() {
  constexpr std::uint32_t kArithmetic[] = {0x13, 0x1b, 0x33, 0x3b};
  constexpr unsigned kVariants = 3;  // of an immediate
  Random random(ReferenceHart<U>::kXlen);
  for (std::size_t row = 0; row < manual::rows(); ++row) {
    if (!manual::row_exists(row, ReferenceHart<U>::kXlen)) continue;
    const std::uint32_t opcode = manual::row_word(row, 0) & 0x7fU;
    if (std::find(std::begin(kArithmetic), std::end(kArithmetic), opcode) == std::end(kArithmetic))
      continue;
    for (unsigned i = 0; i < kVariants; ++i)
      run_operation<U>(row, random);
  }
}

TEST(OperationTest, Rv32ArithmeticAgreesOnCornerOperands) {
  run_operations<std::uint32_t>();
}

TEST(OperationTest, Rv64ArithmeticAgreesOnCornerOperands) {
  run_operations<std::uint64_t>();
}

/// Each half word in front of a breakpoint, with registers that point to data.
template <typename U>
void run_half_words() {
  constexpr std::uint16_t kBreakpoint = 0x9002;
  SmallMemory left;
  left.code.resize(8);
  left.data.resize(kDataBytes);
  SmallMemory right = left;
  SmallBus bus(left);
  Interpreter<U> hart(Config{}, bus, 0);
  hart.set_memory(SmallMemory::kData, left.data.data(), kDataBytes);
  ReferenceHart<U> reference(right, SmallMemory::kCode);
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 3U) == 3U) continue;
    for (SmallMemory* memory : {&left, &right}) {
      const std::uint16_t code[] = {static_cast<std::uint16_t>(half), kBreakpoint, kBreakpoint,
                                    kBreakpoint};
      std::memcpy(memory->code.data(), code, sizeof code);
    }
    for (unsigned i = 1; i < 32; ++i) {
      hart.set_reg(i, kPointer + 8 * i);
      reference.x[i] = static_cast<U>(kPointer + 8 * i);
    }
    hart.reset(SmallMemory::kCode, kPointer, 0);
    reference.x[2] = static_cast<U>(kPointer);
    reference.pc = static_cast<U>(SmallMemory::kCode);
    const bool faulted = hart.run(1) == Stop::kFault;
    while (reference.retired + reference.traps < hart.retired() + hart.traps())
      reference.step();
    // Without a handler the hart stays where the trap was.
    ASSERT_EQ(reference.pc, faulted ? 0 : hart.pc()) << std::hex << half;
    reference.pc = static_cast<U>(hart.pc());
    ASSERT_EQ(difference(hart, reference), "") << std::hex << half;
  }
  EXPECT_EQ(left.data, right.data);
}

TEST(OperationTest, Rv32EveryHalfWordRunsOrTrapsAsTheManualSays) {
  run_half_words<std::uint32_t>();
}

TEST(OperationTest, Rv64EveryHalfWordRunsOrTrapsAsTheManualSays) {
  run_half_words<std::uint64_t>();
}

}  // namespace
}  // namespace aipu::cpu
