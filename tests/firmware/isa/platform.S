# SPDX-License-Identifier: Apache-2.0
# What the start code of test suites probes for, and encodings between an instruction and a trap.
#include "check.inc"
  # absent CODE...: the instructions trap as illegal ones and are skipped by way of mtvec.
  .macro absent number, code:vararg
  la t0, 9f
  csrw mtvec, t0
  csrw mcause, zero
8:
  \code
  j fail
  .align 2
9:
  csrr t0, mcause
  check \number, t0, 2
  csrr t0, mepc
  la t1, 8b
  li a0, \number
  bne t0, t1, fail
  .endm
  # illegal NUMBER WORD: the same, with the word in mtval.
  .macro illegal number, word
  absent \number, .word \word
  csrr t0, mtval
  check \number, t0, \word
  .endm
program
  absent 2, csrwi 0x744, 8   # mnstatus
  absent 3, csrwi 0x180, 0   # satp
  absent 4, csrwi 0x302, 0   # medeleg
  absent 5, csrwi 0x303, 0   # mideleg
  absent 6, csrwi 0x105, 0   # stvec
  absent 7, csrr a1, 0x306   # mcounteren
  absent 8, csrr a1, 0x30a   # menvcfg
  absent 9, csrr a1, 0x747   # mseccfg
  absent 10, csrr a1, 0x001  # fflags
  absent 11, csrr a1, 0x7b0  # dcsr: debug mode only
  absent 12, csrr a1, 0x7a4  # tinfo
#if __riscv_xlen == 64
  absent 13, csrr a1, 0x3a1  # RV64 has the even ones
  absent 14, csrr a1, 0xc80
#endif
  illegal 15, 0x10200073     # sret
  illegal 16, 0x12000073     # sfence.vma
  illegal 17, 0x7b200073     # dret
  illegal 18, 0x00200073     # uret
  illegal 19, 0x70200073     # mnret
  illegal 20, 0x00d00073     # wrs.nto
  illegal 21, 0x30200173     # mret with a target
  illegal 22, 0x10508073     # wfi with a source
  illegal 23, 0x00004073     # funct3 of no csr instruction
  illegal 24, 0x00001067     # jalr is funct3 0
  illegal 25, 0x00002063     # no such branch
  illegal 26, 0x00007003     # no such load
  illegal 27, 0x00007023     # no such store
  illegal 28, 0x40001033     # sll is funct7 0
  illegal 29, 0x1010a02f     # lr.w with rs2
  illegal 30, 0x00008007     # vector load; floating point is none either
  illegal 31, 0x00000053     # fadd.s
  illegal 32, 0x00002007     # flw
  illegal 33, 0x0000000b     # custom-0
  illegal 34, 0x0000200f     # cbo.inval
  illegal 35, 0x20002033     # sh1add
  illegal 36, 0x0e005033     # czero.eqz
  # Three quarters of an instruction longer than 32 bits still trap.
  illegal 37, 0x0000001f

  # Memory protection that opens everything; triggers that are not there.
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, -1
  csrw tselect, t0
  csrr t1, tselect
  check 38, t1, 0
  csrr t1, tdata1
  check 39, t1, 0

  # mret stays in machine mode whatever mstatus was told.
  la t0, handler
  csrw mtvec, t0
  csrw mstatus, zero
  la t0, 1f
  csrw mepc, t0
  mret
  j fail
1:
  csrr t0, mstatus           # MPIE is set, MIE was MPIE
  check 40, t0, 0x1880
  li t0, -1
  csrc mstatus, t0
  csrr t0, mstatus
  check 41, t0, 0x1800
  csrr t0, mhartid
  check 42, t0, 0

  # C cannot be switched off: the next half word is a legal target.
  csrci misa, 4
  la t0, 1f
  jalr t1, 2(t0)
  .option push
  .option rvc
1:
  c.j 2f
  c.j 3f
2:
  c.j 2b
3:
  .option pop
  .align 2
  # Fences in all spellings, hints.
  li a1, 77
  li a2, 78
  .word 0x8330000f           # fence.tso
  .word 0x0100000f           # pause
  .word 0x0ff6058f           # fence with registers that it ignores
  .word 0xfff6158f           # fence.i with all fields set
  check 43, a1, 77
  .word 0x00106013           # prefetch.r
  .word 0x00500033 | 5 << 15 # ntl, an add into x0
  .word 0x00001037           # lui into x0
  .word 0x00002013           # slti into x0
  .option push
  .option rvc
  .half 0x0005               # c.addi x0, 1
  .half 0x4005               # c.li x0, 1
  .half 0x6005               # c.lui x0, 1
  .half 0x0006               # c.slli x0, 1
  .half 0x802e               # c.mv x0, a1
  .half 0x902e               # c.add x0, a1
  .half 0x0581               # c.addi a1, 0
  .half 0x0582               # c.slli a1, 0
  .option pop
  check 44, zero, 0
  check 45, a1, 77
  check 46, a2, 78

  # Writes to x0 are lost, their effects on memory and registers are not.
  la s0, cell
  li t0, 5
  sw t0, 0(s0)
  amoadd.w zero, t0, (s0)
  lw t1, 0(s0)
  check 47, t1, 10
  lr.w zero, (s0)
  sc.w zero, t0, (s0)
  lw t1, 0(s0)
  check 48, t1, 5
  lw zero, 0(s0)
  check 49, zero, 0
  csrw mscratch, zero
  csrrs zero, mscratch, t0
  csrr t1, mscratch
  check 50, t1, 5
  la t0, 1f
  jalr zero, 0(t0)
  j fail
1:
  check 51, zero, 0
  lui s2, 0x40000
  lw zero, 0(s2)             # a load into x0 still reads
  check 52, s1, 5

  # Neither ecall nor ebreak counts as retired; the handler has five instructions.
  csrr t0, minstret
  ecall
  csrr t1, minstret
  sub t1, t1, t0
  check 53, t1, 6
  csrr t0, minstret
  ebreak
  csrr t1, minstret
  sub t1, t1, t0
  check 54, t1, 6
  # The write is seen by the next instruction, and nothing is added to it.
  csrwi minstret, 0
  csrr t1, minstret
  check 55, t1, 0
#if __riscv_xlen == 32
  li t0, -1
  csrw minstret, t0
  csrw minstreth, t0
  nop
  csrr t1, minstret
  check 56, t1, 0
  csrr t1, minstreth
  check 57, t1, 0
#endif
  # time follows the platform's clock.
  li t0, 0x0200bff8
  li t1, 0x5000
  sw zero, 4(t0)
  sw t1, 0(t0)
  csrr t2, time
  sub t2, t2, t1
  li t3, 64
  li a0, 58
  bgeu t2, t3, fail
  finish

  .text
  .align 2
handler:
  csrr s1, mcause
  csrr t5, mepc
  addi t5, t5, 4
  csrw mepc, t5
  mret
  .data
  .align 3
cell:
  .dword 0
