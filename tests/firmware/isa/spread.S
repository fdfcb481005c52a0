# SPDX-License-Identifier: Apache-2.0
# A program in pieces: every piece is memory for loads, stores and atomics, the gaps are not.
#include "check.inc"
  .macro address register, symbol
  la \register, pool_\symbol
  LOAD \register, 0(\register)
  .endm
  .macro works number, symbol
  address s0, \symbol
  lw t0, 0(s0)
  check \number, t0, \number
  li t1, 100
  amoadd.w t2, t1, (s0)
  check \number, t2, \number
  lr.w t2, (s0)
  sc.w t0, t1, (s0)
  check \number, t0, 0
  sb t1, 5(s0)
  lw t0, 3(s0)               # across words
  check \number, t0, 0x640000
  lw t0, 0(s0)
  check \number, t0, 100
  .endm
program
  la t0, handler
  csrw mtvec, t0
  works 1, before
  works 2, behind
  works 3, far
  # The end of the bss, and the stack in it.
  address s0, large_end
  lw t0, -4(s0)
  check 4, t0, 0
  sw s0, -4(s0)
  sw s0, -16(sp)
  # 16 MiB behind the last piece and 128 MiB of the usual memory are there.
  li s0, 0x87fffff8
  sw sp, 4(s0)
  li s0, 0xc0fffff8
  sw sp, 4(s0)
  lw t0, 0(s0)
  check 5, t0, 0
  # The gaps are not.
  li s1, 0
  li s0, 0x60000000
  lw t0, 0(s0)
  check 6, s1, 5
  li s0, 0x88000000
  sw t0, 0(s0)
  check 7, s1, 7
  li s0, 0x88000000
  amoor.w t0, t0, (s0)
  check 8, s1, 7
  li s0, 0x88000000
  lr.w t0, (s0)
  check 9, s1, 5
  li s0, 0
  lw t0, 0(s0)
  check 10, s1, 5
  # Between the pieces the timer still runs.
  li s0, 0x0200bff8
  lw t0, 0(s0)
  lw t1, 0(s0)
  li a0, 11
  bgeu t0, t1, fail
  finish

  .text
  .align 3
pool_before:
  .dword before
pool_behind:
  .dword behind
pool_far:
  .dword far
pool_large_end:
  .dword large_end
  .align 2
handler:
  csrr s1, mcause
  csrr t5, mepc
  addi t5, t5, 4
  csrw mepc, t5
  mret
  .data
  .align 3
before:
  .dword 1
  .section .behind, "aw"
  .align 3
behind:
  .dword 2
  .section .far, "aw"
  .align 3
far:
  .dword 3
  .bss
  .align 4
  .space 0x40000
large_end:
