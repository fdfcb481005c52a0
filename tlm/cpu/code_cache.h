// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hw/cpu/config.h"
#include "hw/cpu/isa.h"

namespace aipu::cpu {

/// A decoded instruction as the dispatch loop wants it: 16 bytes.
struct Insn {
  const void* handler = nullptr;  ///< label of the threaded dispatch; null where `switch` is used
  std::int32_t imm = 0;
  std::uint8_t rd = 0;  ///< kDiscard in place of x0
  std::uint8_t rs1 = 0;
  std::uint8_t rs2 = 0;
  std::uint8_t op = 0;  ///< Op, or kBlockEnd
};

constexpr std::uint8_t kDiscard = 32;  ///< register index that swallows writes to x0
constexpr std::uint8_t kBlockEnd = static_cast<std::uint8_t>(Op::kCount);  ///< falls through
constexpr unsigned kHandlers = kBlockEnd + 1U;

/// Where an instruction of a block begins, relative to the block: read on slow paths only.
struct Mark {
  std::uint16_t offset = 0;  ///< bytes
  std::uint32_t cycles = 0;  ///< static cycles of all earlier instructions
};

/// A straight run of code with its successors. `fall` and `taken` are filled as they are first
/// used; they stay in the cache that owns the block.
struct Block {
  std::uint64_t pc = 0;
  std::uint64_t fall_pc = 0;
  std::uint64_t taken_pc = 0;
  std::uint64_t edge = 0;  ///< last instruction's pc << 32 | taken_pc, for the branch history
  Block* fall = nullptr;
  Block* taken = nullptr;
  std::int64_t cycles = 0;
  std::uint64_t count = 0;
  const Insn* code = nullptr;
  std::vector<Insn> insns;
  std::vector<Mark> marks;  ///< one more than instructions: the last is the end
};

/// Decoded code. One per image, shared by all harts that execute it, or one of a hart's own.
///
/// A shared cache keeps a copy of the text that it was made from; a hart whose own memory differs
/// from it (checked at reset and at fence.i) must not use it.
class CodeCache {
 public:
  using Fetch = std::function<std::optional<std::uint16_t>(std::uint64_t address)>;

  /// A hart's own: bytes come from `fetch` of block().
  CodeCache(unsigned xlen, const Config& config) : xlen_(xlen), config_(config) {}
  /// Shared text at `base`.
  CodeCache(unsigned xlen, const Config& config, std::uint64_t base, std::vector<std::uint8_t> text)
      : xlen_(xlen), config_(config), base_(base), text_(std::move(text)) {}
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  unsigned xlen() const { return xlen_; }
  std::uint64_t base() const { return base_; }
  const std::vector<std::uint8_t>& text() const { return text_; }
  /// Whether code at `pc` belongs to this shared text.
  bool covers(std::uint64_t pc) const { return pc - base_ < text_.size(); }
  bool overlaps(std::uint64_t address, std::uint64_t bytes) const {
    return address < base_ + text_.size() && base_ < address + bytes;
  }

  /// The block at `pc`, if it was decoded before.
  Block* find(std::uint64_t pc) {
    Block* recent = recent_[slot(pc)];
    return recent != nullptr && recent->pc == pc ? recent : find_slow(pc);
  }
  /// Decodes the block at `pc`; null where not even its first instruction can be fetched.
  Block* decode_block(std::uint64_t pc, const Fetch& fetch, const void* const* handlers);
  /// Lets a block of this cache end before `end`, where that is inside it.
  static void cut(Block& block, std::uint64_t end, const void* const* handlers);
  /// Whether decoded code may lie in the range.
  bool decoded(std::uint64_t address, std::uint64_t bytes) const {
    return address < high_ && low_ < address + bytes;
  }
  /// Forgets everything. Pointers to blocks die.
  void clear();
  std::size_t blocks() const { return blocks_.size(); }

 private:
  static constexpr unsigned kMaxInstructions = 64;
  static constexpr std::size_t kRecent = 512;
  static std::size_t slot(std::uint64_t pc) { return (pc >> 1U) % kRecent; }

  Block* find_slow(std::uint64_t pc);
  std::optional<Instruction> decode_at(std::uint64_t pc, const Fetch& fetch) const;
  std::optional<std::uint16_t> half_at(std::uint64_t pc, const Fetch& fetch) const;
  void append(Block& block, const Instruction& instruction, std::uint64_t pc,
              const void* const* handlers) const;
  static void append_end(Block& block, const void* const* handlers);

  const unsigned xlen_;
  const Config config_;
  const std::uint64_t base_ = 0;
  const std::vector<std::uint8_t> text_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Block>> blocks_;
  std::array<Block*, kRecent> recent_{};
  std::uint64_t low_ = ~std::uint64_t{0};  ///< range that decoded code covers
  std::uint64_t high_ = 0;
};

}  // namespace aipu::cpu
