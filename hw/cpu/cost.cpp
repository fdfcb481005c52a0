// SPDX-License-Identifier: Apache-2.0
#include "hw/cpu/cost.h"

namespace aipu::cpu {
namespace {

Cycles extra(Kind kind, const Config& config) {
  switch (kind) {
    case Kind::kMul:
      return config.mul;
    case Kind::kDiv:
      return config.div;
    case Kind::kAtomic:
      return config.atomic;
    case Kind::kJump:
      return config.jump;
    case Kind::kIndirectJump:
      return config.indirect_jump;
    case Kind::kCsr:
      return config.csr;
    case Kind::kFence:
      return config.fence;
    case Kind::kFenceI:
      return config.fence_i;
    case Kind::kReturn:
      return config.trap_return;
    default:
      return Cycles(0);
  }
}

}  // namespace

std::uint32_t static_cost(const Instruction& instruction, const Instruction& next,
                          const Config& config) {
  Cycles cost = config.base + extra(instruction.kind, config);
  const bool loads = instruction.kind == Kind::kLoad || instruction.kind == Kind::kAtomic;
  if (loads && instruction.rd != 0 && (next.rs1 == instruction.rd || next.rs2 == instruction.rd)) {
    cost += config.load_use;
  }
  return static_cast<std::uint32_t>(cost.count);
}

}  // namespace aipu::cpu
