/* SPDX-License-Identifier: Apache-2.0
 * Files by picolibc's semihosting library: the exit code says which step failed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition) \
  if (!(condition)) return __LINE__

static int refuses(const char* name) {
  errno = 0;
  return fopen(name, "r") == NULL && errno == EACCES && fopen(name, "w") == NULL;
}

int main(void) {
  char text[64] = "";
  FILE* in = fopen("in.txt", "r");
  CHECK(in != NULL);
  CHECK(fread(text, 1, sizeof text - 1, in) == 9);
  CHECK(strcmp(text, "from host") == 0);
  CHECK(fseek(in, 5, SEEK_SET) == 0 && fgetc(in) == 'h');
  CHECK(fseek(in, -1, SEEK_END) == 0 && fgetc(in) == 't' && fgetc(in) == EOF);
  CHECK(fclose(in) == 0);

  FILE* out = fopen("made/out.txt", "w");
  CHECK(out != NULL);
  CHECK(fprintf(out, "%d bytes: %s\n", 9, text) > 0 && fclose(out) == 0);
  out = fopen("made/out.txt", "a");
  static char many[100000];
  memset(many, 'x', sizeof many);
  CHECK(out != NULL && fwrite(many, 1, sizeof many, out) == sizeof many && fclose(out) == 0);

  CHECK(refuses("../in.txt"));
  CHECK(refuses("made/../../in.txt"));
  CHECK(refuses("/etc/hostname"));
  CHECK(fopen("link", "r") == NULL && fopen("link/in.txt", "r") == NULL);
  CHECK(fopen("pipe", "r") == NULL && fopen("made", "r") == NULL);
  CHECK(fopen("none.txt", "r") == NULL && errno == ENOENT);
  CHECK(unlink("in.txt") == 0 && fopen("in.txt", "r") == NULL);

  printf("files: good\n");
  fprintf(stderr, "errors: too\n");
  return 0;
}
