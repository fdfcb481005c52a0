/* SPDX-License-Identifier: Apache-2.0
 * A program that does what the host tells it: each act is one thing that can happen to firmware. */
#include <stdio.h>

#include "firmware/hal/assert.h"
#include "hw/program/sram_map.h"
#include "tests/firmware/chip/acts_hal.h"

/* The low bits of mtvec are its mode. */
#define HANDLER __attribute__((interrupt("machine"), aligned(4)))

static volatile uint32_t handled;
static volatile uint32_t* volatile page_zero = (volatile uint32_t*)(uintptr_t)0x40u;

static void csr_set_mtvec(uintptr_t handler) {
  __asm__ volatile("csrw mtvec, %0" ::"r"(handler));
}
static void csr_set_mie(uint32_t bits) {
  __asm__ volatile("csrs mie, %0" ::"r"(bits));
}
static void interrupts_off(void) {
  __asm__ volatile("csrci mstatus, 8");
}
static void interrupts_on(void) {
  __asm__ volatile("csrsi mstatus, 8");
}
static void sleep(void) {
  __asm__ volatile("wfi");
}

/* Breaks a rule some microseconds from now, when the hart has come to where it waits. */
static void break_rule_later(void) {
  hc_mac_t t = tile();
  t.m = 0;
  hc_dma_copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_B), hc_line(0x20000), hc_now(),
              hc_add(COUNTER_CHAIN, 1), HC_NO_ADD);
  hc_tensor_mac(&t, hc_when(COUNTER_CHAIN, 1), done(), HC_NO_ADD);
}

/* Engines that break a rule. */
static void act_of_engine(enum act act) {
  hc_mac_t t = tile();
  switch (act) {
    case ACT_COPY_FROM_NOWHERE:
      hc_dma_copy(HC_ABI_QUEUE_LOAD, hbm(1ull << 40), sram(TILE_A), hc_line(256), hc_now(), done(),
                  HC_NO_ADD);
      return;
    case ACT_TILE_MISALIGNED:
      t.a += 4;
      break;
    case ACT_TILE_OVERLAP:
      t.c = TILE_A + 64;
      break;
    case ACT_UNKNOWN_COMMAND:
      hc_queue_ring(HC_ABI_QUEUE_VECTOR, 99);
      return;
    case ACT_SIZE_ZERO:
      t.m = 0;
      break;
    case ACT_FAULT_WHILE_BLOCKED:
    case ACT_FAULT_WHILE_ASLEEP:
    case ACT_FAULT_WHILE_SPINNING:
    case ACT_FAULT_WHILE_QUEUE_FULL:
    case ACT_HANDLE_FAULT:
    case ACT_HANDLE_FAULT_IN_WAIT:
      break_rule_later();
      return;
    case ACT_DTYPE_UNKNOWN:
      t.dtype_b = 9;
      break;
    case ACT_COUNTER_OVERFLOW:
      break; /* the command is good, its add is not */
    case ACT_COUNTER_OVERFLOW_BY_HART:
      hc_counter_add(done());
      return;
    default:
      return;
  }
  multiply(&t);
}

static void act_of_hart(enum act act) {
  switch (act) {
    case ACT_LOAD_PAGE_ZERO:
      (void)*page_zero;
      break;
    case ACT_STORE_PAGE_ZERO:
      page_zero[1] = 1;
      break;
    case ACT_LOAD_BEHIND_SRAM:
      (void)*(volatile uint32_t*)(uintptr_t)(HC_CORE_SRAM_BASE + HC_CORE_SRAM_SIZE);
      break;
    case ACT_ILLEGAL_INSTRUCTION:
      __asm__ volatile(".word 0xffffffff");
      break;
    case ACT_REGISTER_BYTE:
      *(volatile uint8_t*)(uintptr_t)(HC_CORE_CONTROL_BASE + HC_CONTROL_MAIL) = 1;
      break;
    case ACT_REGISTER_WRITE_ONLY:
      (void)hc_control_read(HC_CONTROL_MAIL);
      break;
    case ACT_REGISTER_READ_ONLY:
      hc_control_write(HC_CONTROL_CORE_ID, 3);
      break;
    case ACT_HANDLER_ABSENT:
      csr_set_mtvec(0);
      (void)*page_zero;
      break;
    default:
      break;
  }
}

