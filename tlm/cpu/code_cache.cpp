// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/code_cache.h"

#include <algorithm>
#include <limits>

#include "hw/cpu/cost.h"
#include "hw/cpu/decode.h"

namespace aipu::cpu {

Block* CodeCache::find_slow(std::uint64_t pc) {
  const auto found = blocks_.find(pc);
  if (found == blocks_.end()) return nullptr;
  return recent_[slot(pc)] = found->second.get();
}

std::optional<std::uint16_t> CodeCache::half_at(std::uint64_t pc, const Fetch& fetch) const {
  if (text_.empty()) return fetch(pc);
  const std::uint64_t offset = pc - base_;
  if (offset >= text_.size() || text_.size() - offset < 2) return fetch(pc);
  return static_cast<std::uint16_t>(text_[offset] | (text_[offset + 1] << 8U));
}

std::optional<Instruction> CodeCache::decode_at(std::uint64_t pc, const Fetch& fetch) const {
  const auto low = half_at(pc, fetch);
  if (!low) return std::nullopt;
  if (is_compressed(*low)) return decode(*low, xlen_);
  const auto high = half_at(pc + 2, fetch);
  if (!high) return std::nullopt;
  return decode(*low | (std::uint32_t{*high} << 16U), xlen_);
}

void CodeCache::append(Block& block, const Instruction& instruction, std::uint64_t pc,
                       const void* const* handlers) const {
  Insn insn;
  insn.imm = instruction.imm;
  insn.rd = instruction.rd == 0 ? kDiscard : instruction.rd;
  insn.rs1 = instruction.rs1;
  insn.rs2 = instruction.rs2;
  Op op = instruction.op;
  if (op == Op::kAuipc) {
    // A constant: folded into lui where the sum is a sign-extended word.
    const std::uint64_t sum = pc + static_cast<std::uint64_t>(std::int64_t{instruction.imm});
    const auto word = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
    if (xlen_ == 32 || static_cast<std::uint64_t>(std::int64_t{word}) == sum) {
      op = Op::kLui;
      insn.imm = word;
    }
  } else if (instruction.kind == Kind::kCsr) {
    // Number above the immediate operand, which has five bits.
    insn.imm = static_cast<std::int32_t>(instruction.csr << 8U) | insn.imm;
  }
  insn.op = static_cast<std::uint8_t>(op);
  insn.handler = handlers != nullptr ? handlers[insn.op] : nullptr;
  block.insns.push_back(insn);
}

Block* CodeCache::decode_block(std::uint64_t pc, const Fetch& fetch, const void* const* handlers) {
  auto current = decode_at(pc, fetch);
  if (!current) return nullptr;
  auto owned = std::make_unique<Block>();
  Block& block = *owned;
  block.pc = pc;
  const std::uint64_t mask =
      xlen_ == 32 ? std::numeric_limits<std::uint32_t>::max() : ~std::uint64_t{0};
  std::uint64_t at = pc;
  std::uint64_t cycles = 0;
  for (;;) {
    append(block, *current, at, handlers);
    block.marks.push_back(
        {static_cast<std::uint16_t>(at - pc), static_cast<std::uint32_t>(cycles)});
    const std::uint64_t next_pc = at + current->bytes;
    const bool ends = ends_block(current->kind);
    const auto next = ends ? std::nullopt : decode_at(next_pc, fetch);
    cycles += static_cost(*current, next.value_or(Instruction{}), config_);
    block.fall_pc = next_pc & mask;
    if (ends || !next || block.insns.size() == kMaxInstructions ||
        (!text_.empty() && !covers(next_pc))) {
      break;
    }
    current = next;
    at = next_pc;
  }
  block.marks.push_back(
      {static_cast<std::uint16_t>(block.fall_pc - pc), static_cast<std::uint32_t>(cycles)});
  block.cycles = static_cast<std::int64_t>(cycles);
  block.count = block.insns.size();
  block.taken_pc = (at + static_cast<std::uint64_t>(std::int64_t{current->imm})) & mask;
  block.edge = (at << 32U) | (block.taken_pc & std::numeric_limits<std::uint32_t>::max());
  if (!ends_block(current->kind)) append_end(block, handlers);
  block.insns.shrink_to_fit();
  block.marks.shrink_to_fit();
  block.code = block.insns.data();
  low_ = std::min(low_, pc);
  high_ = std::max(high_, std::max(block.fall_pc, at + 2));
  recent_[slot(pc)] = &block;
  blocks_[pc] = std::move(owned);
  return &block;
}

void CodeCache::append_end(Block& block, const void* const* handlers) {
  Insn end;
  end.op = kBlockEnd;
  end.handler = handlers != nullptr ? handlers[kBlockEnd] : nullptr;
  block.insns.push_back(end);
}

void CodeCache::cut(Block& block, std::uint64_t end, const void* const* handlers) {
  for (std::size_t i = 1; i < block.count; ++i) {
    if (block.pc + block.marks[i].offset != end) continue;
    block.insns.resize(i);
    block.marks.resize(i + 1);
    append_end(block, handlers);
    block.code = block.insns.data();
    block.count = i;
    block.cycles = static_cast<std::int64_t>(block.marks[i].cycles);
    block.fall_pc = end;
    return;
  }
}

void CodeCache::clear() {
  blocks_.clear();
  recent_.fill(nullptr);
  low_ = ~std::uint64_t{0};
  high_ = 0;
}

}  // namespace aipu::cpu
