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
/* A point in time, or a region from begin to end: in the trace, the profile report and (points) on
 * the console, under a number of the program's choice below 2^30. One store each; regions nest and
 * may overlap. HC_MARKER(7, "exchange"); at file scope gives number 7 a name, in a section of the
 * ELF file that is not loaded. */
static inline void hc_mark(uint32_t number) {
  hc_control_write(HC_CONTROL_MARK, number);
}
static inline void hc_region_begin(uint32_t number) {
  hc_control_write(HC_CONTROL_MARK, number | 1u << HC_CONTROL_MARK_KIND_SHIFT);
}
static inline void hc_region_end(uint32_t number) {
  hc_control_write(HC_CONTROL_MARK, number | 2u << HC_CONTROL_MARK_KIND_SHIFT);
}
#ifdef HC_HOST_HAL
#define HC_MARKER(number, name) _Static_assert((number) < 1u << 30, "marker numbers have 30 bits")
#else
#define HC_MARKER(number, name)                                       \
  _Static_assert((number) < 1u << 30, "marker numbers have 30 bits"); \
  __asm__(".pushsection .hc_markers,\"\",@progbits\n"    \
          ".4byte " HC_MARKER_TEXT(number) "\n"           \
          ".asciz \"" name "\"\n.popsection")
#define HC_MARKER_TEXT(number) HC_MARKER_TEXT_(number)
#define HC_MARKER_TEXT_(number) #number
#endif
static inline void hc_exit(uint32_t code) {
  hc_control_write(HC_CONTROL_EXIT, code);
}
static inline void hc_putc(char c) {
  hc_control_write(HC_CONTROL_CONSOLE, (uint8_t)c);
}

#endif
