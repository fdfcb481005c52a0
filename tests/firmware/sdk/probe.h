/* SPDX-License-Identifier: Apache-2.0
 * What probe.c does, by its first word. C11 and C++17. */
#ifndef TESTS_FIRMWARE_SDK_PROBE_H
#define TESTS_FIRMWARE_SDK_PROBE_H

enum probe { PROBE_SAY = 0, PROBE_EXIT = 1, PROBE_HANG = 2, PROBE_FAULT = 3, PROBE_COPY = 4 };

#endif
