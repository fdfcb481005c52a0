/* SPDX-License-Identifier: Apache-2.0
 * The HAL of firmware compiled for the host: it records what would have gone to the hardware. C11
 * and C++17. Kernels that read SRAM through pointers (embed, a sample that is reported) cannot run
 * here. */
#ifndef FIRMWARE_HOST_RECORDER_H
#define FIRMWARE_HOST_RECORDER_H

#include <stdint.h>

#include "hw/program/launch.h"

#ifdef __cplusplus
extern "C" {
#endif

enum recorded_kind { RECORDED_COMMAND, RECORDED_WAIT, RECORDED_ADD };

typedef struct {
  enum recorded_kind kind;
  uint32_t queue, opcode; /* of a command */
  uint32_t words[32];     /* of a command; of a wait: counter, target; of an add: its word */
  uint32_t data[2];       /* of a store or message from the scratch area: the first words there */
} recorded_t;

#define RECORDER_CAPACITY 65536u

/* Forgets everything and starts run time and identity afresh. */
void recorder_start(uint32_t core, uint32_t cores, uint32_t aipu);
/* Forgets what was recorded; the run time goes on. */
void recorder_clear(void);
uint32_t recorder_count(void);
const recorded_t* recorder_at(uint32_t index);

/* State of the run time that a program would have brought about. */
void recorder_set_position(uint32_t position);
void recorder_set_targets(uint32_t phase, uint32_t gather, uint32_t reduce);

/* Words of the scratch area that firmware reads and writes itself; kept until the next start. */
#define RECORDER_SCRATCH_WORDS 1024u
uint32_t* recorder_scratch(void);

/* What loads into the scratch area find at `address`, until the next start. Kept by the caller. */
void recorder_memory(uint64_t address, const void* data, uint32_t bytes);

/* A tile of the stream ring (rt_stream_take). */
typedef struct {
  uint32_t sram, freed;
} recorder_tile_t;
recorder_tile_t recorder_take(uint32_t bytes);

/* Runs a kernel of hw/program/launch.h; 0 where it cannot run on the host. Not there with
 * RECORDER_NO_KERNELS. */
int recorder_run(const hc_launch_t* launch);

#ifdef __cplusplus
}
#endif

#endif
