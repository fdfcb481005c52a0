# SPDX-License-Identifier: Apache-2.0
# Control and status registers: read, set, clear, read-only, absent, counters.
#include "check.inc"
program
  la t0, handler
  csrw mtvec, t0
  csrr t1, mtvec
  li a0, 1
  bne t0, t1, fail

  csrr t0, mhartid
  check 2, t0, 0
  csrr t0, misa
#if __riscv_xlen == 64
  check 3, t0, 0x8000000000001105
#else
  check 3, t0, 0x40001105
#endif
  csrw misa, zero            # ignored
  csrr t1, misa
  bne t0, t1, fail

  li t0, 0x5a
  csrrw t1, mscratch, t0
  csrrs t2, mscratch, zero
  check 4, t2, 0x5a
  csrrsi t2, mscratch, 0x5
  check 5, t2, 0x5a
  csrrci t2, mscratch, 0xa
  check 6, t2, 0x5f
  csrrwi t2, mscratch, 31
  check 7, t2, 0x55
  li t0, -1
  csrrc t2, mscratch, t0
  check 8, t2, 31
  csrr t2, mscratch
  check 9, t2, 0
  csrw mscratch, t0
  csrr t2, mscratch
  check 10, t2, -1

  li t0, -1
  csrw mstatus, t0           # only MIE and MPIE change; MPP stays machine mode
  csrci mstatus, 8
  csrr t1, mstatus
  check 11, t1, 0x1880
  csrw mstatus, zero
  csrr t1, mstatus
  check 12, t1, 0x1800
  csrw mie, t0
  csrr t1, mie
  check 13, t1, 0x10888
  csrw mie, zero
  csrw mip, t0               # lines belong to hardware
  csrr t1, mip
  check 14, t1, 0
  csrw mepc, t0
  csrr t1, mepc
  check 15, t1, -2
  csrw pmpaddr0, t0
  csrr t1, pmpaddr0
#if __riscv_xlen == 64
  check 16, t1, 0x3fffffffffffff
#else
  check 16, t1, -1
#endif
  csrw pmpcfg0, t0
  csrr t1, pmpcfg0
  check 17, t1, 0
  csrr t1, 0x7a0             # tselect
  check 18, t1, 0

  # Read-only and absent registers trap; s11 counts.
  li s11, 0
  csrw cycle, t0
  csrw mhartid, t0
  csrrs t1, mhartid, t0
  csrrsi t1, instret, 1
  csrr t1, 0x180             # satp
  csrr t1, 0x302             # medeleg
  csrr t1, 0x106             # scounteren
  csrr t1, 0x744             # mnstatus
  csrrw t1, 0x005, t0
  check 19, s11, 9
  csrrs t1, mhartid, zero    # no write: legal
  csrrci t1, cycle, 0
  check 20, s11, 9

  csrr t0, minstret
  csrr t1, minstret
  sub t1, t1, t0
  check 21, t1, 1
  li t0, 1000
  csrw minstret, t0
  csrr t1, minstret
  check 22, t1, 1000
  csrr t0, mcycle
  csrr t1, mcycle
  sub t1, t1, t0
  check 23, t1, 2            # base and the csr cost
  csrr t0, time
  csrr t1, time
  sub t1, t1, t0
  check 24, t1, 2
  csrw mcountinhibit, 5
  csrr t0, mcycle
  csrr t2, minstret
  nop
  csrr t1, mcycle
  csrr t3, minstret
  sub t1, t1, t0
  sub t3, t3, t2
  check 25, t1, 0
  check 26, t3, 0
  csrw mcountinhibit, 0
#if __riscv_xlen == 32
  li t0, -1
  csrw minstret, t0          # carries into the high half
  nop
  csrr t1, minstreth
  check 27, t1, 1
  csrr t1, cycleh
  check 28, t1, 0
  csrr t1, mstatush
  check 29, t1, 0
#else
  li s11, 0
  csrr t1, 0xb80             # mcycleh is RV32's
  check 27, s11, 1
#endif
  finish

  .text
  .align 2
handler:                     # illegal instruction: count and skip it
  csrr t5, mcause
  li t6, 2
  bne t5, t6, fail
  csrr t5, mepc
  csrr t6, mtval             # the instruction itself
  lhu t4, 0(t5)
  lhu t3, 2(t5)
  slli t3, t3, 16
  or t4, t4, t3
#if __riscv_xlen == 64
  slli t4, t4, 32
  srli t4, t4, 32
#endif
  li a0, 99
  bne t4, t6, fail
  addi t5, t5, 4
  csrw mepc, t5
  addi s11, s11, 1
  mret
