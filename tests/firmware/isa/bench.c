/* SPDX-License-Identifier: Apache-2.0 */
#include "workload.h"

void print_char(char c) {
  (void)c;
}

int main(void) {
  return workload_bench(2000) == 0;
}
