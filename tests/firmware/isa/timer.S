# SPDX-License-Identifier: Apache-2.0
# Interrupts: timer and software line, vectored, masked, priority, wfi.
#include "check.inc"
  .equ MSIP, 0x02000000
  .equ MTIMECMP, 0x02004000
  .equ MTIME, 0x0200bff8
  .macro timer_in cycles
  li t0, MTIME
  li t1, MTIMECMP
  li t2, -1
  sw t2, 0(t1)
  lw t2, 0(t0)
  addi t2, t2, \cycles
  sw zero, 4(t1)
  sw t2, 0(t1)
  .endm
program
  la t0, table + 1
  csrw mtvec, t0
  csrr t1, mtvec
  li a0, 1
  bne t0, t1, fail
  # Taken while running.
  li s1, 0
  li t0, 0x80
  csrw mie, t0
  csrsi mstatus, 8
  timer_in 200
1:
  beqz s1, 1b
#if __riscv_xlen == 64
  check 2, s1, 0x8000000000000007
#else
  check 2, s1, 0x80000007
#endif
  # Taken out of wfi; mepc is behind it.
  li s1, 0
  timer_in 500
  csrr s5, mcycle
  wfi
2:
  la t0, 2b
  li a0, 3
  bne s2, t0, fail
  li a0, 4
  beqz s1, fail
  csrr s6, mcycle
  sub s6, s6, s5
  li t0, 400
  li a0, 5
  bltu s6, t0, fail
  csrr t0, mhpmcounter4
  li t1, 300
  li a0, 6
  bltu t0, t1, fail
  # With MIE clear wfi ends but nothing is taken.
  csrci mstatus, 8
  li s1, 0
  timer_in 300
  wfi
  check 7, s1, 0
  csrr t0, mip
  check 8, t0, 0x80
  # Both lines: software first, then timer.
  li t0, MSIP
  li t1, 1
  sw t1, 0(t0)
  li t0, 0x88
  csrw mie, t0
  csrr t0, mip
  check 9, t0, 0x88
  li s3, 0
  csrsi mstatus, 8
  nop
  csrci mstatus, 8
  check 10, s3, 0x37         # order in hexadecimal digits
  csrr t0, mip
  check 11, t0, 0
  # A line that is not enabled does not interrupt.
  csrw mie, zero
  csrsi mstatus, 8
  li s1, 0
  timer_in 10
  li t0, 100
3:
  addi t0, t0, -1
  bnez t0, 3b
  check 12, s1, 0
  finish

  .text
software:
  csrr s1, mcause
  slli s3, s3, 4
  addi s3, s3, 3
  li t5, MSIP
  sw zero, 0(t5)
  mret
timer:
  csrr s1, mcause
  csrr s2, mepc
  slli s3, s3, 4
  addi s3, s3, 7
  li t5, MTIMECMP
  li t6, -1
  sw t6, 4(t5)
  mret
  .align 6
  .option push
  .option norvc
table:
  j fail
  j fail
  j fail
  j software
  j fail
  j fail
  j fail
  j timer
  .option pop
