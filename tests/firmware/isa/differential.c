/* SPDX-License-Identifier: Apache-2.0 */
#include "workload.h"

int main(void) {
  workload_all();
  return 0;
}
