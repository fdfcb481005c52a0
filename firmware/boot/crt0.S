/* SPDX-License-Identifier: Apache-2.0
 * Start of every hart: stack, trap vector, fault interrupt on, cleared bss, then C (boot/start.c). */
  .section .text.start, "ax"
  .globl _start
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, __stack_top
  la tp, __tls_base
  la t0, trap_entry
  csrw mtvec, t0
  li t0, 1 << 16            /* fault interrupt: an engine met an illegal act */
  csrw mie, t0
  csrsi mstatus, 8
  la t0, __bss_start
  la t1, __bss_end
1:
  bgeu t0, t1, 2f
  sw zero, 0(t0)
  addi t0, t0, 4
  j 1b
2:
  j start_c

/* No kernel returns from a fault, so nothing is saved. The crash record has a stack of its own: the
 * program's may be what is broken. */
  .balign 4
trap_entry:
  mv a4, sp
  la sp, trap_stack_top
  mv a5, a0
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  mv a3, ra
  j trap_c

  .equ TRAP_STACK_BYTES, 1024   /* a quarter is spare: tests/firmware/chip/stack_test.cpp */
  .section .bss.trap_stack, "aw", @nobits
  .balign 16
  .skip TRAP_STACK_BYTES
trap_stack_top:
