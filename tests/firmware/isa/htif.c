/* SPDX-License-Identifier: Apache-2.0 */
/* System calls by way of tohost: a pointer to number and arguments, answered in fromhost. */
#include <stdint.h>

extern volatile uint64_t tohost;
extern volatile uint64_t fromhost;

enum { kWrite = 64, kExit = 93, kNone = 5000 };

static uint64_t system_call(uint64_t number, uint64_t a, uintptr_t b, uint64_t c) {
  static volatile uint64_t block[8] __attribute__((aligned(64)));
  block[0] = number;
  block[1] = a;
  block[2] = b;
  block[3] = c;
  __sync_synchronize();
  tohost = (uintptr_t)block;
  while (fromhost == 0) {
  }
  fromhost = 0;
  __sync_synchronize();
  return block[0];
}

int main(void) {
  static const char text[] = "from the other side\n";
  if (system_call(kWrite, 1, (uintptr_t)text, sizeof text - 1) != sizeof text - 1) return 1;
  if (system_call(kWrite, 7, (uintptr_t)text, 1) != (uint64_t)-9) return 2;
  if (system_call(kWrite, 1, 0x10, 1) != (uint64_t)-14) return 3;
  if (system_call(kNone, 0, 0, 0) != (uint64_t)-38) return 4;
  system_call(kExit, 0, 0, 0);
  return 6;
}
