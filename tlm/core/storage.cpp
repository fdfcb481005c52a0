// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/storage.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/mman.h>

#include "hw/base/error.h"

namespace aipu {

Storage::Storage(Bytes size, Bytes real) : size_(size), real_(std::min(size, real)) {
  if (real_.count == 0) return;
  void* mapped = ::mmap(nullptr, real_.count, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    throw UserError(
        ExitCode::kLimit,
        fmt::format("the host grants no {} bytes of address space for a simulated memory; "
                    "raise its limit (ulimit -v, vm.overcommit_memory)",
                    real_.count));
  }
  base_ = static_cast<std::uint8_t*>(mapped);
}

Storage::~Storage() {
  if (base_ != nullptr) ::munmap(base_, real_.count);
}

}  // namespace aipu
