/* SPDX-License-Identifier: Apache-2.0
 * Assertions: what must hold, or the hart ends with code 1 and says file, line, expression and
 * function. One compare and a branch where it holds. With NDEBUG defined nothing is evaluated. */
#ifndef FIRMWARE_HAL_ASSERT_H
#define FIRMWARE_HAL_ASSERT_H

#include <stdint.h>

/* One assertion, in a section of its own so that boot/start.c can tell it from other pointers. */
typedef struct {
  const char *expression, *file, *function;
  uint32_t line;
} hc_assertion_t;

#if defined(NDEBUG)
#define hc_assert(condition) ((void)sizeof((condition) ? 1 : 0))
#elif defined(HC_HOST_HAL)
#include <assert.h>
#define hc_assert(condition) assert(condition)
#else
#define hc_assert(condition)                                                                  \
  do {                                                                                        \
    static const hc_assertion_t hc_assertion_                                                 \
        __attribute__((section(".hc_assertions"), used, aligned(4))) = {#condition, __FILE__, \
                                                                        __func__, __LINE__};  \
    if (__builtin_expect(!(condition), 0)) hc_assert_failed(&hc_assertion_);                  \
  } while (0)

/* A trap, so that pc, registers and the last branches are those of the assertion. */
static inline __attribute__((noreturn)) void hc_assert_failed(const hc_assertion_t* assertion) {
  register const hc_assertion_t* a0 __asm__("a0") = assertion;
  __asm__ volatile("ebreak" ::"r"(a0) : "memory");
  __builtin_unreachable();
}
#endif

#endif
