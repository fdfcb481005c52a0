# SPDX-License-Identifier: Apache-2.0
# Code that is rewritten and run again after fence.i.
#include "check.inc"
program
  la s0, patch
  la s1, one
  la s2, two
  li s3, 0
  li s4, 0
1:
  lw t0, 0(s1)
  sw t0, 0(s0)
  fence.i
  call patch
  add s4, s4, a1
  lw t0, 0(s2)
  sw t0, 0(s0)
  fence.i
  call patch
  add s4, s4, a1
  addi s3, s3, 1
  li t0, 20
  bne s3, t0, 1b
  check 1, s4, 60
  # A function made on the stack.
  addi sp, sp, -16
  lw t0, 0(s2)
  sw t0, 0(sp)
  la t1, patch
  lw t0, 4(t1)
  sw t0, 4(sp)
  fence.i
  li a1, 0
  jalr sp
  check 2, a1, 2
  # The instruction right behind the fence, and two half words in place of a word.
  la s0, behind
  lw t0, 0(s1)
  sw t0, 0(s0)
  .option push
  .option norvc
  .align 2
  fence.i
behind:
  li a1, 9
  .option pop
  check 3, a1, 1
  la s0, patch
  la s1, halves
  lw t0, 0(s1)
  sw t0, 0(s0)
  fence.i
  li a1, 0
  call patch
  check 4, a1, 7
  # And back to a word, the old text decoded more than once.
  lw t0, 0(s2)
  sw t0, 0(s0)
  fence.i
  call patch
  check 5, a1, 2
  finish
  .text
  .option push
  .option norvc
  .align 2
patch:
  nop
  ret
one:
  li a1, 1
two:
  li a1, 2
  .option rvc
halves:
  c.li a1, 3
  c.addi a1, 4
  .option norvc
  .option pop
