/* SPDX-License-Identifier: Apache-2.0
 * C side of start and trap: main's result is the exit code; a trap prints a crash record, exits 1.
 */
#include <stdbool.h>
#include <stdio.h>

#include "firmware/hal/assert.h"
#include "firmware/hal/control.h"

enum { CAUSE_BREAKPOINT = 3, CAUSE_LOAD_FAULT = 5, CAUSE_STORE_FAULT = 7 };

/* What trap_entry (crt0.S) hands over; `argument` is a0. */
void trap_c(uint32_t cause, uint32_t pc, uint32_t value, uint32_t ra, uint32_t sp,
            uint32_t argument);
int main(void);
void start_c(void);

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
FILE* const stdout = &console;

static void __attribute__((noreturn)) end(uint32_t code) {
  hc_exit(code);
  for (;;)
    __asm__ volatile("wfi");
}

void start_c(void) {
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
  if (line_open) printf("\n");
  const hc_assertion_t* const failed = assertion_at(cause, argument);
  if (failed != NULL) {
    printf("assertion failed: %s, %s:%lu in %s()\n", failed->expression, failed->file,
           (unsigned long)failed->line, failed->function);
  }
  if (stack_overflowed(cause, sp)) {
    printf("stack overflow: sp %#lx is %lu bytes below the stack of %lu bytes\n", (unsigned long)sp,
           (unsigned long)((uint32_t)__stack_bottom - sp),
           (unsigned long)(__stack_top - __stack_bottom));
  }
  printf("trap: mcause %#lx, mepc %#lx, mtval %#lx, ra %#lx, sp %#lx", (unsigned long)cause,
         (unsigned long)pc, (unsigned long)value, (unsigned long)ra, (unsigned long)sp);
  const uint32_t fault = hc_control_read(HC_CONTROL_FAULT_STATUS);
  if (fault != 0) {
    printf(", fault rule %lu queue %lu address %#lx%08lx command at pc %#lx",
           (unsigned long)(fault & 0xffu), (unsigned long)(fault >> 8 & 0xfu),
           (unsigned long)hc_control_read(HC_CONTROL_FAULT_ADDR_HI),
           (unsigned long)hc_control_read(HC_CONTROL_FAULT_ADDR_LO),
           (unsigned long)hc_control_read(HC_CONTROL_FAULT_PC));
  }
  printf("\n");
  end(1);
}
