// SPDX-License-Identifier: Apache-2.0
#include "hw/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace aipu {

void assertion_failed(const char* file, int line, const char* condition,
                      const std::string& message) {
  std::fprintf(stderr, "hc1000: internal error: %s:%d: %s: %s\n", file, line, condition,
               message.c_str());
  std::abort();
}

}  // namespace aipu
