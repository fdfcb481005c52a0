# SPDX-License-Identifier: Apache-2.0
# Never ends.
#include "check.inc"
program
1:
  addi s0, s0, 1
  j 1b
  finish
