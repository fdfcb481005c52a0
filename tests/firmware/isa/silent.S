# SPDX-License-Identifier: Apache-2.0
# Fails test 5 by the low word of tohost alone, leaving a signature behind.
#include "check.inc"
program
  la t0, begin_signature
  li t1, 0x12345678
  sw t1, 0(t0)
  li t1, 0xabc
  sw t1, 4(t0)
  li a0, 11
  la t0, tohost
  sw a0, 0(t0)
2:
  j 2b
  finish
  .data
  .globl begin_signature, end_signature
  .align 4
begin_signature:
  .word 0, 0, 0xdeadbeef
end_signature:
