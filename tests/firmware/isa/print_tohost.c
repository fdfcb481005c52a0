/* SPDX-License-Identifier: Apache-2.0 */
#include "workload.h"

extern volatile uint64_t tohost;

void print_char(char c) {
  tohost = (uint64_t)0x0101 << 48 | (uint8_t)c;
}
