/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers without state: a hash of what is drawn for. The same seed, position and row give
 * the same number on every core of every machine. C11 and C++17. */
#ifndef FIRMWARE_RT_RANDOM_H
#define FIRMWARE_RT_RANDOM_H

#include <stdint.h>

/* The finaliser of MurmurHash3 (A. Appleby, public domain): every bit of x reaches every bit. */
static inline uint32_t rt_mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

/* 32 bits for a row of a step: h = mix((h ^ word) + 0x9e3779b9) over the low and the high word of
 * the seed, position and row, from h = 0. */
static inline uint32_t rt_random(uint32_t seed_low, uint32_t seed_high, uint32_t position,
                                 uint32_t row) {
  const uint32_t words[4] = {seed_low, seed_high, position, row};
  uint32_t h = 0;
  for (uint32_t i = 0; i < 4u; ++i)
    h = rt_mix((h ^ words[i]) + 0x9e3779b9u);
  return h;
}

/* F32 bits of a number of [1, 2), all 2^23 equally likely: what the vector engine's `sample` takes.
 */
static inline uint32_t rt_uniform_bits(uint32_t random) {
  return 0x3f800000u | random >> 9;
}

#endif
