// SPDX-License-Identifier: Apache-2.0
#include "hw/vector/compute.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "hw/vector/rows.h"

namespace aipu::vector {
namespace {

/// dst = f(src0, src1), element by element.
template <typename Function>
void each_pair(const Operation& op, std::uint8_t* sram, Scratch& s, Function f) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    load_src1(op, sram, r, s.y.data());
    for (std::uint32_t i = 0; i < op.cols; ++i)
      s.x[i] = f(s.x[i], s.y[i]);
    store_dst(op, sram, r, s.x.data());
  }
}

void add(const Operation& op, std::uint8_t* sram, Scratch& s) {
  each_pair(op, sram, s, [](float x, float y) { return x + y; });
}

void multiply(const Operation& op, std::uint8_t* sram, Scratch& s) {
  each_pair(op, sram, s, [](float x, float y) { return x * y; });
}

void swiglu(const Operation& op, std::uint8_t* sram, Scratch& s) {
  each_pair(op, sram, s, [](float x, float y) { return x * (1.0F / (1.0F + std::exp(-x))) * y; });
}

void sum_planes(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.sum.data());
    for (std::uint32_t p = 1; p < op.planes; ++p) {
      load_src0(op, sram, r, p, s.x.data());
      for (std::uint32_t i = 0; i < op.cols; ++i)
        s.sum[i] += s.x[i];
    }
    if (op.add_src1) {
      load_src1(op, sram, r, s.x.data());
      for (std::uint32_t i = 0; i < op.cols; ++i)
        s.sum[i] += s.x[i];
    }
    store_dst(op, sram, r, s.sum.data());
  }
}

void convert(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    for (std::uint32_t i = 0; i < op.cols; ++i)
      s.x[i] *= op.imm0;
    store_dst(op, sram, r, s.x.data());
  }
}

void rmsnorm(const Operation& op, std::uint8_t* sram, Scratch& s) {
  load_src1(op, sram, 0, s.y.data());
  const auto count = static_cast<float>(op.cols);
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    const float* x = s.x.data();
    const float squares = sum_in_order(op.cols, [x](std::uint32_t i) { return x[i] * x[i]; });
    const float scale = 1.0F / std::sqrt(squares / count + op.imm0);
    for (std::uint32_t i = 0; i < op.cols; ++i)
      s.x[i] = s.x[i] * scale * s.y[i];
    store_dst(op, sram, r, s.x.data());
  }
}

void rope(const Operation& op, std::uint8_t* sram, Scratch& s) {
  const std::uint32_t half = op.cols / 2;
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    load_src1(op, sram, r / op.param0, s.y.data());
    for (std::uint32_t i = 0; i < half; ++i) {
      const float cosine = s.y[i];
      const float sine = s.y[i + half];
      const float low = s.x[i];
      const float high = s.x[i + half];
      s.x[i] = low * cosine - high * sine;
      s.x[i + half] = high * cosine + low * sine;
    }
    store_dst(op, sram, r, s.x.data());
  }
}

void argmax(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    Pair best{kNothing, 0};
    for (std::uint32_t i = 0; i < op.cols; ++i) {
      if (s.x[i] > best.value) best = {s.x[i], i};
    }
    best.index += op.param0;
    store_pair(sram, op.dst, r, best);
  }
}

void argmax_merge(const Operation& op, std::uint8_t* sram, Scratch&) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    Pair best = kNoPair;
    for (std::uint32_t p = 0; p < op.planes; ++p) {
      const Pair candidate = load_pair(sram, op.src0 + std::uint64_t{p} * op.plane_stride, r);
      if (before(candidate, best)) best = candidate;
    }
    store_pair(sram, op.dst, r, best);
  }
}

using Routine = void (*)(const Operation&, std::uint8_t*, Scratch&);
constexpr std::array<Routine, kOpcodeCount> kRoutines{
    nullptr,      add,          multiply,    sum_planes,     convert,      rmsnorm,
    rope,         softmax_step, softmax_end, merge_partials, swiglu,       argmax,
    argmax_merge, layernorm,    gelu,        softmax,        quantize,     dequantize,
    top_k,        top_k_merge,  gate,        gather,         weighted_sum, sample};

}  // namespace

Breach compute(const Operation& op, std::uint8_t* sram, Scratch& scratch) {
  if (const Breach breach = check_indices(op, sram)) return breach;
  const std::size_t width = std::max(op.cols, op.out_cols);
  for (std::vector<float>* row : {&scratch.x, &scratch.y, &scratch.sum}) {
    if (row->size() < width) row->resize(width);
  }
  kRoutines[static_cast<std::size_t>(op.opcode)](op, sram, scratch);
  return {};
}

Breach compute(const Operation& op, std::uint8_t* sram) {
  Scratch scratch;
  return compute(op, sram, scratch);
}

}  // namespace aipu::vector
