/* SPDX-License-Identifier: Apache-2.0
 * C side of start and trap: main's result is the exit code; a trap prints a crash record, exits 1.
 */
#include "firmware/boot/start.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "firmware/hal/assert.h"
#include "firmware/hal/control.h"

enum { CAUSE_BREAKPOINT = 3, CAUSE_LOAD_FAULT = 5, CAUSE_STORE_FAULT = 7 };

/* What trap_entry (crt0.S) hands over; `argument` is a0. */
void trap_c(uint32_t cause, uint32_t pc, uint32_t value, uint32_t ra, uint32_t sp,
            uint32_t argument);
int main(void);
void start_c(uint32_t cores, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3, uint32_t w4,
             uint32_t w5, uint32_t w6);

/* Of the linker script. */
extern const char __stack_bottom[], __stack_top[];
extern const hc_assertion_t __hc_assertions_start[], __hc_assertions_end[];

static bool line_open;

static int console_put(char c, FILE* stream) {
  (void)stream;
  line_open = c != '\n';
  hc_putc(c);
  return (unsigned char)c;
}
static FILE console = FDEV_SETUP_STREAM(console_put, NULL, NULL, _FDEV_SETUP_WRITE);
/* Weak: a C library's own streams (semihosting) take its place where a program asks for them. */
__attribute__((weak)) FILE* const stdout = &console;

static struct { uint32_t cores, word[HC_ARGUMENTS]; } given;

uint32_t hc_cores(void) {
  return given.cores != 0 ? given.cores : hc_control_read(HC_CONTROL_CORE_COUNT);
}

uint32_t hc_argument(uint32_t n) {
  return n < HC_ARGUMENTS ? given.word[n] : 0;
}

static void __attribute__((noreturn)) end(uint32_t code) {
  hc_exit(code);
  for (;;)
    __asm__ volatile("wfi");
}

/* Registers a0..a7 as the host left them: all zero where it has nothing to say. */
void start_c(uint32_t cores, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3, uint32_t w4,
             uint32_t w5, uint32_t w6) {
  const uint32_t words[HC_ARGUMENTS] = {w0, w1, w2, w3, w4, w5, w6};
  given.cores = cores;
  for (uint32_t i = 0; i < HC_ARGUMENTS; ++i)
    given.word[i] = words[i];
  end((uint32_t)main());
}

/* The assertion that an ebreak with this a0 stands for, or null. */
static const hc_assertion_t* assertion_at(uint32_t cause, uint32_t argument) {
  const hc_assertion_t* const failed = (const hc_assertion_t*)argument;
  const bool among = failed >= __hc_assertions_start && failed < __hc_assertions_end;
  return cause == CAUSE_BREAKPOINT && among ? failed : NULL;
}

static bool stack_overflowed(uint32_t cause, uint32_t sp) {
  return (cause == CAUSE_LOAD_FAULT || cause == CAUSE_STORE_FAULT) && sp < (uint32_t)__stack_bottom;
}

void trap_c(uint32_t cause, uint32_t pc, uint32_t value, uint32_t ra, uint32_t sp,
            uint32_t argument) {
  static bool trapped;
  if (trapped) end(1); /* in the report itself */
  trapped = true;
  if (line_open) fprintf(&console, "\n");
  const hc_assertion_t* const failed = assertion_at(cause, argument);
  if (failed != NULL) {
    fprintf(&console, "assertion failed: %s, %s:%lu in %s()\n", failed->expression, failed->file,
            (unsigned long)failed->line, failed->function);
  }
  if (stack_overflowed(cause, sp)) {
    fprintf(&console, "stack overflow: sp %#lx is %lu bytes below the stack of %lu bytes\n",
            (unsigned long)sp, (unsigned long)((uint32_t)__stack_bottom - sp),
            (unsigned long)(__stack_top - __stack_bottom));
  }
  fprintf(&console, "trap: mcause %#lx, mepc %#lx, mtval %#lx, ra %#lx, sp %#lx",
          (unsigned long)cause, (unsigned long)pc, (unsigned long)value, (unsigned long)ra,
          (unsigned long)sp);
  const uint32_t fault = hc_control_read(HC_CONTROL_FAULT_STATUS);
  if (fault != 0) {
    fprintf(&console, ", fault rule %lu queue %lu address %#lx%08lx command at pc %#lx",
            (unsigned long)(fault & 0xffu), (unsigned long)(fault >> 8 & 0xfu),
            (unsigned long)hc_control_read(HC_CONTROL_FAULT_ADDR_HI),
            (unsigned long)hc_control_read(HC_CONTROL_FAULT_ADDR_LO),
            (unsigned long)hc_control_read(HC_CONTROL_FAULT_PC));
  }
  fprintf(&console, "\n");
  end(1);
}
