/* SPDX-License-Identifier: Apache-2.0
 * Command queues: words, waits and adds common to every engine (hw/regs/queue.yaml, abi.yaml). */
#ifndef FIRMWARE_HAL_QUEUE_H
#define FIRMWARE_HAL_QUEUE_H

#include <stdint.h>

#include "regs/abi.h"
#include "regs/core.h"
#include "regs/queue.h"

/* A 64-bit address of HBM, shared SRAM or another core: only for commands, never a pointer. */
typedef uint64_t hc_gaddr_t;

/* Up to two counters a command waits for. */
typedef struct {
  uint32_t word, target0, target1;
} hc_wait_t;

static inline hc_wait_t hc_now(void) {
  return (hc_wait_t){0, 0, 0};
}

static inline hc_wait_t hc_when(uint32_t counter, uint32_t target) {
  return (hc_wait_t){counter | 1u << HC_ABI_WAIT_ENABLE0_SHIFT, target, 0};
}

static inline hc_wait_t hc_when2(uint32_t counter0, uint32_t target0, uint32_t counter1,
                                 uint32_t target1) {
  return (hc_wait_t){counter0 | 1u << HC_ABI_WAIT_ENABLE0_SHIFT |
                         counter1 << HC_ABI_WAIT_COUNTER1_SHIFT | 1u << HC_ABI_WAIT_ENABLE1_SHIFT,
                     target0, target1};
}

/* What a command adds to when it is done; HC_NO_ADD adds nothing. */
typedef uint32_t hc_add_t;
#define HC_NO_ADD 0u

static inline hc_add_t hc_add_scoped(uint32_t counter, uint32_t amount, uint32_t scope) {
  return counter | amount << HC_ABI_ADD0_AMOUNT_SHIFT | scope << HC_ABI_ADD0_SCOPE_SHIFT;
}
static inline hc_add_t hc_add(uint32_t counter, uint32_t amount) {
  return hc_add_scoped(counter, amount, HC_ABI_SCOPE_SELF);
}
static inline hc_add_t hc_add_all(uint32_t counter) {
  return hc_add_scoped(counter, 1, HC_ABI_SCOPE_ALL_CORES);
}

#ifdef HC_HOST_HAL
void hc_queue_write(uint32_t queue, uint32_t word, uint32_t value);
void hc_queue_ring(uint32_t queue, uint32_t opcode);
#else
static inline void hc_queue_write(uint32_t queue, uint32_t word, uint32_t value) {
  volatile uint32_t* words = (volatile uint32_t*)(HC_CORE_QUEUES_BASE + queue * HC_QUEUE_STRIDE);
  words[word] = value;
}

/* Enqueues a command of the words written so far; the store stalls while the queue is full. */
static inline void hc_queue_ring(uint32_t queue, uint32_t opcode) {
  __asm__ volatile("" ::: "memory"); /* what the hart wrote to SRAM is there before the command */
  hc_queue_write(queue, HC_QUEUE_DOORBELL / 4u, opcode);
}
#endif

static inline void hc_queue_gaddr(uint32_t queue, uint32_t low_word, hc_gaddr_t address) {
  hc_queue_write(queue, low_word, (uint32_t)address);
  hc_queue_write(queue, low_word + 1u, (uint32_t)(address >> 32));
}

static inline void hc_queue_sync(uint32_t queue, hc_wait_t wait, hc_add_t add0, hc_add_t add1) {
  hc_queue_write(queue, HC_ABI_W_WAIT, wait.word);
  if (wait.word != 0) {
    hc_queue_write(queue, HC_ABI_W_WAIT0_TARGET, wait.target0);
    hc_queue_write(queue, HC_ABI_W_WAIT1_TARGET, wait.target1);
  }
  hc_queue_write(queue, HC_ABI_W_ADD0, add0);
  hc_queue_write(queue, HC_ABI_W_ADD1, add1);
}

#endif
