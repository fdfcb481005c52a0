/* SPDX-License-Identifier: Apache-2.0
 * Identity, console, host mailbox and exit (hw/regs/control.yaml). */
#ifndef FIRMWARE_HAL_CONTROL_H
#define FIRMWARE_HAL_CONTROL_H

#include <stdint.h>

#include "regs/control.h"
#include "regs/core.h"

#ifdef HC_HOST_HAL
uint32_t hc_control_read(uint32_t offset);
void hc_control_write(uint32_t offset, uint32_t value);
#else
static inline uint32_t hc_control_read(uint32_t offset) {
  return *(volatile uint32_t*)(HC_CORE_CONTROL_BASE + offset);
}
static inline void hc_control_write(uint32_t offset, uint32_t value) {
  *(volatile uint32_t*)(HC_CORE_CONTROL_BASE + offset) = value;
}
#endif

static inline void hc_mail(uint32_t word) {
  hc_control_write(HC_CONTROL_MAIL, word);
}
static inline void hc_exit(uint32_t code) {
  hc_control_write(HC_CONTROL_EXIT, code);
}
static inline void hc_putc(char c) {
  hc_control_write(HC_CONTROL_CONSOLE, (uint8_t)c);
}

#endif
