/* SPDX-License-Identifier: Apache-2.0
 *
 * memset and memcpy by words: the compiler calls them to clear and copy command structures, and
 * picolibc's go byte by byte, 500 cycles for one vector command. */
#include <stddef.h>
#include <stdint.h>

/* Words may alias whatever the caller's objects are. */
typedef uint32_t __attribute__((may_alias)) word_t;

static int aligned(const void* address) {
  return ((uintptr_t)address & 3u) == 0;
}

void* memset(void* to, int value, size_t count) {
  uint8_t* byte = to;
  if (aligned(to)) {
    const uint32_t pattern = (uint8_t)value * 0x01010101u;
    word_t* word = to;
    for (; count >= 16u; count -= 16u, word += 4) {
      word[0] = pattern;
      word[1] = pattern;
      word[2] = pattern;
      word[3] = pattern;
    }
    for (; count >= 4u; count -= 4u)
      *word++ = pattern;
    byte = (uint8_t*)word;
  }
  while (count-- != 0)
    *byte++ = (uint8_t)value;
  return to;
}

void* memcpy(void* restrict to, const void* restrict from, size_t count) {
  uint8_t* byte = to;
  const uint8_t* source = from;
  if (aligned(to) && aligned(from)) {
    word_t* word = to;
    const word_t* next = from;
    for (; count >= 16u; count -= 16u, word += 4, next += 4) {
      const uint32_t a = next[0], b = next[1], c = next[2], d = next[3];
      word[0] = a;
      word[1] = b;
      word[2] = c;
      word[3] = d;
    }
    for (; count >= 4u; count -= 4u)
      *word++ = *next++;
    byte = (uint8_t*)word;
    source = (const uint8_t*)next;
  }
  while (count-- != 0)
    *byte++ = *source++;
  return to;
}
