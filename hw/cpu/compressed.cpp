// SPDX-License-Identifier: Apache-2.0
#include "hw/cpu/decode.h"

namespace aipu::cpu {
namespace {

using u32 = std::uint32_t;

constexpr u32 kOpLoad = 0x03, kOpImm = 0x13, kOpImm32 = 0x1b, kOpStore = 0x23, kOpReg = 0x33;
constexpr u32 kOpReg32 = 0x3b, kOpBranch = 0x63;
constexpr u32 kSp = 2;

/// A run of bits of the compressed word and where its lowest bit goes in the immediate.
struct Move {
  unsigned high, low, to;
};

template <std::size_t N>
constexpr u32 gather(u32 half, const Move (&moves)[N]) {
  u32 out = 0;
  for (const Move& m : moves) {
    out |= ((half >> m.low) & ((1U << (m.high - m.low + 1U)) - 1U)) << m.to;
  }
  return out;
}
constexpr u32 extend(u32 value, unsigned width) {
  const u32 sign = 1U << (width - 1U);
  return (value ^ sign) - sign;
}

constexpr u32 i_type(u32 op, u32 f3, u32 rd, u32 rs1, u32 imm) {
  return op | (rd << 7U) | (f3 << 12U) | (rs1 << 15U) | (imm << 20U);
}
constexpr u32 r_type(u32 op, u32 f3, u32 f7, u32 rd, u32 rs1, u32 rs2) {
  return op | (rd << 7U) | (f3 << 12U) | (rs1 << 15U) | (rs2 << 20U) | (f7 << 25U);
}
constexpr u32 s_type(u32 f3, u32 rs1, u32 rs2, u32 imm) {
  return kOpStore | ((imm & 31U) << 7U) | (f3 << 12U) | (rs1 << 15U) | (rs2 << 20U) |
         ((imm >> 5U) << 25U);
}
constexpr u32 branch(u32 f3, u32 rs1, u32 imm) {
  return kOpBranch | (((imm >> 11U) & 1U) << 7U) | (((imm >> 1U) & 15U) << 8U) | (f3 << 12U) |
         (rs1 << 15U) | (((imm >> 5U) & 63U) << 25U) | (((imm >> 12U) & 1U) << 31U);
}
constexpr u32 jal(u32 rd, u32 imm) {
  return 0x6fU | (rd << 7U) | (imm & 0xff000U) | (((imm >> 11U) & 1U) << 20U) |
         (((imm >> 1U) & 0x3ffU) << 21U) | (((imm >> 20U) & 1U) << 31U);
}

constexpr Move kImm6[] = {{12, 12, 5}, {6, 2, 0}};
constexpr Move kWord[] = {{12, 10, 3}, {6, 6, 2}, {5, 5, 6}};
constexpr Move kDouble[] = {{12, 10, 3}, {6, 5, 6}};
constexpr Move kAddi4spn[] = {{12, 11, 4}, {10, 7, 6}, {6, 6, 2}, {5, 5, 3}};
constexpr Move kAddi16sp[] = {{12, 12, 9}, {6, 6, 4}, {5, 5, 6}, {4, 3, 7}, {2, 2, 5}};
constexpr Move kJumpTarget[] = {{12, 12, 11}, {11, 11, 4}, {10, 9, 8}, {8, 8, 10},
                                {7, 7, 6},    {6, 6, 7},   {5, 3, 1},  {2, 2, 5}};
constexpr Move kBranchTarget[] = {{12, 12, 8}, {11, 10, 3}, {6, 5, 6}, {4, 3, 1}, {2, 2, 5}};
constexpr Move kLwsp[] = {{12, 12, 5}, {6, 4, 2}, {3, 2, 6}};
constexpr Move kLdsp[] = {{12, 12, 5}, {6, 5, 3}, {4, 2, 6}};
constexpr Move kSwsp[] = {{12, 9, 2}, {8, 7, 6}};
constexpr Move kSdsp[] = {{12, 10, 3}, {9, 7, 6}};

u32 quadrant0(u32 h, unsigned xlen) {
  const u32 high = ((h >> 7U) & 7U) + 8U;  // rs1'
  const u32 low = ((h >> 2U) & 7U) + 8U;   // rd' or rs2'
  switch (h >> 13U) {
    case 0: {
      const u32 imm = gather(h, kAddi4spn);
      return imm == 0 ? 0 : i_type(kOpImm, 0, low, kSp, imm);
    }
    case 2:
      return i_type(kOpLoad, 2, low, high, gather(h, kWord));
    case 3:
      return xlen == 64 ? i_type(kOpLoad, 3, low, high, gather(h, kDouble)) : 0;
    case 6:
      return s_type(2, high, low, gather(h, kWord));
    case 7:
      return xlen == 64 ? s_type(3, high, low, gather(h, kDouble)) : 0;
    default:
      return 0;
  }
}

u32 arithmetic(u32 h, unsigned xlen) {
  const u32 rd = ((h >> 7U) & 7U) + 8U;
  const u32 rs2 = ((h >> 2U) & 7U) + 8U;
  const u32 amount = gather(h, kImm6);
  const bool too_far = xlen == 32 && amount > 31;
  switch ((h >> 10U) & 3U) {
    case 0:
      return too_far ? 0 : i_type(kOpImm, 5, rd, rd, amount);
    case 1:
      return too_far ? 0 : i_type(kOpImm, 5, rd, rd, amount | 0x400U);
    case 2:
      return i_type(kOpImm, 7, rd, rd, extend(amount, 6));
    default:
      break;
  }
  struct Row {
    u32 f3, f7;
  };
  constexpr Row kRows[] = {{0, 0x20}, {4, 0}, {6, 0}, {7, 0}};  // sub xor or and
  const u32 row = (h >> 5U) & 3U;
  if ((h & 0x1000U) == 0) return r_type(kOpReg, kRows[row].f3, kRows[row].f7, rd, rd, rs2);
  if (xlen == 32 || row > 1) return 0;
  return r_type(kOpReg32, 0, row == 0 ? 0x20 : 0, rd, rd, rs2);  // subw addw
}

u32 quadrant1(u32 h, unsigned xlen) {
  const u32 rd = (h >> 7U) & 31U;
  const u32 imm = extend(gather(h, kImm6), 6);
  switch (h >> 13U) {
    case 0:
      return i_type(kOpImm, 0, rd, rd, imm);
    case 1:
      if (xlen == 32) return jal(1, extend(gather(h, kJumpTarget), 12));
      return rd == 0 ? 0 : i_type(kOpImm32, 0, rd, rd, imm);
    case 2:
      return i_type(kOpImm, 0, rd, 0, imm);
    case 3:
      if (imm == 0) return 0;
      if (rd == kSp) return i_type(kOpImm, 0, kSp, kSp, extend(gather(h, kAddi16sp), 10));
      return 0x37U | (rd << 7U) | (imm << 12U);
    case 4:
      return arithmetic(h, xlen);
    case 5:
      return jal(0, extend(gather(h, kJumpTarget), 12));
    default:
      return branch((h >> 13U) & 1U, ((h >> 7U) & 7U) + 8U, extend(gather(h, kBranchTarget), 9));
  }
}

u32 jump_or_add(u32 h) {
  const u32 rd = (h >> 7U) & 31U;
  const u32 rs2 = (h >> 2U) & 31U;
  const bool link = (h & 0x1000U) != 0;
  if (rs2 != 0) return r_type(kOpReg, 0, 0, rd, link ? rd : 0, rs2);  // add, mv
  if (rd != 0) return i_type(0x67, 0, link ? 1 : 0, rd, 0);           // jalr, jr
  return link ? 0x00100073U : 0;                                      // ebreak
}

u32 quadrant2(u32 h, unsigned xlen) {
  const u32 rd = (h >> 7U) & 31U;
  const u32 rs2 = (h >> 2U) & 31U;
  switch (h >> 13U) {
    case 0: {
      const u32 amount = gather(h, kImm6);
      return xlen == 32 && amount > 31 ? 0 : i_type(kOpImm, 1, rd, rd, amount);
    }
    case 2:
      return rd == 0 ? 0 : i_type(kOpLoad, 2, rd, kSp, gather(h, kLwsp));
    case 3:
      return rd == 0 || xlen == 32 ? 0 : i_type(kOpLoad, 3, rd, kSp, gather(h, kLdsp));
    case 4:
      return jump_or_add(h);
    case 6:
      return s_type(2, kSp, rs2, gather(h, kSwsp));
    case 7:
      return xlen == 32 ? 0 : s_type(3, kSp, rs2, gather(h, kSdsp));
    default:
      return 0;
  }
}

}  // namespace

std::uint32_t expand(std::uint16_t half, unsigned xlen) {
  switch (half & 3U) {
    case 0:
      return quadrant0(half, xlen);
    case 1:
      return quadrant1(half, xlen);
    case 2:
      return quadrant2(half, xlen);
    default:
      return 0;
  }
}

}  // namespace aipu::cpu
