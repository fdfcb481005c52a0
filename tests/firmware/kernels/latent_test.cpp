// SPDX-License-Identifier: Apache-2.0
// Why mla_decode and mla_prefill are the same attention: absorbing the up-projections into queries
// and results changes nothing but the order of sums. On the host, in double precision.
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

#include "hw/base/rng.h"

namespace aipu::test {
namespace {

using Numbers = std::vector<double>;

constexpr std::uint32_t kHeads = 3, kLatent = 40, kRope = 8, kNope = 16, kValue = 12, kContext = 29;

Numbers random_numbers(std::size_t count, const char* path) {
  Rng rng(5, path);
  Numbers out(count);
  for (double& x : out)
    x = static_cast<double>(rng.next() >> 11U) * 0x1p-52 - 1;
  return out;
}

/// softmax(q . k) . v over kContext rows of the given widths.
Numbers attend(const Numbers& q, const Numbers& k, const Numbers& v, std::uint32_t value_width) {
  const std::size_t width = q.size();
  Numbers weights(kContext), out(value_width);
  double sum = 0;
  for (std::uint32_t p = 0; p < kContext; ++p) {
    double score = 0;
    for (std::size_t c = 0; c < width; ++c)
      score += q[c] * k[p * width + c];
    sum += weights[p] = std::exp(score);
  }
  const std::size_t pitch = v.size() / kContext;
  for (std::uint32_t p = 0; p < kContext; ++p) {
    for (std::uint32_t c = 0; c < value_width; ++c)
      out[c] += weights[p] / sum * v[p * pitch + c];
  }
  return out;
}

TEST(LatentAttention, AbsorbedAndNotAbsorbedAreTheSame) {
  // Cache rows: latent, then the rotated columns that all heads share.
  const Numbers rows = random_numbers(std::size_t{kContext} * (kLatent + kRope), "rows");
  for (std::uint32_t head = 0; head < kHeads; ++head) {
    const std::string tag = std::to_string(head);
    const Numbers q = random_numbers(kNope + kRope, ("q" + tag).c_str());
    const Numbers up_k = random_numbers(std::size_t{kNope} * kLatent, ("k" + tag).c_str());
    const Numbers up_v = random_numbers(std::size_t{kLatent} * kValue, ("v" + tag).c_str());

    // As prefill: keys of 128 own and 64 shared columns, values by the up-projection.
    Numbers keys, values;
    for (std::uint32_t p = 0; p < kContext; ++p) {
      const double* row = rows.data() + std::size_t{p} * (kLatent + kRope);
      for (std::uint32_t n = 0; n < kNope; ++n) {
        double x = 0;
        for (std::uint32_t c = 0; c < kLatent; ++c)
          x += up_k[n * kLatent + c] * row[c];
        keys.push_back(x);
      }
      keys.insert(keys.end(), row + kLatent, row + kLatent + kRope);
      for (std::uint32_t n = 0; n < kValue; ++n) {
        double x = 0;
        for (std::uint32_t c = 0; c < kLatent; ++c)
          x += row[c] * up_v[c * kValue + n];
        values.push_back(x);
      }
    }
    const Numbers plain = attend(q, keys, values, kValue);

    // As decode: the query goes into the latent space, the result comes out of it (kernel heads).
    Numbers absorbed(kLatent + kRope);
    for (std::uint32_t c = 0; c < kLatent; ++c) {
      for (std::uint32_t n = 0; n < kNope; ++n)
        absorbed[c] += q[n] * up_k[n * kLatent + c];
    }
    std::copy(q.begin() + kNope, q.end(), absorbed.begin() + kLatent);
    const Numbers latent = attend(absorbed, rows, rows, kLatent);
    for (std::uint32_t n = 0; n < kValue; ++n) {
      double x = 0;
      for (std::uint32_t c = 0; c < kLatent; ++c)
        x += latent[c] * up_v[c * kValue + n];
      EXPECT_NEAR(x, plain[n], 1e-12 * kLatent) << "head " << head << " column " << n;
    }
  }
}

}  // namespace
}  // namespace aipu::test
