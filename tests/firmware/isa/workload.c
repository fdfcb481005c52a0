/* SPDX-License-Identifier: Apache-2.0 */
#include "workload.h"

typedef struct node {
  struct node* next;
  uint16_t key, value;
} node_t;

static node_t nodes[128];
static int16_t mat_a[16][16], mat_b[16][16];
static int32_t mat_c[16][16];
static uint32_t block_from[512], block_to[512];
static uint32_t seed;

static uint32_t next_random(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}

void print_text(const char* text) {
  while (*text)
    print_char(*text++);
}

void print_number(const char* name, uint64_t value) {
  char digits[20];
  int n = 0;
  print_text(name);
  print_char(' ');
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0)
    print_char(digits[--n]);
  print_char('\n');
}

static node_t* merge_sort(node_t* list, uint32_t n) {
  if (n < 2) {
    if (list) list->next = 0;
    return list;
  }
  node_t* half = list;
  for (uint32_t i = 0; i < n / 2; ++i)
    half = half->next;
  node_t* b = merge_sort(half, n - n / 2);
  node_t* a = merge_sort(list, n / 2);
  node_t head = {0, 0, 0};
  node_t* tail = &head;
  while (a && b) {
    node_t** least = a->key <= b->key ? &a : &b;
    tail->next = *least;
    tail = *least;
    *least = (*least)->next;
  }
  tail->next = a ? a : b;
  return head.next;
}

static uint32_t sort_list(void) {
  uint32_t sum = 0, rank = 0;
  for (uint32_t i = 0; i < 128; ++i) {
    nodes[i].next = i < 127 ? &nodes[i + 1] : 0;
    nodes[i].key = (uint16_t)next_random();
    nodes[i].value = (uint16_t)i;
  }
  for (node_t* n = merge_sort(nodes, 128); n; n = n->next)
    sum += ++rank * (n->key ^ n->value);
  return sum;
}

static uint16_t crc16(const uint8_t* bytes, uint32_t n) {
  uint16_t crc = 0xffff;
  for (uint32_t i = 0; i < n; ++i) {
    crc = (uint16_t)(crc ^ (uint16_t)(bytes[i] << 8));
    for (int b = 0; b < 8; ++b)
      crc = (uint16_t)((crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

static uint32_t matrix(void) {
  uint32_t sum = 0;
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) {
      mat_a[i][j] = (int16_t)next_random();
      mat_b[i][j] = (int16_t)next_random();
    }
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) {
      uint32_t c = 0;
      for (int k = 0; k < 16; ++k)
        c += (uint32_t)(mat_a[i][k] * (int32_t)mat_b[k][j] >> 2);
      mat_c[i][j] = (int32_t)c;
      sum = sum * 31 + c;
    }
  return sum;
}

/* Counts what a scanner of numbers finds: integers, fractions, exponents, rubbish. */
static uint32_t scan_numbers(const char* text) {
  enum { START, INTEGER, FRACTION, EXPONENT, RUBBISH } state = START;
  uint32_t counts[5] = {0, 0, 0, 0, 0};
  for (; *text; ++text) {
    const char c = *text;
    const int digit = c >= '0' && c <= '9';
    if (c == ',') {
      ++counts[state];
      state = START;
    } else if (state == START) {
      state = digit || c == '-' || c == '+' ? INTEGER : c == '.' ? FRACTION : RUBBISH;
    } else if (state == INTEGER) {
      state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : RUBBISH;
    } else if (state == FRACTION) {
      state = digit ? FRACTION : c == 'e' ? EXPONENT : RUBBISH;
    } else if (state == EXPONENT) {
      state = digit || c == '-' ? EXPONENT : RUBBISH;
    }
  }
  return counts[0] + 10 * counts[1] + 100 * counts[2] + 1000 * counts[3] + 10000 * counts[4];
}

static const char kNumbers[] = "12,3.5,-7e3,x9,0.25e-4,+88,,1..2,99999,4e,3.14159,abc,-0,5e5,";

static uint32_t copies(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 512; ++i)
    block_from[i] = next_random();
  for (uint32_t i = 0; i < 512; ++i)
    block_to[i] = block_from[511 - i];
  for (uint32_t i = 0; i < 512; ++i)
    sum ^= block_to[i] + i;
  return sum;
}

static uint32_t divisions(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 1; i <= n; ++i) {
    const uint32_t a = next_random(), b = (next_random() & 0xfff) + 1;
    sum += a / b + a % b;
    sum ^= (uint32_t)((int32_t)(a << 8) / -(int32_t)b);
  }
  return sum;
}

