/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/host/recorder.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#ifdef RECORDER_NO_KERNELS /* of a program that brings its own */
#include "firmware/rt/rt.h"
#else
#include "firmware/kernels/kernels.h"
#endif

static recorded_t records[RECORDER_CAPACITY];
static uint32_t count;
static uint32_t staged[5][32];
static uint32_t scratch[RECORDER_SCRATCH_WORDS];
static uint32_t core_id, core_count, aipu_id;
static struct {
  uint64_t address;
  const uint8_t* data;
  uint32_t bytes;
} memory;

static recorded_t* record(enum recorded_kind kind) {
  if (count == RECORDER_CAPACITY) abort();
  recorded_t* r = &records[count++];
  memset(r, 0, sizeof *r);
  r->kind = kind;
  return r;
}

void recorder_start(uint32_t core, uint32_t cores, uint32_t aipu) {
  count = 0;
  memset(staged, 0, sizeof staged);
  memset(&rt, 0, sizeof rt);
  memset(scratch, 0, sizeof scratch);
  memset(&memory, 0, sizeof memory);
  core_id = core;
  core_count = cores;
  aipu_id = aipu;
  rt_init();
}

void recorder_clear(void) {
  count = 0;
}
uint32_t recorder_count(void) {
  return count;
}
const recorded_t* recorder_at(uint32_t index) {
  return &records[index];
}
void recorder_set_position(uint32_t position) {
  rt.position = position;
}
void recorder_set_targets(uint32_t phase, uint32_t gather, uint32_t reduce) {
  rt.phase = phase;
  rt.gather = gather;
  rt.reduce = reduce;
}

uint32_t* recorder_scratch(void) {
  return scratch;
}
uint32_t* rt_words(uint32_t address) {
  const uint32_t offset = address - rt_area(HC_SRAM_SCRATCH);
  if (offset >= sizeof scratch) abort();
  return scratch + offset / 4u;
}

void recorder_memory(uint64_t address, const void* data, uint32_t bytes) {
  memory.address = address;
  memory.data = data;
  memory.bytes = bytes;
}

/* Where `bytes` from an address of the own SRAM on lie, if all in the scratch area. */
static uint8_t* in_scratch(uint64_t address, uint32_t bytes) {
  const uint64_t offset = address - rt_local(rt_area(HC_SRAM_SCRATCH));
  return offset <= sizeof scratch && bytes <= sizeof scratch - offset ? (uint8_t*)scratch + offset
                                                                      : NULL;
}
static uint64_t address_of(const recorded_t* r, uint32_t low) {
  return (uint64_t)r->words[low + 1u] << 32 | r->words[low];
}

/* What a copy brings into the scratch area or takes from it. */
static void move(recorded_t* r) {
  if (r->queue != HC_ABI_QUEUE_STORE && r->queue != HC_ABI_QUEUE_DIRECTCOM) return;
  const uint64_t src = address_of(r, HC_DMA_W_SRC_LO);
  const uint8_t* words = in_scratch(src, sizeof r->data);
  if (words) memcpy(r->data, words, sizeof r->data);
  if (r->queue != HC_ABI_QUEUE_STORE || r->opcode != HC_DMA_OP_COPY) return;
  const uint32_t bytes = r->words[HC_DMA_W_BYTES];
  uint8_t* to = in_scratch(address_of(r, HC_DMA_W_DST_LO), bytes);
  const uint64_t offset = src - memory.address;
  if (to && offset <= memory.bytes && bytes <= memory.bytes - offset)
    memcpy(to, memory.data + offset, bytes);
}

recorder_tile_t recorder_take(uint32_t bytes) {
  const rt_tile_t tile = rt_stream_take(bytes);
  return (recorder_tile_t){.sram = tile.sram, .freed = tile.freed};
}

#ifndef RECORDER_NO_KERNELS
int recorder_run(const hc_launch_t* launch) {
  /* These read SRAM as memory, which the recorder does not have. */
  if (launch->kernel == HC_KERNEL_EMBED) return 0;
  if (launch->kernel == HC_KERNEL_SAMPLE && launch->args.sample.report) return 0;
  if (launch->kernel >= HC_KERNEL_COUNT || !kernel_table[launch->kernel]) return 0;
  kernel_table[launch->kernel](launch);
  return 1;
}
#endif

/* The HAL. */
void hc_queue_write(uint32_t queue, uint32_t word, uint32_t value) {
  staged[queue][word] = value;
}

void hc_queue_ring(uint32_t queue, uint32_t opcode) {
  recorded_t* r = record(RECORDED_COMMAND);
  r->queue = queue;
  r->opcode = opcode;
  memcpy(r->words, staged[queue], sizeof r->words);
  move(r);
}

uint32_t hc_counter_wait(uint32_t counter, uint32_t target) {
  recorded_t* r = record(RECORDED_WAIT);
  r->words[0] = counter;
  r->words[1] = target;
  return target;
}

void hc_counter_add(uint32_t add) {
  record(RECORDED_ADD)->words[0] = add;
}

uint32_t hc_control_read(uint32_t offset) {
  switch (offset) {
    case HC_CONTROL_CORE_ID:
      return core_id;
    case HC_CONTROL_CORE_COUNT:
      return core_count;
    case HC_CONTROL_AIPU_ID:
      return aipu_id;
    default:
      return 0;
  }
}

void hc_control_write(uint32_t offset, uint32_t value) {
  (void)offset;
  (void)value;
}
