# SPDX-License-Identifier: Apache-2.0
# The furthest target of every kind of jump, both ways.
#include "check.inc"
  # ends NUMBER BACK FORWARD CODE: CODE, with its target as the last argument, goes to the furthest
  # place behind and before it.
  .macro ends number, back, forward, code:vararg
  li a0, \number
  li s1, 0
  la t5, \number\()70f
  jr t5
  .balign 4
\number\()50:                # the target behind
  addi s1, s1, 1
  la t5, \number\()80f
  jr t5
  .space \back - (. - \number\()50b)
\number\()70:
  \code \number\()50b
  la t5, fail
  jr t5
  .balign 4
\number\()80:
  \code \number\()90f
  la t5, fail
  jr t5
  .space \forward - (. - \number\()80b)
\number\()90:
  check \number, s1, 1
  .endm
program
  li t0, 1
  li s0, 0
  .option push
  .option norvc
  ends 1, 1048576, 1048572, jal t1,
  ends 2, 4096, 4092, beq t0, t0,
  ends 3, 4096, 4092, bne t0, zero,
  ends 4, 4096, 4092, bgeu t0, zero,
  ends 5, 4096, 4092, blt zero, t0,
  .option rvc
  ends 6, 2048, 2044, c.j
  ends 7, 256, 252, c.beqz s0,
#if __riscv_xlen == 32
  ends 8, 2048, 2044, c.jal
#endif
  .option pop
  # jalr: twelve bits of offset around any base.
  la t0, 1f + 2048
  jalr t1, -2048(t0)
  j fail
1:
  la t0, 2f - 2047
  jalr t1, 2047(t0)
  j fail
  .balign 4
2:
  finish
