/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that print the same on any machine: the host's own compiler is the oracle. */
#pragma once
#include <stdint.h>

void print_char(char c);
void print_text(const char* text);
void print_number(const char* name, uint64_t value);

void workload_all(void);
/* The mix that speed is measured with: sort, CRC, state machine, matrix, copies, divisions. */
uint32_t workload_bench(uint32_t iterations);
