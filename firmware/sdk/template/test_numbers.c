/* SPDX-License-Identifier: Apache-2.0
 * Inputs for a run in the simulator, and the check of its results against a reference of its own:
 *
 *   test_numbers make X Y ELEMENTS        test_numbers check X Y OUT ELEMENTS
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one sum, in F32 with one rounding: none at all. */
#define TOLERANCE 0.0

static float* take(size_t elements) {
  float* values = malloc(elements * sizeof *values);
  if (values == NULL) exit(4);
  return values;
}

static float* read_values(const char* path, size_t elements) {
  float* values = take(elements);
  FILE* file = fopen(path, "rb");
  if (file == NULL || fread(values, sizeof *values, elements, file) != elements) {
    printf("%s: not %zu elements\n", path, elements);
    exit(4);
  }
  fclose(file);
  return values;
}

/* The same numbers each time, between -8 and 8. */
static void make(const char* path, size_t elements, uint32_t seed) {
  float* values = take(elements);
  for (size_t i = 0; i < elements; ++i) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = (float)(int32_t)seed / (float)(1 << 28);
  }
  FILE* file = fopen(path, "wb");
  if (file == NULL || fwrite(values, sizeof *values, elements, file) != elements ||
      fclose(file) != 0) {
    printf("%s: cannot be written\n", path);
    exit(4);
  }
  free(values);
}

static int check(char** paths, size_t elements) {
  float* x = read_values(paths[0], elements);
  float* y = read_values(paths[1], elements);
  float* out = read_values(paths[2], elements);
  size_t wrong = 0;
  for (size_t i = 0; i < elements; ++i) {
    const float reference = x[i] + y[i];
    const double off = (double)out[i] - (double)reference;
    if (off <= TOLERANCE && -off <= TOLERANCE) continue;
    if (wrong++ < 5) printf("out[%zu] = %g, wanted %g\n", i, (double)out[i], (double)reference);
  }
  free(x);
  free(y);
  free(out);
  printf("numbers: %zu of %zu elements wrong\n", wrong, elements);
  return wrong != 0;
}

int main(int count, char** words) {
  if (count == 5 && strcmp(words[1], "make") == 0) {
    make(words[2], strtoul(words[4], NULL, 0), 1);
    make(words[3], strtoul(words[4], NULL, 0), 2);
    return 0;
  }
  if (count == 6 && strcmp(words[1], "check") == 0)
    return check(words + 2, strtoul(words[5], NULL, 0));
  printf("usage: %s make X Y ELEMENTS | check X Y OUT ELEMENTS\n", words[0]);
  return 2;
}
