/* SPDX-License-Identifier: Apache-2.0
 * C side of start and trap: main's result is the exit code; a trap prints a crash record, exits 1.
 */
#include <stdio.h>

#include "firmware/hal/control.h"

int main(void);
void start_c(void);
void trap_c(uint32_t cause, uint32_t pc, uint32_t value);

static int console_put(char c, FILE* stream) {
  (void)stream;
  hc_putc(c);
  return (unsigned char)c;
}
static FILE console = FDEV_SETUP_STREAM(console_put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stdout = &console;

static void end(uint32_t code) {
  hc_exit(code);
  for (;;)
    __asm__ volatile("wfi");
}

void start_c(void) {
  end((uint32_t)main());
}

void trap_c(uint32_t cause, uint32_t pc, uint32_t value) {
  const uint32_t fault = hc_control_read(HC_CONTROL_FAULT_STATUS);
  printf("trap: mcause %#lx, mepc %#lx, mtval %#lx", (unsigned long)cause, (unsigned long)pc,
         (unsigned long)value);
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
