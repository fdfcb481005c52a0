// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/tohost.h"

namespace aipu {

void Tohost::write(std::uint64_t address, unsigned bytes, std::uint64_t value) {
  if (address == *address_ && bytes == 8) {
    act(value);
  } else if (address == *address_ && low_) {
    act(*low_);  // the low word again: the first was the whole
  } else if (address == *address_) {
    low_ = static_cast<std::uint32_t>(value);
    age_ = 0;
    if (high_ != 0) act(std::uint64_t{high_} << 32U | *low_);
  } else if (address == *address_ + 4) {
    high_ = static_cast<std::uint32_t>(value);
    if (low_) act(std::uint64_t{high_} << 32U | *low_);
  }
}

void Tohost::settle() {
  constexpr unsigned kPatience = 2;
  if (low_ && ++age_ >= kPatience) act(*low_);
}

void Tohost::flush() {
  if (low_) act(*low_);
}

void Tohost::act(std::uint64_t value) {
  constexpr std::uint64_t kPutchar = 0x0101, kSystemCall = 0x0000;
  low_.reset();
  high_ = 0;
  if (result_) return;
  if (value >> 48U == kPutchar) {
    print_(static_cast<char>(value & 0xffU));
  } else if ((value & 1U) != 0) {
    result_ = value;
  } else if (value >> 48U == kSystemCall && value != 0 && call_) {
    call_(value);
  }
}

}  // namespace aipu
