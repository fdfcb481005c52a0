# SPDX-License-Identifier: Apache-2.0
# Meets everything that couples a hart to simulated time, and leaves what it saw in s and a registers.
  .section .text.init, "ax"
  .globl _start
_start:
  la t0, vectors + 1
  csrw mtvec, t0
  li s0, 0x02000000  # control
  li s2, 0x02010000  # queue 0
  li s4, 0x02020000  # counters
  li t0, 'A'
  sw t0, 0x40(s0)    # console: not synced
  li t1, 300
1:
  mul t2, t1, t1
  add t3, t3, t2
  sw t3, 0(sp)
  lw t4, 0(sp)
  addi t1, t1, -1
  bnez t1, 1b
  sw t3, 0(s2)       # queue words: not synced
  sw t4, 4(s2)
  lw s1, 0x20(s0)    # mtime
  sw t0, 0x80(s2)    # doorbell: full, stalls
  lw s3, 0x20(s0)
  lw s5, 0x10c(s4)   # wait_read: stalls
  lw s6, 0x20(s0)
  li t0, 2000
  add t0, t0, s6
  sw t0, 0x28(s0)    # mtimecmp
  sw zero, 0x2c(s0)
  li t0, 0x80
  csrw mie, t0
  csrsi mstatus, 8
  wfi
  csrr a0, mhpmcounter3
  csrr a1, mhpmcounter4
  csrr a2, mhpmcounter5
  csrr a3, mcycle
  csrr a4, minstret
  lw a5, 0x20(s0)
  sw zero, 0x4c(s0)  # exit
2:
  j 2b

timer:
  csrr s7, mcause
  csrr s8, mip
  li t0, -1
  sw t0, 0x28(s0)
  csrr s9, mip
  lw s10, 0x20(s0)
  mret

  .align 6
  .option norvc
vectors:
  .rept 7
  j vectors
  .endr
  j timer
