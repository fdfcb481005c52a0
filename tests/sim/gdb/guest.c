/* SPDX-License-Identifier: Apache-2.0
 * What the debugger's tests stop in: a call, a loop, a variable to watch, a fault on demand. */
volatile int watched;
volatile int fault_wanted;
volatile int table[4] = {11, 22, 33, 44};

__attribute__((noinline)) int square(int x) {
  int result = x * x;
  return result;
}

__attribute__((noinline)) void touch_nothing(void) {
  *(volatile int*)16 = 1; /* no memory there */
}

int main(void) {
  int sum = 0;
  for (int i = 1; i <= 3; ++i) {
    int s = square(i);
    sum += s;
    watched = sum;
  }
  if (fault_wanted) touch_nothing();
  return sum == 14 ? 0 : 1;
}
