# SPDX-License-Identifier: Apache-2.0
# One of each kind of line in a commit log, at known addresses.
  .section .text.init, "ax"
  .globl _start
_start:
  .option norvc
  lui t0, 0x08001
  slli t0, t0, 4
  lui t1, 0x12345
  addi t1, t1, 0x678
  sw t1, 8(t0)
  sb t1, 3(t0)
  lh t2, 8(t0)
  csrw mscratch, t1
  csrrsi t3, mscratch, 7
  csrr t4, mscratch
  auipc t5, 0
  addi t5, t5, 16
  csrw mtvec, t5
  ecall
  addi t0, t0, 8
  amoadd.w zero, t1, (t0)
  lr.w a0, (t0)
  sc.w a1, t1, (t0)
  sc.w a1, t1, (t0)
  beq zero, zero, 1f
1:
  .option rvc
  c.li a2, -1
  c.nop
  .option norvc
  la t6, tohost
  li a0, 1
  sw a0, 0(t6)
  sw zero, 4(t6)
2:
  j 2b
  .section .tohost, "aw"
  .align 6
  .globl tohost
tohost:
  .dword 0
