// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <string>

namespace aipu {

/// Prints file, line, condition and message on stderr, then aborts.
[[noreturn]] void assertion_failed(const char* file, int line, const char* condition,
                                   const std::string& message);

}  // namespace aipu

/// An invariant of ours, on in every build. The message (fmt format) names the values that broke
/// it.
#define AIPU_ASSERT(condition, ...) \
  (static_cast<bool>(condition)     \
       ? static_cast<void>(0)       \
       : ::aipu::assertion_failed(__FILE__, __LINE__, #condition, ::fmt::format(__VA_ARGS__)))