/* What a call of recurse() takes of the stack, about. */
enum { FRAME_BYTES = 256 };

static uint32_t __attribute__((noinline)) recurse(uint32_t depth) {
  volatile uint8_t frame[FRAME_BYTES];
  frame[0] = (uint8_t)depth;
  if (depth == 0) return 0;
  return recurse(depth - 1) + frame[0];
}

static uint32_t __attribute__((noinline)) fill_array(uint32_t words) {
  volatile uint32_t array[16384];
  for (uint32_t i = words; i-- > 0;)
    array[i] = i;
  return array[0];
}

static void act_of_software(enum act act) {
  switch (act) {
    case ACT_ASSERT:
      hc_assert(act == ACT_NOTHING);
      break;
    case ACT_STACK_RECURSION:
      recurse(1000000);
      break;
    case ACT_STACK_ARRAY:
      fill_array(16384);
      break;
    default:
      break;
  }
}

static int deep_recursion(void) {
  extern const char __stack_bytes[];
  const uint32_t calls = (uint32_t)__stack_bytes * 3 / 4 / (FRAME_BYTES + 32);
  printf("%lu calls: %lu\n", (unsigned long)calls, (unsigned long)recurse(calls));
  return 0;
}

static void HANDLER on_fault(void) {
  handled = hc_control_read(HC_CONTROL_FAULT_STATUS);
  hc_control_write(HC_CONTROL_FAULT_STATUS, 0);
}
static void HANDLER on_counter(void) {
  handled = *hc_counter_register(HC_COUNTER_VALUE + 4u * COUNTER_DONE);
  *hc_counter_register(HC_COUNTER_IRQ_ENABLE) = 0;
}
static void HANDLER on_timer(void) {
  handled = hc_control_read(HC_CONTROL_MTIME_LO);
  hc_control_write(HC_CONTROL_MTIMECMP_HI, 0xffffffffu);
}

/* Sleeps until the handler has run; without the race of an interrupt between test and wfi. */
static void sleep_until_handled(void) {
  interrupts_off();
  while (handled == 0) {
    sleep();
    interrupts_on();
    interrupts_off();
  }
  interrupts_on();
}

static int copy_through_sram(void) {
  hc_dma_copy(HC_ABI_QUEUE_LOAD, hbm(0x1000), sram(TILE_A), hc_line(4096), hc_now(), done(),
              HC_NO_ADD);
  hc_dma_copy(HC_ABI_QUEUE_STORE, sram(TILE_A), hbm(0x3000), hc_line(4096),
              hc_when(COUNTER_DONE, 1), done(), HC_NO_ADD);
  return hc_counter_wait(COUNTER_DONE, 2) == 2 ? 0 : 3;
}

/* The tensor engine broke a rule and stays halted; the hart knows and goes on with DMA. */
static int handle_fault(enum act act) {
  csr_set_mtvec((uintptr_t)on_fault);
  if (act == ACT_HANDLE_FAULT_IN_WAIT) {
    /* The fault comes while the hart blocks on more copies, and the wait goes on after it. */
    act_of_engine(act);
    for (uint32_t i = 1; i < 8; ++i) {
      hc_dma_copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_B), hc_line(0x20000),
                  hc_when(COUNTER_CHAIN, i), hc_add(COUNTER_CHAIN, 1), HC_NO_ADD);
    }
    if (hc_counter_wait(COUNTER_CHAIN, 8) != 8) return 4;
  } else {
    act_of_engine(act);
    sleep_until_handled();
  }
  if ((handled & 0xffu) != HC_ABI_RULE_BAD_SIZE) return 5;
  if (hc_control_read(HC_CONTROL_FAULT_STATUS) != 0) return 6;
  return copy_through_sram();
}

