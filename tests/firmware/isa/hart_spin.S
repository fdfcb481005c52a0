# SPDX-License-Identifier: Apache-2.0
# Counts in s1 until the external interrupt; its handler takes the time and ends the program.
  .section .text.init, "ax"
  .globl _start
_start:
  la t0, handler
  csrw mtvec, t0
  li s0, 0x02000000
  lui t0, 1
  srli t0, t0, 1
  csrw mie, t0
  csrsi mstatus, 8
1:
  addi s1, s1, 1
  j 1b
  .align 2
handler:
  csrr s2, mcause
  lw s3, 0x20(s0)
  sw zero, 0x4c(s0)
2:
  j 2b
