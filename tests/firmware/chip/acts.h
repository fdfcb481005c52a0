/* SPDX-License-Identifier: Apache-2.0
 * What the test program acts.c can be told to do; C11 and C++17. The host writes the number to
 * HC_SRAM_SCRATCH of a core before it starts. */
#ifndef TESTS_FIRMWARE_CHIP_ACTS_H
#define TESTS_FIRMWARE_CHIP_ACTS_H

enum act {
  ACT_NOTHING = 0,
  ACT_HELLO,
  ACT_EXIT_SEVEN,
  ACT_WAIT_FOR_EVER,       /* blocking read of a counter nobody adds to */
  ACT_SLEEP_FOR_EVER,      /* wfi, no interrupt comes */
  ACT_QUEUE_FULL_FOR_EVER, /* commands that wait for a counter nobody adds to, until the queue is
                              full */
  ACT_SPIN_FOR_EVER,
  ACT_HANG_CHAIN,          /* store behind tensor behind load; the hart behind the store */
  ACT_HANG_ONE_SHORT,      /* three commands add, the hart waits for a fourth */
  ACT_HANG_FOR_CORE_0,     /* a command that would add to counter 20 of core 0 waits itself */
  ACT_HANG_FOR_REMOTE_ADD, /* the same of a put's remote add */
  ACT_HANG_WAIT_DONE,      /* for counter 20 */
  /* Illegal acts of an engine; the hart then blocks on a counter. */
  ACT_COPY_FROM_NOWHERE,
  ACT_TILE_MISALIGNED,
  ACT_TILE_OVERLAP,
  ACT_UNKNOWN_COMMAND,
  ACT_SIZE_ZERO,
  ACT_DTYPE_UNKNOWN,
  ACT_COUNTER_OVERFLOW, /* the host has set counter 20 to its maximum */
  ACT_COUNTER_OVERFLOW_BY_HART,
  ACT_OVERWRITE_WHILE_READ,
  ACT_READ_WHILE_WRITTEN,
  ACT_WRITE_TWICE,      /* two loads into the same tile */
  ACT_PUT_FROM_NOWHERE, /* DirectCom, behind the end of the SRAM */
  ACT_VECTOR_FROM_NOWHERE,
  ACT_TENSOR_FROM_NOWHERE,
  /* Reads of tiles that nobody wrote, with simulation.check_uninitialised=fault. */
  ACT_STORE_UNWRITTEN,
  ACT_MAC_UNWRITTEN,
  ACT_VECTOR_UNWRITTEN,
  ACT_PUT_UNWRITTEN,
  /* A tile of no rows, when the hart has come to where it waits. */
  ACT_FAULT_WHILE_BLOCKED, /* in a blocking read */
  ACT_FAULT_WHILE_ASLEEP,  /* in wfi */
  ACT_FAULT_WHILE_SPINNING,
  ACT_FAULT_WHILE_QUEUE_FULL,
  /* Illegal acts of the hart itself. */
  ACT_LOAD_PAGE_ZERO,
  ACT_STORE_PAGE_ZERO,
  ACT_LOAD_BEHIND_SRAM,
  ACT_ILLEGAL_INSTRUCTION,
  ACT_REGISTER_BYTE, /* a byte store to a 32-bit register */
  ACT_REGISTER_WRITE_ONLY,
  ACT_REGISTER_READ_ONLY,
  ACT_HANDLER_ABSENT, /* a trap while mtvec is zero */
  ACT_ASSERT,
  ACT_STACK_RECURSION, /* calls itself until the stack is gone */
  ACT_STACK_ARRAY,     /* one local array larger than the stack */
  /* Good ends. */
  ACT_STACK_DEEP,           /* recursion that takes three quarters of the stack */
  ACT_HANDLE_FAULT,         /* clears a fault of the tensor engine and goes on with the others */
  ACT_HANDLE_FAULT_IN_WAIT, /* the same while it blocks on a counter that comes later */
  ACT_COUNTER_INTERRUPT,
  ACT_TIMER_INTERRUPT,
  ACT_PRINT_MUCH,      /* 200 lines */
  ACT_PRINT_OPEN_LINE, /* without newline at its end */
  ACT_HANG_IN_OPEN_LINE,
  ACT_READ_WRITTEN,  /* tiles written by DMA, fill, engines and the hart itself are read by all */
  ACT_READ_ARGUMENT, /* copies HBM to SRAM to HBM */
  ACT_COUNT
};

#endif
