// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aipu::load {

/// The byte that a piece of the form "<0xNN>" stands for.
std::optional<char> byte_of_piece(std::string_view piece);

/// "<0xNN>" of a byte.
std::string piece_of_byte(char byte);

}  // namespace aipu::load
