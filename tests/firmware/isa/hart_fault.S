# SPDX-License-Identifier: Apache-2.0
# Reads page zero; with a0 set, installs a handler that itself is no instruction.
  .section .text.init, "ax"
  .globl _start
_start:
  beqz a0, 1f
  la t0, handler
  csrw mtvec, t0
1:
  .globl faulting
faulting:
  lw t0, 64(zero)
2:
  j 2b
  .align 2
  .globl handler
handler:
  .word 0
