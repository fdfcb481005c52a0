/* SPDX-License-Identifier: Apache-2.0
 *
 * Run time of a core: where its tiles lie, what it has issued so far, and what the inputs of the
 * next kernel wait for. A core issues every kernel of the program ahead of time; what keeps that
 * safe:
 *
 *  - every queue retires in order, so `counter >= n` means that the first n commands are done;
 *  - stream tiles (weights, K and V) live in a byte ring: a load waits until the tiles it
 * overwrites were consumed (HC_COUNTER_FREED), whichever kernel they belong to;
 *  - activations are loaded through the store queue and wait for `phase` and `gather`: all kernels
 *    before this one are done on every core (and rank) that takes part.
 */
#ifndef FIRMWARE_RT_RT_H
#define FIRMWARE_RT_RT_H

#include <stdint.h>

#include "firmware/hal/control.h"
#include "firmware/hal/counter.h"
#include "firmware/hal/directcom.h"
#include "firmware/hal/dma.h"
#include "firmware/hal/tensor.h"
#include "firmware/hal/vector.h"
#include "hw/program/launch.h"
#include "hw/program/sram_map.h"

/* A ring of tiles of any size; tile i occupies bytes that are free when tile i - n was consumed. */
#define RT_RING_TILES 64u
typedef struct {
  uint32_t base, size;
  uint32_t offset;  /* of the next tile in the ring */
  uint32_t virtual; /* the same, never wrapped (modulo 2^32) */
  uint32_t issued, released;
  uint32_t start[RT_RING_TILES];
} rt_ring_t;

typedef struct {
  uint32_t sram;   /* address of the tile */
  uint32_t freed;  /* its load waits for HC_COUNTER_FREED >= freed */
  uint32_t filled; /* its reader waits for HC_COUNTER_FILLED >= filled */
} rt_tile_t;

typedef struct {
  uint32_t core, cores, aipu;
  uint32_t position; /* of the first row of the step */
  /* Targets that the inputs of the kernel being issued wait for. */
  uint32_t phase, gather, reduce;
  /* Commands issued so far, by the counter that they add to. */
  uint32_t fills, inputs, macs, vectors, stores, sends, fenced_sends, fences, loads;
  /* What the counters of collectives will have reached: parts that land, by counter. */
  uint32_t landed[HC_COLLECTIVE_COUNTERS];
  uint32_t slot_turns;   /* slots of collectives taken so far */
  uint32_t local_high;   /* high word of addresses in the own SRAM */
  uint32_t stream_words; /* 1: the load queue has the words that all stream loads share */
  rt_ring_t stream;
} rt_t;
extern rt_t rt;

void rt_init(void);

/* Takes the next `bytes` of the stream ring, contiguous and aligned to 64; nothing is loaded. */
rt_tile_t rt_stream_take(uint32_t bytes);

/* Writes the words that the loads of the stream ring have in common. */
void rt_stream_words(void);
/* The load queue's words are about to be those of another command: rt_stream_load() writes what its
 * loads have in common anew. */
static inline void rt_stream_words_lost(void) {
  rt.stream_words = 0;
}

/* Loads the next stream tile through the load queue, as soon as there is room for it. */
rt_tile_t rt_stream_load(hc_gaddr_t src, uint32_t bytes);

/* Loads activations through the store queue when the kernels before are done. */
void rt_input(hc_gaddr_t src, uint32_t sram, hc_shape_t shape);
/* The same with a wait of its own. */
void rt_input_after(hc_gaddr_t src, uint32_t sram, hc_shape_t shape, hc_wait_t wait);

/* Stores from own SRAM; `signal` is a further add, HC_NO_ADD for none. */
void rt_store(uint32_t sram, hc_gaddr_t dst, hc_shape_t shape, hc_wait_t wait, hc_add_t signal);

/* Makes every later command of the store queue wait for `wait` as well; then does the add. */
void rt_fence(hc_wait_t wait, hc_add_t signal);
/* The same until all messages sent so far have been taken from SRAM. */
void rt_fence_sends(void);

/* Sends rows of own SRAM to `dst_offset` of AIPU `aipu` (or stores them, when it is this one). */
void rt_send(uint32_t sram, hc_gaddr_t dst, uint32_t aipu, hc_shape_t shape,
             enum hc_traffic_class traffic_class, hc_wait_t wait, hc_add_t remote);

/* What the inputs of a kernel wait for: all kernels before it, on every core and rank. */
static inline hc_wait_t rt_ready(void) {
  return hc_when2(HC_COUNTER_PHASE, rt.phase, HC_COUNTER_GATHER, rt.gather);
}

static inline hc_gaddr_t rt_local(uint32_t sram) {
  return (uint64_t)rt.local_high << 32 | (sram - HC_CORE_SRAM_BASE);
}
static inline uint32_t rt_area(uint32_t offset) {
  return HC_CORE_SRAM_BASE + offset;
}

/* What the hart reads and writes of its SRAM itself. */
#ifdef HC_HOST_HAL
uint32_t* rt_words(uint32_t address);
#else
static inline uint32_t* rt_words(uint32_t address) {
  return (uint32_t*)(uintptr_t)address;
}
#endif

static inline uint32_t rt_min(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}
/* Tiles begin at multiples of 64 bytes. */
static inline uint32_t rt_align64(uint32_t bytes) {
  return (bytes + 63u) & ~63u;
}
/* An address of the own AIPU as it is on another. */
static inline hc_gaddr_t rt_on_aipu(hc_gaddr_t address, uint32_t aipu) {
  return (address & ~(0xfffull << 48)) | (uint64_t)aipu << 48;
}
static inline uint32_t rt_size_of(uint32_t dtype) {
  return dtype == HC_ABI_DTYPE_F32 || dtype == HC_ABI_DTYPE_INT32 ? 4u
         : dtype == HC_ABI_DTYPE_BF16                             ? 2u
                                                                  : 1u;
}

/* The share [begin, end) of `count` things that this core of the launch has, dealt in units. */
typedef struct {
  uint32_t begin, end;
} rt_range_t;
rt_range_t rt_deal(uint32_t count, uint32_t unit, const hc_launch_t* launch);

#endif
