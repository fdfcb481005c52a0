/* SPDX-License-Identifier: Apache-2.0
 * Commands that meet on a tile, read what nobody wrote, or wait for each other. */
#include "firmware/hal/directcom.h"
#include "firmware/hal/vector.h"
#include "tests/firmware/chip/acts_hal.h"

#define TILE_D (HC_CORE_SRAM_BASE + 0x70000u)
enum { ROW = 256, LONG = 0x10000 };

static void copy(uint32_t queue, uint64_t from, uint64_t to, uint32_t bytes, hc_wait_t wait,
                 hc_add_t add) {
  hc_dma_copy(queue, from, to, hc_line(bytes), wait, add, HC_NO_ADD);
}
static void fill(uint32_t tile_address, uint32_t bytes) {
  hc_dma_fill(HC_ABI_QUEUE_LOAD, 0x3c003c00u, sram(tile_address), hc_line(bytes), hc_now(), done(),
              HC_NO_ADD);
}
static void square(uint32_t from, uint32_t to, hc_wait_t wait, hc_add_t add) {
  const hc_vector_t v = {.src0 = from,
                         .src1 = from,
                         .dst = to,
                         .rows = 1,
                         .cols = ROW / 4,
                         .ld_src0 = ROW / 4,
                         .ld_src1 = ROW / 4,
                         .ld_dst = ROW / 4,
                         .dtype_src0 = HC_ABI_DTYPE_F32,
                         .dtype_src1 = HC_ABI_DTYPE_F32,
                         .dtype_dst = HC_ABI_DTYPE_F32};
  hc_vector(HC_VECTOR_OP_MUL, &v, wait, add, HC_NO_ADD);
}
static void put(uint32_t from, uint32_t bytes, hc_wait_t wait) {
  hc_put_lines(HC_CLASS_BULK, done());
  hc_put_wait(wait);
  hc_put_line(sram(from), hbm(0x200000), bytes, HC_NO_ADD);
}

static int meet_on_a_tile(enum act act) {
  switch (act) {
    case ACT_OVERWRITE_WHILE_READ:
      copy(HC_ABI_QUEUE_STORE, sram(TILE_A), hbm(0x100000), LONG, hc_now(), done());
      copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_A + 0x8000), ROW, hc_now(), done());
      return 1;
    case ACT_READ_WHILE_WRITTEN: {
      hc_mac_t t = tile();
      t.b = TILE_A + 0x8000;
      copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_A), LONG, hc_now(), done());
      multiply(&t);
      return 1;
    }
    case ACT_WRITE_TWICE:
      copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_A), LONG, hc_now(), done());
      copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_A + LONG - ROW), LONG, hc_now(), done());
      return 1;
    default:
      return 0;
  }
}

static int read_what_nobody_wrote(enum act act) {
  const hc_wait_t filled = hc_when(COUNTER_DONE, 1);
  const hc_mac_t t = tile();
  switch (act) {
    case ACT_STORE_UNWRITTEN:
      fill(TILE_A, ROW / 2);
      copy(HC_ABI_QUEUE_STORE, sram(TILE_A), hbm(0x100000), ROW, filled, done());
      return 1;
    case ACT_MAC_UNWRITTEN:
      fill(TILE_A, LONG);
      hc_tensor_mac(&t, filled, done(), HC_NO_ADD);
      return 1;
    case ACT_VECTOR_UNWRITTEN:
      square(TILE_D, TILE_C, hc_now(), done());
      return 1;
    case ACT_PUT_UNWRITTEN:
      fill(TILE_A, ROW);
      put(TILE_A, ROW + 4, filled);
      return 1;
    default:
      return 0;
  }
}

