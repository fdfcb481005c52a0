// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace aipu {

/// The host side of the `tohost` double word that bare RISC-V tests write: an odd value ends the
/// program (1 is a pass, else value >> 1 is the number of the failing test), device 1 command 1
/// prints a character, device 0 command 0 (an even value) is the address of a system call. Written
/// by one 64-bit store or by 32-bit stores in either order, or the low word alone.
class Tohost {
 public:
  using Print = std::function<void(char)>;
  /// Serves the system call at this address.
  using Call = std::function<void(std::uint64_t)>;

  Tohost(std::optional<std::uint64_t> address, Print print, Call call = {})
      : address_(address), print_(std::move(print)), call_(std::move(call)) {}

  std::optional<std::uint64_t> address() const { return address_; }
  bool covers(std::uint64_t address, unsigned bytes) const {
    return address_ && address + bytes > *address_ && address < *address_ + 8;
  }
  void write(std::uint64_t address, unsigned bytes, std::uint64_t value);
  /// Called now and then: a low word whose high word does not come counts as the whole.
  void settle();
  /// No high word will come any more.
  void flush();
  /// Ends the program as the value would that it did not write.
  void end(std::uint64_t value) { result_ = value; }
  /// The final value, once the program has ended.
  std::optional<std::uint64_t> result() const { return result_; }

 private:
  void act(std::uint64_t value);

  std::optional<std::uint64_t> address_;
  Print print_;
  Call call_;
  std::optional<std::uint32_t> low_;
  std::uint32_t high_ = 0;
  unsigned age_ = 0;
  std::optional<std::uint64_t> result_;
};

}  // namespace aipu