uint32_t workload_bench(uint32_t iterations) {
  uint32_t sum = 0;
  seed = 1;
  for (uint32_t i = 0; i < iterations; ++i) {
    sum = sum * 33 + sort_list();
    sum = sum * 33 + crc16((const uint8_t*)block_from, 256);
    sum = sum * 33 + scan_numbers(kNumbers);
    sum = sum * 33 + matrix();
    sum = sum * 33 + copies();
    sum = sum * 33 + divisions(50);
  }
  return sum;
}

static uint64_t mix64(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

static uint64_t wide_arithmetic(void) {
  uint64_t sum = 0;
  for (uint64_t i = 1; i < 200; ++i) {
    const uint64_t a = mix64(i), b = mix64(i * 77) >> (i & 31);
    sum += a / (b | 1) + a % (b | 1);
    sum ^= (uint64_t)((int64_t)a / (int64_t)(b >> 3 | 1)) + (uint64_t)((int64_t)a >> (i & 63));
    sum = (sum << (i & 31)) | (sum >> (64 - (i & 31) - ((i & 31) == 0)));
    sum += (uint64_t)((int64_t)(int32_t)a * (int32_t)b);
  }
  return sum;
}

static uint32_t bit_tricks(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 300; ++i) {
    uint32_t v = next_random() ^ (i << 24);
    uint32_t ones = 0;
    for (uint32_t w = v; w; w &= w - 1)
      ++ones;
    v = ((v >> 1) & 0x55555555u) | ((v & 0x55555555u) << 1);
    v = ((v >> 2) & 0x33333333u) | ((v & 0x33333333u) << 2);
    v = ((v >> 4) & 0x0f0f0f0fu) | ((v & 0x0f0f0f0fu) << 4);
    v = (v >> 24) | ((v >> 8) & 0xff00u) | ((v << 8) & 0xff0000u) | (v << 24);
    sum = sum * 17 + v + ones + (uint32_t)((int8_t)v) + (uint32_t)((int16_t)(v >> 3));
    sum ^= (uint32_t)((int32_t)v >> (i & 31));
  }
  return sum;
}

static uint32_t strings(void) {
  static char text[200];
  uint32_t n = 0;
  for (uint32_t i = 0; n < 190; ++i) {
    uint32_t v = i * i * 7919u;
    do {
      text[n++] = "0123456789abcdef"[v & 15];
      v >>= 4;
    } while (v && n < 190);
    text[n++] = ' ';
  }
  text[n] = 0;
  print_text(text);
  print_char('\n');
  uint32_t hash = 2166136261u;
  for (const char* c = text; *c; ++c)
    hash = (hash ^ (uint8_t)*c) * 16777619u;
  return hash;
}

static uint32_t primes(void) {
  static uint8_t composite[2000];
  uint32_t count = 0;
  for (uint32_t i = 2; i < 2000; ++i) {
    if (composite[i]) continue;
    ++count;
    for (uint32_t j = i * i; j < 2000; j += i)
      composite[j] = 1;
  }
  return count;
}

static uint32_t recursion(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return recursion(m - 1, n == 0 ? 1 : recursion(m, n - 1));
}

void workload_all(void) {
  seed = 12345;
  print_number("sort", sort_list());
  print_number("matrix", matrix());
  print_number("copies", copies());
  print_number("crc", crc16((const uint8_t*)block_to, 2048));
  print_number("scan", scan_numbers(kNumbers));
  print_number("divisions", divisions(500));
  print_number("wide", wide_arithmetic());
  print_number("bits", bit_tricks());
  print_number("strings", strings());
  print_number("primes", primes());
  print_number("recursion", recursion(2, 20));
  print_number("bench", workload_bench(2));
}
