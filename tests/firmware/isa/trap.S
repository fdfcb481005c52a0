# SPDX-License-Identifier: Apache-2.0
# Exceptions: cause, pc and value of each; state that entry and mret keep; vectored mode.
#include "check.inc"
  # expect NUMBER CAUSE: the instruction at label 1 trapped with this cause.
  .macro expect number, cause
  check \number, s1, \cause
  la t5, 1b
  li a0, \number
  bne s2, t5, fail
  .endm
program
  la t0, handler
  csrw mtvec, t0
  li s10, 4
1:
  ecall
  expect 1, 11
  check 2, s3, 0
1:
  ebreak
  expect 3, 3
  li s10, 2
  .option push
  .option rvc
1:
  c.ebreak
  .option pop
  expect 4, 3
1:
  .half 0                    # the all-zero half word is no instruction
  expect 5, 2
  check 6, s3, 0
1:
  .half 0x8000               # reserved
  expect 7, 2
  li s10, 4
1:
  .word 0xffffffff
  expect 8, 2
#if __riscv_xlen == 32
  check 9, s3, 0xffffffff
1:
  .word 0x02051513           # slli by 32
  expect 10, 2
1:
  .word 0x00053503           # ld
  expect 11, 2
#else
  li t6, 0xffffffff
  li a0, 9
  bne s3, t6, fail
#endif
  lui t0, 0x40000            # nothing there
1:
  lw t1, 8(t0)
  expect 12, 5
  lui t1, 0x40000
  addi t1, t1, 8
  li a0, 13
  bne s3, t1, fail
1:
  sb t1, 0(t0)
  expect 14, 7
  addi t2, sp, -15
1:
  lr.w t1, (t2)
  expect 15, 4
1:
  sc.w t1, t1, (t2)
  expect 16, 6
1:
  amoadd.w t1, t1, (t2)
  expect 17, 6
  li t1, 77
1:
  lw t1, 0(t0)               # no write-back on a fault
  expect 18, 5
  check 19, t1, 77
  # The timer's registers are words.
  li t0, 0x02004000
1:
  lb t1, 0(t0)
  expect 20, 5
1:
  lw t1, 2(t0)
  expect 21, 4
1:
  sw t1, 1(t0)
  expect 22, 6

  # A jump to where nothing is: the return address is kept.
  lui t0, 0x40000
  la s9, 2f
  jalr ra, 0(t0)
2:
  check 23, s1, 1
  lui t0, 0x40000
  li a0, 24
  bne s2, t0, fail
  la t0, 2b
  li a0, 25
  bne ra, t0, fail
  li s9, 0

  # MIE moves to MPIE on entry, and back.
  csrsi mstatus, 8
1:
  ecall
  check 26, s4, 0x1880       # seen in the handler
  csrr t0, mstatus
  check 27, t0, 0x1888
  csrci mstatus, 8
  # Exceptions go to the base in vectored mode too.
  la t0, handler + 1
  csrw mtvec, t0
1:
  ecall
  expect 28, 11
  # mret to a compressed instruction at an odd half word
  la t0, 3f
  csrw mepc, t0
  mret
  .option push
  .option rvc
  c.nop
  j fail
3:
  c.nop
  .option pop
  finish

  .text
  .align 8
handler:                     # s10: size of the instruction to skip; s9: where to go instead
  csrr s1, mcause
  csrr s2, mepc
  csrr s3, mtval
  csrr s4, mstatus
  mv t6, s9
  bnez s9, 1f
  add t6, s2, s10
1:
  csrw mepc, t6
  mret