/* Tiles written in every way there is, read by every engine. */
static int read_what_was_written(void) {
  volatile uint32_t* const words = (volatile uint32_t*)(uintptr_t)TILE_D;
  const hc_mac_t t = tile();
  for (uint32_t i = 0; i < ROW / 4; ++i)
    words[i] = i;
  copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_A), LONG, hc_now(), done());
  fill(TILE_B, LONG);
  hc_tensor_mac(&t, hc_when(COUNTER_DONE, 2), done(), HC_NO_ADD);
  square(TILE_C, TILE_C + LONG / 2, hc_when(COUNTER_DONE, 3), done());
  square(TILE_D, TILE_D + ROW, hc_when(COUNTER_DONE, 4), done());
  copy(HC_ABI_QUEUE_STORE, sram(TILE_D), hbm(0x100000), 2 * ROW, hc_when(COUNTER_DONE, 5), done());
  put(TILE_C + LONG / 2, ROW, hc_when(COUNTER_DONE, 6));
  hc_counter_wait(COUNTER_DONE, 7);
  return words[ROW / 4 - 1] == ROW / 4 - 1 ? 0 : 9;
}

/* Waits of several engines behind one that nothing will end; the hart waits for the last. */
static void hang_in_a_chain(void) {
  const hc_mac_t t = tile();
  copy(HC_ABI_QUEUE_STORE, sram(TILE_C), hbm(0), ROW, hc_when(COUNTER_DONE, 1),
       hc_add(COUNTER_STORED, 1));
  hc_tensor_mac(&t, hc_when(COUNTER_CHAIN, 1), done(), HC_NO_ADD);
  copy(HC_ABI_QUEUE_LOAD, hbm(0), sram(TILE_A), ROW, hc_when(COUNTER_NEVER, 1),
       hc_add(COUNTER_CHAIN, 1));
  hc_counter_wait(COUNTER_STORED, 1);
}

static int hang(enum act act) {
  switch (act) {
    case ACT_HANG_CHAIN:
      hang_in_a_chain();
      return 1;
    case ACT_HANG_ONE_SHORT:
      for (int i = 0; i < 3; ++i)
        fill(TILE_A, ROW);
      hc_counter_wait(COUNTER_DONE, 4);
      return 1;
    case ACT_HANG_FOR_CORE_0:
      hc_dma_fill(HC_ABI_QUEUE_LOAD, 0, sram(TILE_A), hc_line(ROW), hc_when(COUNTER_NEVER, 1),
                  hc_add_scoped(COUNTER_DONE, 1, 0), HC_NO_ADD);
      hc_counter_wait(COUNTER_STORED, 1);
      return 1;
    case ACT_HANG_FOR_REMOTE_ADD:
      hc_put_lines(HC_CLASS_BULK, HC_NO_ADD);
      hc_put_wait(hc_when(COUNTER_NEVER, 1));
      hc_put_line(sram(TILE_A), hbm(0x200000), ROW, hc_add_scoped(COUNTER_DONE, 1, 0));
      hc_counter_wait(COUNTER_STORED, 1);
      return 1;
    case ACT_HANG_WAIT_DONE:
      hc_counter_wait(COUNTER_DONE, 1);
      return 1;
    default:
      return 0;
  }
}

static int from_nowhere(enum act act) {
  hc_mac_t t = tile();
  switch (act) {
    case ACT_PUT_FROM_NOWHERE:
      put(HC_CORE_SRAM_BASE + HC_CORE_SRAM_SIZE - 64, ROW, hc_now());
      return 1;
    case ACT_VECTOR_FROM_NOWHERE:
      square(HC_CORE_SRAM_BASE + HC_CORE_SRAM_SIZE, TILE_C, hc_now(), done());
      return 1;
    case ACT_TENSOR_FROM_NOWHERE:
      t.a = 0;
      multiply(&t);
      return 1;
    default:
      return 0;
  }
}

int act_on_tiles(enum act act) {
  if (act == ACT_READ_WRITTEN) hc_exit((uint32_t)read_what_was_written());
  return meet_on_a_tile(act) || read_what_nobody_wrote(act) || hang(act) || from_nowhere(act);
}
