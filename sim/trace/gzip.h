// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace aipu::trace {

/// Compresses to the gzip format, without name and time: same bytes in, same bytes out.
std::string gzip(std::string_view bytes);

}  // namespace aipu::trace
