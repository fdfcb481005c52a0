/* SPDX-License-Identifier: Apache-2.0
 *
 * How firmware divides a core's SRAM (byte offsets), and with it the limits that lowering keeps.
 * [0, 128 KiB) is real in every mode: stack (at the bottom), code, data, launch ring.
 */
#ifndef HW_PROGRAM_SRAM_MAP_H
#define HW_PROGRAM_SRAM_MAP_H

#define HC_SRAM_SCRATCH 0x1f000u      /* 4 KiB of real bytes for control data (token ids) */
#define HC_SRAM_STREAM 0x20000u       /* ring of weight, K and V tiles */
#define HC_SRAM_STREAM_BYTES 0x80000u /* 512 KiB */
#define HC_SRAM_INPUT 0xa0000u        /* activations of the kernel at work */
#define HC_SRAM_INPUT_BYTES 0x28000u  /* 160 KiB */
#define HC_SRAM_ACC0 0xc8000u         /* accumulators, two halves used in turn */
#define HC_SRAM_ACC1 0xe0000u
#define HC_SRAM_ACC_BYTES 0x18000u /* 96 KiB each */
#define HC_SRAM_SEND 0xf8000u      /* results on their way to other AIPUs, candidate lists */
#define HC_SRAM_SEND_BYTES 0x8000u /* 32 KiB */

/* Collectives use the areas of activations and accumulators: other AIPUs write into the slots, so a
 * barrier separates them from other kernels (hw/docs/collectives.md). */
#define HC_SRAM_LANDING HC_SRAM_INPUT
#define HC_SRAM_LANDING_BYTES 0x40000u /* 256 KiB: input and first accumulators */
#define HC_SRAM_RESULT HC_SRAM_ACC1
#define HC_SRAM_RESULT_BYTES HC_SRAM_ACC_BYTES

#endif
