// SPDX-License-Identifier: Apache-2.0
#include "hw/vector/shape.h"

#include <array>
#include <cmath>

#include "hw/base/number_format.h"
#include "regs/abi.h"
#include "regs/vector.h"

namespace aipu::vector {
namespace {

namespace abi = regs::abi;
namespace reg = regs::vector;

Breach within(std::uint32_t value, std::uint32_t low, std::uint32_t high) {
  if (value < low || value > high) return {abi::kRuleBadSize, value};
  return {};
}
Breach first_of(const Breach& one, const Breach& other) {
  return one ? one : other;
}

Breach rope_sizes(const Operation& op) {
  if (op.cols % 2 != 0) return {abi::kRuleBadSize, op.cols};
  return within(op.param0, 1, ~0U);
}
Breach softmax_step_sizes(const Operation& op) {
  return within(op.param1, 1, ~0U);
}
Breach gelu_sizes(const Operation& op) {
  return within(op.param0, kGeluErf, kGeluTanh);
}
/// The largest number of the format, by which a scale is divided.
Breach quantize_sizes(const Operation& op) {
  if (std::isfinite(op.imm0) && op.imm0 > 0.0F) return {};
  return {abi::kRuleBadSize, float_bits(op.imm0)};
}
Breach list_sizes(const Operation& op) {
  return within(op.param0, 1, kMaxResults);
}
Breach picked_sizes(const Operation& op) {
  return within(op.param0, 1, kMaxPickedFrom);
}

Breach gate_sizes(const Operation& op) {
  constexpr std::uint32_t kKnownBits = (1U << (reg::kParam1GateNormalizeShift + 1U)) - 1U;
  if ((op.param1 & ~kKnownBits) != 0) return {abi::kRuleBadSize, op.param1};
  const GateMode mode = op.gate();
  const Breach groups = op.cols % mode.groups == 0 ? within(mode.kept, 1, mode.groups)
                                                   : Breach{abi::kRuleBadSize, mode.groups};
  const std::uint32_t candidates = op.cols / mode.groups * mode.kept;
  return first_of(first_of(groups, list_sizes(op)), within(op.param0, 1, candidates));
}

constexpr Shape matrix(Src1 src1, Breach (*sizes)(const Operation&) = nullptr,
                       State state = State::kNone, Out out = Out::kNone) {
  return {Src0::kMatrix, src1, state, out, Dst::kMatrix, Planes::kOne, sizes};
}
constexpr Shape planes(Src1 src1, State state) {
  return {Src0::kPlanes, src1, state, Out::kNone, Dst::kMatrix, Planes::kParam0, nullptr};
}
constexpr Shape chosen(Src0 src0, Src1 src1, Dst dst, Planes count,
                       Breach (*sizes)(const Operation&)) {
  return {src0, src1, State::kNone, Out::kNone, dst, count, sizes};
}
constexpr Shape picked(Src1 src1, Planes count) {
  return {Src0::kPicked, src1, State::kNone, Out::kNone, Dst::kMatrix, count, picked_sizes};
}

constexpr std::array<Shape, kOpcodeCount> kShapes{{
    {},
    matrix(Src1::kMatrix),                                                          // add
    matrix(Src1::kMatrix),                                                          // mul
    planes(Src1::kIfFlagged, State::kNone),                                         // sum_planes
    matrix(Src1::kNone),                                                            // convert
    matrix(Src1::kOneRow),                                                          // rmsnorm
    matrix(Src1::kTable, rope_sizes),                                               // rope
    matrix(Src1::kNone, softmax_step_sizes, State::kReadWrite, Out::kAccumulator),  // softmax_step
    matrix(Src1::kNone, nullptr, State::kRead),                                     // softmax_end
    planes(Src1::kNone, State::kReadPlanes),                                 // merge_partials
    matrix(Src1::kMatrix),                                                   // swiglu
    chosen(Src0::kMatrix, Src1::kNone, Dst::kPairs, Planes::kOne, nullptr),  // argmax
    chosen(Src0::kPairPlanes, Src1::kNone, Dst::kPairs, Planes::kParam0, nullptr),  // argmax_merge
    matrix(Src1::kRowAndBias),                                                      // layernorm
    matrix(Src1::kNone, gelu_sizes),                                                // gelu
    matrix(Src1::kNone),                                                            // softmax
    matrix(Src1::kNone, quantize_sizes, State::kNone, Out::kScales),                // quantize
    matrix(Src1::kScales),                                                          // dequantize
    chosen(Src0::kMatrix, Src1::kNone, Dst::kLists, Planes::kOne, list_sizes),      // top_k
    chosen(Src0::kListPlanes, Src1::kNone, Dst::kLists, Planes::kParam1,
           list_sizes),  // top_k_merge
    chosen(Src0::kMatrix, Src1::kRowIfFlagged, Dst::kLists, Planes::kOne, gate_sizes),  // gate
    picked(Src1::kIndices, Planes::kOne),                                               // gather
    picked(Src1::kIndexPairs, Planes::kParam1),                             // weighted_sum
    chosen(Src0::kList, Src1::kPairs, Dst::kPairs, Planes::kOne, nullptr),  // sample
}};

}  // namespace

const Shape& shape_of(Opcode opcode) {
  return kShapes[static_cast<std::size_t>(opcode)];
}

GateMode Operation::gate() const {
  const auto field = [this](std::uint32_t shift, std::uint32_t width) {
    return (param1 >> shift) & ((1U << width) - 1U);
  };
  GateMode mode;
  const std::uint32_t groups = field(reg::kParam1GateGroupsShift, reg::kParam1GateGroupsWidth);
  if (groups > 1) {
    mode.groups = groups;
    mode.kept = field(reg::kParam1GateKeptShift, reg::kParam1GateKeptWidth);
  }
  mode.sigmoid = field(reg::kParam1GateSigmoidShift, 1) != 0;
  mode.normalize = field(reg::kParam1GateNormalizeShift, 1) != 0;
  return mode;
}

}  // namespace aipu::vector
