// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/attention_data.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hw/base/number_format.h"
#include "hw/base/rng.h"

namespace aipu::kernel {

double unit_roundoff(DType type) {
  switch (type) {
    case DType::kBf16:
      return 0x1p-8;
    case DType::kFp8E4m3:
      return 0x1p-4;
    case DType::kFp8E5m2:
      return 0x1p-3;
    default:
      return 0x1p-24;
  }
}

double smallest_step(DType type) {
  switch (type) {
    case DType::kFp8E4m3:
      return 0x1p-9;
    case DType::kFp8E5m2:
      return 0x1p-16;
    default:
      return 0;
  }
}

std::vector<std::uint8_t> random_numbers(DType type, std::uint64_t count, std::uint64_t seed,
                                         const char* path) {
  Rng rng(seed, path);
  constexpr double kSpread = 1.7320508;  // of a uniform distribution with variance one
  std::vector<std::uint8_t> bytes(count * size_of(type));
  for (std::uint64_t i = 0; i < count; ++i) {
    const double x = kSpread * (static_cast<double>(rng.next() >> 11U) * 0x1p-52 - 1);
    store_number(type, static_cast<float>(x), bytes.data() + i * size_of(type));
  }
  return bytes;
}

AttentionData::AttentionData(const AttentionShape& shape, std::uint64_t seed)
    : s_(shape), length_(shape.context) {
  const hc_flash_args_t& a = s_.args;
  q_ = random_numbers(s_.dtype(), std::uint64_t{a.rows} * a.q_heads * a.key_width, seed, "q");
  k_ = operand(a.kv_heads, s_.own_width(), "k", seed);
  if (!s_.latent) v_ = operand(a.kv_heads, a.value_width, "v", seed);
  if (a.shared_width != 0) shared_ = operand(1, a.shared_width, "shared", seed);
}

AttentionData::Operand AttentionData::operand(std::uint32_t heads, std::uint32_t width,
                                              const char* path, std::uint64_t seed) const {
  return {width, random_numbers(s_.kv_dtype(),
                                std::uint64_t{s_.sequences} * heads * length_ * width, seed, path)};
}

std::vector<std::uint8_t> AttentionData::image(const Operand& o, const hc_cache_t& cache,
                                               std::uint64_t size, std::uint32_t rank,
                                               const std::vector<std::uint32_t>& table) const {
  const hc_flash_args_t& a = s_.args;
  std::vector<std::uint8_t> out(size);
  const std::uint64_t row = std::uint64_t{o.width} * size_of(s_.kv_dtype());
  for (std::uint32_t sequence = 0; sequence < s_.sequences; ++sequence) {
    for (std::uint32_t p = 0; p < s_.positions; ++p) {
      const std::uint32_t position = rank * s_.positions + p;
      if (position >= length_) break;
      const std::uint64_t unit = a.page == 0 ? sequence : table[sequence * s_.pages() + p / a.page];
      const std::uint32_t within = a.page == 0 ? p : p % a.page;
      for (std::uint32_t head = 0; head < a.kv_heads; ++head) {
        const std::uint64_t from =
            (std::uint64_t{sequence * a.kv_heads + head} * length_ + position) * row;
        std::memcpy(out.data() + unit * cache.sequence + std::uint64_t{head} * cache.head +
                        std::uint64_t{within} * cache.position,
                    o.bytes.data() + from, row);
      }
    }
  }
  return out;
}

std::vector<std::uint8_t> AttentionData::keys(std::uint32_t rank,
                                              const std::vector<std::uint32_t>& table) const {
  return image(k_, s_.args.k, s_.k_bytes(), rank, table);
}
std::vector<std::uint8_t> AttentionData::values(std::uint32_t rank,
                                                const std::vector<std::uint32_t>& table) const {
  return image(v_, s_.args.v, s_.v_bytes(), rank, table);
}

std::vector<std::uint8_t> AttentionData::shared(std::uint32_t rank) const {
  const hc_flash_args_t& a = s_.args;
  std::vector<std::uint8_t> out(s_.shared_bytes());
  for (std::uint32_t sequence = 0; sequence < s_.sequences; ++sequence) {
    const std::uint32_t first = rank * s_.positions;
    const std::uint32_t count = std::min(s_.positions, length_ - std::min(length_, first));
    std::memcpy(
        out.data() + std::uint64_t{sequence} * a.shared_sequence,
        shared_.bytes.data() + (std::uint64_t{sequence} * length_ + first) * a.shared_position,
        std::uint64_t{count} * a.shared_position);
  }
  return out;
}

void AttentionData::load_key(std::uint32_t sequence, std::uint32_t head, std::uint32_t position,
                             float* to) const {
  const hc_flash_args_t& a = s_.args;
  const std::uint32_t e = size_of(s_.kv_dtype());
  const std::uint64_t at = std::uint64_t{sequence * a.kv_heads + head} * length_ + position;
  load_row(s_.kv_dtype(), k_.bytes.data() + at * k_.width * e, k_.width, to);
  if (a.shared_width == 0) return;
  const std::uint64_t common = std::uint64_t{sequence} * length_ + position;
  load_row(s_.kv_dtype(), shared_.bytes.data() + common * a.shared_width * e, a.shared_width,
           to + k_.width);
}

void AttentionData::load_value(std::uint32_t sequence, std::uint32_t head, std::uint32_t position,
                               float* to) const {
  const hc_flash_args_t& a = s_.args;
  const Operand& o = s_.latent ? k_ : v_;
  const std::uint64_t at = std::uint64_t{sequence * a.kv_heads + head} * length_ + position;
  load_row(s_.kv_dtype(), o.bytes.data() + at * o.width * size_of(s_.kv_dtype()), a.value_width,
           to);
}

double AttentionData::row_error(std::uint32_t sequence, std::uint32_t row, std::uint32_t head,
                                const std::uint8_t* result) const {
  const hc_flash_args_t& a = s_.args;
  const AttentionShape::Range range = s_.seen(sequence, row);
  const std::uint64_t at = std::uint64_t{sequence * a.rows_per_sequence + row} * a.q_heads + head;
  std::vector<float> q(a.key_width), key(a.key_width), value(a.value_width), got(a.value_width);
  load_row(s_.dtype(), q_.data() + at * a.key_width * size_of(s_.dtype()), a.key_width, q.data());
  load_row(s_.dtype(), result + at * a.value_width * size_of(s_.dtype()), a.value_width,
           got.data());
  const double scale = bits_float(a.scale);
  const std::uint32_t kv_head = head / s_.group();
  std::vector<double> score(range.last - range.first);
  double most = -HUGE_VAL, magnitude = 0;
  for (std::uint32_t p = range.first; p < range.last; ++p) {
    load_key(sequence, kv_head, p, key.data());
    double sum = 0, sizes = 0;
    for (std::uint32_t c = 0; c < a.key_width; ++c) {
      const double product = static_cast<double>(q[c]) * key[c];
      sum += product;
      sizes += std::abs(product);
    }
    score[p - range.first] = sum * scale;
    most = std::max(most, sum * scale);
    magnitude = std::max(magnitude, sizes * scale);
  }
  std::vector<double> out(a.value_width), sizes(a.value_width), values(a.value_width);
  double weights = 0;
  for (std::uint32_t p = range.first; p < range.last; ++p) {
    const double w = std::exp(score[p - range.first] - most);
    weights += w;
    load_value(sequence, kv_head, p, value.data());
    for (std::uint32_t c = 0; c < a.value_width; ++c) {
      out[c] += w * value[c];
      sizes[c] += w * std::abs(value[c]);
      values[c] += std::abs(value[c]);
    }
  }
  const double f32 = unit_roundoff(DType::kF32), u = unit_roundoff(s_.dtype());
  // Scores: a chain of key_width products; e^x of what is off by d is off by d. Sums: a chain of
  // as many terms as positions, each rescaled once a tile.
  const double of_scores = 2 * (a.key_width + 4) * f32 * magnitude + 8 * f32 * (most + magnitude);
  const double of_sums = 2.0 * (range.last - range.first + 8) * f32;
  double worst = 0;
  for (std::uint32_t c = 0; c < a.value_width; ++c) {
    const double exact = out[c] / weights;
    const double allowed = (u + of_scores + of_sums) * sizes[c] / weights + u * std::abs(exact) +
                           smallest_step(s_.dtype()) * (values[c] / weights + 1);
    const double error = std::abs(got[c] - exact) / allowed;
    worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
  }
  return worst;
}

double AttentionData::error(const std::vector<std::uint8_t>& result) const {
  double worst = 0;
  for (std::uint32_t sequence = 0; sequence < s_.sequences; ++sequence) {
    for (std::uint32_t row = 0; row < s_.args.rows_per_sequence; ++row) {
      for (std::uint32_t head = 0; head < s_.args.q_heads; ++head)
        worst = std::max(worst, row_error(sequence, row, head, result.data()));
    }
  }
  return worst;
}

}  // namespace aipu::kernel
