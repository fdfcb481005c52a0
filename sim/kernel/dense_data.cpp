// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/dense_data.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "hw/base/rng.h"

namespace aipu::kernel {
namespace {

constexpr double kF32Unit = 0x1p-24;  // of one rounding
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// FP8 E4M3: 1 sign, 4 exponent (bias 7), 3 fraction bits; exponent 0 is subnormal.
double e4m3(std::uint8_t code) {
  const int exponent = code >> 3U & 15, fraction = code & 7;
  const double size =
      exponent == 0 ? std::ldexp(fraction, -9) : std::ldexp(8 + fraction, exponent - 10);
  return (code & 0x80U) != 0 ? -size : size;
}

template <typename T>
T bits_of(const std::uint8_t* code) {
  T value;
  std::memcpy(&value, code, sizeof value);
  return value;
}

double bf16(std::uint16_t code) {
  const std::uint32_t bits = std::uint32_t{code} << 16U;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return double{value};
}

/// A code whose number is about 1 in size.
void random_code(DType type, std::uint64_t word, std::uint8_t* code) {
  const auto sign = static_cast<std::uint32_t>(word & 1U),
             rest = static_cast<std::uint32_t>(word >> 32U);
  switch (type) {
    case DType::kFp8E4m3:
      *code = static_cast<std::uint8_t>(sign << 7U | rest % 72U);  // up to 2^2, subnormals too
      return;
    case DType::kInt8:
      *code = static_cast<std::uint8_t>(rest % 256U);
      return;
    case DType::kBf16: {
      const auto half =
          static_cast<std::uint16_t>(sign << 15U | (0x3E80U + rest % 0x180U));  // 2^-2 .. 2
      std::memcpy(code, &half, sizeof half);
      return;
    }
    default: {
      const std::uint32_t bits = sign << 31U | (0x3E800000U + rest % 0x1800000U);
      std::memcpy(code, &bits, sizeof bits);
    }
  }
}

std::uint32_t blocks(std::uint32_t count, std::uint32_t unit) {
  return unit == 0 ? 1 : (count + unit - 1) / unit;
}

/// Everything in double with its scales: what remains is a product of matrices.
struct Scaled {
  std::vector<double> a, w;
};

Scaled scaled(const Product& p) {
  const workload::MatmulShape& s = p.shape;
  Scaled out;
  out.a.resize(p.a.codes.size() / size_of(s.dtype));
  out.w.resize(p.w.codes.size() / size_of(s.dtype));
  const auto k_block = [&](std::uint32_t k) { return s.scale_k == 0 ? 0 : k / s.scale_k; };
  for (std::uint32_t r = 0; r < p.a.rows; ++r) {
    for (std::uint32_t k = 0; k < s.k; ++k) {
      const double scale = s.scaled_a ? p.scale_a.at(s.one_row_of_scales ? 0 : r, k_block(k)) : 1;
      out.a[std::size_t{r} * s.k + k] = p.a.at(r, k) * scale;
    }
  }
  for (std::uint32_t k = 0; k < s.k; ++k) {
    for (std::uint32_t c = 0; c < p.w.cols; ++c) {
      const std::uint32_t column = s.scale_n == 0 ? 0 : c / s.scale_n;
      const double scale = s.scaled_b ? p.scale_b.at(k_block(k), column) : 1;
      out.w[std::size_t{k} * p.w.cols + c] = p.w.at(k, c) * scale;
    }
  }
  return out;
}

/// A row of the product, and of the product of absolute values.
void multiply_row(const Scaled& x, std::uint32_t row, std::uint32_t terms, std::uint32_t cols,
                  std::vector<double>& sums, std::vector<double>& sizes) {
  sums.assign(cols, 0);
  sizes.assign(cols, 0);
  for (std::uint32_t k = 0; k < terms; ++k) {
    const double a = x.a[std::size_t{row} * terms + k];
    const double* w = x.w.data() + std::size_t{k} * cols;
    for (std::uint32_t c = 0; c < cols; ++c) {
      sums[c] += a * w[c];
      sizes[c] += std::fabs(a * w[c]);
    }
  }
}

/// What one conversion to the output format may be off, and where it saturates.
struct Format {
  double unit, least, lowest, most;  ///< relative, absolute; range
};
Format format_of(DType type) {
  switch (type) {
    case DType::kBf16:
      return {0x1p-8, 0x1p-133, -kInfinity, kInfinity};
    case DType::kFp8E4m3:
      return {0x1p-4, 0x1p-10, -448, 448};
    case DType::kInt8:
      return {0, 0.5, -128, 127};
    case DType::kInt32:
      return {0, 0.5, -2147483648.0, 2147483647.0};
    default:
      return {kF32Unit, 0x1p-149, -kInfinity, kInfinity};
  }
}

struct Value {
  double is, allowed;
};

Value swiglu(Value gate, Value up) {
  const double sigmoid = 1 / (1 + std::exp(-gate.is));
  const double silu = gate.is * sigmoid;
  constexpr double kSteepest = 1.1;  // of silu
  constexpr double kRoundings = 16;
  const double of_silu = kSteepest * gate.allowed;
  const double is = silu * up.is;
  return {is, of_silu * (std::fabs(up.is) + up.allowed) + std::fabs(silu) * up.allowed +
                  kRoundings * kF32Unit * std::fabs(is)};
}

}  // namespace

double number_of(DType type, const std::uint8_t* code) {
  switch (type) {
    case DType::kFp8E4m3:
      return e4m3(*code);
    case DType::kInt8:
      return static_cast<std::int8_t>(*code);
    case DType::kInt32:
      return bits_of<std::int32_t>(code);
    case DType::kBf16:
      return bf16(bits_of<std::uint16_t>(code));
    default:
      return double{bits_of<float>(code)};
  }
}

Matrix random_matrix(std::uint32_t rows, std::uint32_t cols, DType type, const std::string& path) {
  Matrix m{rows, cols, type, {}};
  const std::uint32_t size = size_of(type);
  m.codes.resize(std::size_t{rows} * cols * size);
  Rng rng(1, path);
  for (std::size_t at = 0; at < m.codes.size(); at += size)
    random_code(type, rng.next(), m.codes.data() + at);
  return m;
}

Matrix random_scales(std::uint32_t rows, std::uint32_t cols, const std::string& path) {
  Matrix m{rows, cols, DType::kF32, {}};
  m.codes.resize(std::size_t{rows} * cols * sizeof(float));
  Rng rng(1, path);
  for (std::size_t at = 0; at < m.codes.size(); at += sizeof(float)) {
    const auto bits = static_cast<std::uint32_t>(0x3C000000U + rng.next() % 0x1000000U);
    std::memcpy(m.codes.data() + at, &bits, sizeof bits);
  }
  return m;
}

Product random_product(const workload::MatmulShape& shape, const std::string& path) {
  Product p;
  p.shape = shape;
  const std::uint32_t columns = shape.cols * (shape.pairs ? 2 : 1);
  const std::uint32_t k_blocks = blocks(shape.k, shape.scale_k);
  p.a = random_matrix(shape.rows, shape.k, shape.dtype, path + ".a");
  p.w = random_matrix(shape.k, columns, shape.dtype, path + ".w");
  if (shape.scaled_a)
    p.scale_a = random_scales(shape.one_row_of_scales ? 1 : shape.rows, k_blocks, path + ".sa");
  if (shape.scaled_b)
    p.scale_b = random_scales(k_blocks, blocks(columns, shape.scale_n), path + ".sb");
  return p;
}

std::vector<std::uint8_t> packed(const Product& p, const workload::MatmulTiling& t) {
  const workload::MatmulShape& s = p.shape;
  std::vector<std::uint8_t> out(t.group_bytes());
  const std::size_t size = size_of(s.dtype);
  for_each_packed_tile(t, [&](const workload::PackedTile& tile) {
    const std::uint32_t columns = tile.columns * t.width();
    // Columns of the tile in W: those of the gate, then those of up.
    const auto column_of = [&](std::uint32_t c) {
      return c < tile.columns ? tile.column + c : s.cols + tile.column + c - tile.columns;
    };
    std::uint8_t* scales = out.data() + tile.offset;
    std::uint8_t* weights = scales + t.scale_bytes(columns, tile.terms);
    if (s.scaled_b) {
      const std::uint32_t along = t.n_scales(columns);
      for (std::uint32_t kb = 0; kb < t.k_scales(tile.terms); ++kb) {
        for (std::uint32_t nb = 0; nb < along; ++nb) {
          const std::uint32_t from_k = s.scale_k == 0 ? 0 : tile.k / s.scale_k + kb;
          const std::uint32_t from_n = s.scale_n == 0 ? 0 : column_of(nb * s.scale_n) / s.scale_n;
          std::memcpy(scales + (std::size_t{kb} * along + nb) * sizeof(float),
                      p.scale_b.codes.data() +
                          (std::size_t{from_k} * p.scale_b.cols + from_n) * sizeof(float),
                      sizeof(float));
        }
      }
    }
    for (std::uint32_t k = 0; k < tile.terms; ++k) {
      for (std::uint32_t c = 0; c < columns; ++c) {
        std::memcpy(weights + (std::size_t{k} * columns + c) * size,
                    p.w.codes.data() + (std::size_t{tile.k + k} * p.w.cols + column_of(c)) * size,
                    size);
      }
    }
  });
  return out;
}

double error_of(const Product& p, const std::vector<std::uint8_t>& result, std::uint64_t stride) {
  const workload::MatmulShape& s = p.shape;
  const Scaled x = scaled(p);
  const bool exact = s.dtype == DType::kInt8 && !s.scaled_a && !s.scaled_b;
  const double roundings = exact ? 0 : s.k + 2.0 * blocks(s.k, s.scale_k) + 4;
  const Format format = format_of(s.out);
  std::vector<double> sums, sizes;
  double worst = 0;
  for (std::uint32_t r = 0; r < s.rows; ++r) {
    multiply_row(x, r, s.k, p.w.cols, sums, sizes);
    const auto value = [&](std::uint32_t c) {
      return Value{sums[c], roundings * kF32Unit * sizes[c]};
    };
    for (std::uint32_t c = 0; c < s.cols; ++c) {
      const Value v = s.pairs ? swiglu(value(c), value(s.cols + c)) : value(c);
      const double wanted = v.is * double{s.out_scale};
      const double clipped = std::clamp(wanted, format.lowest, format.most);
      double allowed =
          (v.allowed + 2 * kF32Unit * std::fabs(v.is)) * std::fabs(double{s.out_scale});
      allowed += format.unit * (std::fabs(clipped) + allowed) + format.least;
      const double got =
          number_of(s.out, result.data() + r * stride + std::size_t{c} * size_of(s.out));
      const double off = std::fabs(got - clipped) / allowed;
      worst = std::isnan(off) ? kInfinity : std::max(worst, off);
    }
  }
  return worst;
}

}  // namespace aipu::kernel