static int counter_interrupt(void) {
  csr_set_mtvec((uintptr_t)on_counter);
  csr_set_mie(1u << 11);
  *hc_counter_register(HC_COUNTER_IRQ_ID) = COUNTER_DONE;
  *hc_counter_register(HC_COUNTER_IRQ_TARGET) = 2;
  *hc_counter_register(HC_COUNTER_IRQ_ENABLE) = 1;
  const hc_mac_t t = tile();
  multiply(&t);
  multiply(&t);
  sleep_until_handled();
  return handled == 2 ? 0 : 7;
}

static int timer_interrupt(void) {
  csr_set_mtvec((uintptr_t)on_timer);
  csr_set_mie(1u << 7);
  const uint32_t due = hc_control_read(HC_CONTROL_MTIME_LO) + 5000u;
  hc_control_write(HC_CONTROL_MTIMECMP_LO, due);
  hc_control_write(HC_CONTROL_MTIMECMP_HI, 0);
  sleep_until_handled();
  return handled >= due && handled < due + 200u ? 0 : 8;
}

static void fill_queue(void) {
  const hc_mac_t t = tile();
  for (;;)
    hc_tensor_mac(&t, hc_when(COUNTER_NEVER, 1), HC_NO_ADD, HC_NO_ADD);
}

/* Waits as the act says for something that does not come. */
static void wait_for_ever(enum act act) {
  switch (act) {
    case ACT_FAULT_WHILE_ASLEEP:
    case ACT_SLEEP_FOR_EVER:
      for (;;)
        sleep();
    case ACT_FAULT_WHILE_SPINNING:
    case ACT_SPIN_FOR_EVER:
      for (;;)
        __asm__ volatile("");
    case ACT_QUEUE_FULL_FOR_EVER:
      fill_queue();
      break;
    case ACT_FAULT_WHILE_QUEUE_FULL:
      for (;;) {
        hc_dma_fill(HC_ABI_QUEUE_LOAD, 0, sram(TILE_A), hc_line(64), hc_when(COUNTER_NEVER, 1),
                    HC_NO_ADD, HC_NO_ADD);
      }
    default:
      hc_counter_wait(COUNTER_NEVER, 1);
  }
}

int main(void) {
  const enum act act =
      (enum act) * (volatile uint32_t*)(uintptr_t)(HC_CORE_SRAM_BASE + HC_SRAM_SCRATCH);
  switch (act) {
    case ACT_NOTHING:
      return 0;
    case ACT_HELLO:
      printf("hello from core %lu of %lu, pi is not %d\n",
             (unsigned long)hc_control_read(HC_CONTROL_CORE_ID),
             (unsigned long)hc_control_read(HC_CONTROL_CORE_COUNT), 3);
      return 0;
    case ACT_EXIT_SEVEN:
      return 7;
    case ACT_HANDLE_FAULT:
    case ACT_HANDLE_FAULT_IN_WAIT:
      return handle_fault(act);
    case ACT_COUNTER_INTERRUPT:
      return counter_interrupt();
    case ACT_TIMER_INTERRUPT:
      return timer_interrupt();
    case ACT_READ_ARGUMENT:
      return copy_through_sram();
    case ACT_STACK_DEEP:
      return deep_recursion();
    case ACT_PRINT_MUCH:
      for (int i = 0; i < 200; ++i)
        printf("line %d of a hart that has much to say\n", i);
      return 0;
    case ACT_PRINT_OPEN_LINE:
      printf("no newline");
      return 0;
    case ACT_HANG_IN_OPEN_LINE:
      printf("before the wait ");
      break;
    default:
      break;
  }
  if (!act_on_tiles(act)) act_of_engine(act);
  act_of_hart(act);
  act_of_software(act);
  wait_for_ever(act);
  return 0;
}
