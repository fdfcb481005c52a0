// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/options.h"

#include <fmt/format.h>

namespace aipu::debug {

std::string invitation(const Options& options, std::uint16_t port) {
  return fmt::format("waiting for GDB: gdb-multiarch {} -ex 'target remote :{}'", options.symbols,
                     port);
}

}  // namespace aipu::debug
