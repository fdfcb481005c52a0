# SPDX-License-Identifier: Apache-2.0
# The software line, taken exactly between two instructions.
#include "check.inc"
  .equ MSIP, 0x02000000
  # raise: the line is up, nothing is taken.
  .macro raise
  csrci mstatus, 8
  li t0, MSIP
  li t1, 1
  sw t1, 0(t0)
  li s1, 0
  li s3, 0
  .endm
  # taken NUMBER LABEL: one interrupt, in front of the label.
  .macro taken number, label
  la t5, \label
  li a0, \number
  bne s2, t5, fail
  check \number, s3, 1
  .endm
program
  la t0, handler
  csrw mtvec, t0
  csrwi mie, 8
  # Enabled in mstatus.
  raise
  li s4, 0
  csrsi mstatus, 8
1:
  addi s4, s4, 1
  taken 1, 1b
  check 2, s4, 1             # the handler saw it before the addition, which then ran once
  check 3, s5, 0
  # Enabled in mie.
  csrw mie, zero
  raise
  csrsi mstatus, 8
  li s4, 0
  csrwi mie, 8
1:
  addi s4, s4, 1
  taken 4, 1b
  check 5, s5, 0
  # Raised while enabled: between the store and what follows it.
  csrsi mstatus, 8
  li s3, 0
  li s4, 0
  li t0, MSIP
  li t1, 1
  sw t1, 0(t0)
1:
  addi s4, s4, 1
  taken 6, 1b
  check 7, s5, 0
  # mret lets it in before the instruction that it returns to.
  raise
  li t0, 0x80
  csrs mstatus, t0
  la t0, 1f
  csrw mepc, t0
  li s4, 0
  mret
  j fail
  .option push
  .option rvc
  c.nop
1:
  c.addi s4, 1
  .option pop
  .align 2
  taken 8, 1b
  check 9, s5, 0
  csrr t0, mstatus
  check 10, t0, 0x1888
  # wfi ends at once where a line is up, whether or not it is let in.
  raise
  wfi
  check 11, s3, 0
  csrsi mstatus, 8
1:
  check 12, s3, 1
  # A trap inside the handler shuts interrupts out until mret.
  la t0, nested
  csrw mtvec, t0
  li s6, 0
  csrsi mstatus, 8
1:
  ecall
  check 14, s6, 0x21         # the exception first, the interrupt when it returns
  check 15, s3, 1
  # Vectors need no more than four bytes of alignment.
  la t0, vectors + 1
  csrw mtvec, t0
  raise
  csrsi mstatus, 8
1:
  nop
  taken 16, 1b
  finish

  .text
  .align 2
handler:
  mv s5, s4
  csrr s1, mcause
  csrr s2, mepc
  addi s3, s3, 1
  li t5, MSIP
  sw zero, 0(t5)
  mret
  .align 2
nested:
  csrr s1, mcause
  bltz s1, 2f
  ori s6, s6, 1              # an exception: raise the line, skip the ecall
  li s3, 0
  li t5, MSIP
  li t4, 1
  sw t4, 0(t5)
  nop
  nop
  li a0, 90
  bnez s3, fail
  csrr s2, mepc
  addi s2, s2, 4
  csrw mepc, s2
  mret
2:
  ori s6, s6, 0x20
  j handler
  .option push
  .option norvc
  .align 3
  nop
vectors:
  j fail
  j fail
  j fail
  j handler
  .option pop
