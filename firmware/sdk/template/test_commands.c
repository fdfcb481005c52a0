/* SPDX-License-Identifier: Apache-2.0
 * On the host, without a simulator: the exact commands that the kernel gives the engines. */
#include <stdio.h>

#include "firmware/host/recorder.h"
#include "kernel_name.h"

static int failures;

static void expect(const char* what, uint64_t got, uint64_t wanted) {
  if (got == wanted) return;
  printf("%s: got %#llx, wanted %#llx\n", what, (unsigned long long)got,
         (unsigned long long)wanted);
  ++failures;
}

/* A command of the queue, with this opcode. */
static const recorded_t* command(uint32_t index, uint32_t queue, uint32_t opcode) {
  static const recorded_t none;
  if (index >= recorder_count()) {
    printf("command %u: only %u were recorded\n", (unsigned)index, (unsigned)recorder_count());
    ++failures;
    return &none;
  }
  const recorded_t* r = recorder_at(index);
  expect("kind", r->kind, RECORDED_COMMAND);
  expect("queue", r->queue, queue);
  expect("opcode", r->opcode, opcode);
  return r;
}

static void record(uint32_t core, uint32_t cores, uint32_t elements) {
  recorder_start(core, cores, 0);
  const kernel_name_args_t args = {
      .x = 0x1000, .y = 0x200000, .out = 0x400000, .elements = elements, .cores = cores};
  kernel_name(&args);
}

static void one_tile_is_loaded_summed_and_stored(void) {
  record(0, 1, 100);
  expect("count", recorder_count(), 5);
  const recorded_t* x = command(0, HC_ABI_QUEUE_LOAD, HC_DMA_OP_COPY);
  expect("x from", x->words[HC_DMA_W_SRC_LO], 0x1000);
  expect("x bytes", x->words[HC_DMA_W_BYTES], 400);
  const recorded_t* y = command(1, HC_ABI_QUEUE_LOAD, HC_DMA_OP_COPY);
  expect("y from", y->words[HC_DMA_W_SRC_LO], 0x200000);
  const recorded_t* add = command(2, HC_ABI_QUEUE_VECTOR, HC_VECTOR_OP_ADD);
  expect("columns", add->words[HC_VECTOR_W_COLS], 100);
  expect("waits for both tiles", add->words[HC_ABI_W_WAIT0_TARGET], 2);
  const recorded_t* store = command(3, HC_ABI_QUEUE_STORE, HC_DMA_OP_COPY);
  expect("out to", store->words[HC_DMA_W_DST_LO], 0x400000);
  expect("waits for the sum", store->words[HC_ABI_W_WAIT0_TARGET], 1);
  expect("then a wait", recorder_at(4)->kind, RECORDED_WAIT);
  expect("for one store", recorder_at(4)->words[1], 1);
}

static void cores_take_tiles_in_turn(void) {
  const uint32_t tile = KERNEL_NAME_TILE_BYTES;
  record(1, 2, 4 * tile / (uint32_t)sizeof(float)); /* tiles 1 and 3 */
  expect("count", recorder_count(), 9);
  expect("first", command(0, HC_ABI_QUEUE_LOAD, HC_DMA_OP_COPY)->words[HC_DMA_W_SRC_LO],
         0x1000 + tile);
  expect("second", command(4, HC_ABI_QUEUE_LOAD, HC_DMA_OP_COPY)->words[HC_DMA_W_SRC_LO],
         0x1000 + 3 * tile);
}

static void a_buffer_is_filled_again_when_its_store_is_done(void) {
  record(0, 1, 3 * KERNEL_NAME_TILE_BYTES / (uint32_t)sizeof(float));
  const recorded_t* third = command(10, HC_ABI_QUEUE_VECTOR, HC_VECTOR_OP_ADD);
  expect("stores done", third->words[HC_ABI_W_WAIT1_TARGET], 1);
}

static void nothing_to_do_gives_no_command(void) {
  record(3, 4, 10);
  expect("count", recorder_count(), 1); /* the wait at the end */
}

int main(void) {
  one_tile_is_loaded_summed_and_stored();
  cores_take_tiles_in_turn();
  a_buffer_is_filled_again_when_its_store_is_done();
  nothing_to_do_gives_no_command();
  printf("%s\n", failures == 0 ? "commands: good" : "commands: failed");
  return failures != 0;
}
