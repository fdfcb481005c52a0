// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sim/debug/channel.h"
#include "sim/debug/packet.h"
#include "sim/debug/registers.h"
#include "sim/debug/target.h"

namespace aipu::test {

/// Three harts of 32 bit that do nothing, with a little memory, and what was asked of them.
class FakeTarget : public debug::Target {
 public:
  static constexpr std::uint64_t kMemory = 0x1000;

  unsigned xlen() const override { return 32; }
  std::size_t harts() const override { return registers.size(); }
  std::string name(std::size_t hart) const override { return "hart" + std::to_string(hart); }
  std::string activity(std::size_t) const override { return "a<b & \"c\""; }
  std::optional<std::uint64_t> read_register(std::size_t hart, unsigned number) override {
    if (number >= registers[hart].size()) return std::nullopt;
    return registers[hart][number];
  }
  bool write_register(std::size_t hart, unsigned number, std::uint64_t value) override {
    if (number >= registers[hart].size()) return false;
    registers[hart][number] = static_cast<std::uint32_t>(value);
    return true;
  }
  std::uint64_t read_memory(std::size_t, std::uint64_t address, std::uint8_t* data,
                            std::uint64_t bytes) override {
    if (address < kMemory || address >= kMemory + memory.size()) return 0;
    const std::uint64_t some = std::min(bytes, kMemory + memory.size() - address);
    std::memcpy(data, memory.data() + (address - kMemory), some);
    return some;
  }
  bool write_memory(std::size_t, std::uint64_t address, const std::uint8_t* data,
                    std::uint64_t bytes) override {
    if (address < kMemory || address + bytes > kMemory + memory.size()) return false;
    std::memcpy(memory.data() + (address - kMemory), data, bytes);
    return true;
  }
  void set_breakpoints(const std::set<std::uint64_t>& points, std::size_t) override {
    breakpoints = points;
    ++changes;
  }
  void set_watches(const std::vector<cpu::WatchRange>& ranges) override { watches = ranges; }
  void pass_breakpoint(std::size_t hart, bool does) override { passes[hart] = does; }
  void step(std::size_t hart) override { stepped.push_back(hart); }
  void attach() override { ++attached; }
  void release() override { ++released; }
  std::optional<std::string> monitor(std::size_t hart,
                                     const std::vector<std::string>& words) override {
    if (words.front() != "say") return std::nullopt;
    if (words.size() == 1) return std::string(20000, 'x');
    return std::to_string(hart) + " " + words.back() + "\n";
  }

  std::array<std::array<std::uint32_t, debug::kGeneral + 1>, 3> registers{};
  std::array<std::uint8_t, 64> memory{};
  std::set<std::uint64_t> breakpoints;
  std::vector<cpu::WatchRange> watches;
  std::vector<std::size_t> stepped;
  std::map<std::size_t, bool> passes;
  int changes = 0, attached = 0, released = 0;
};

/// A line whose other end is a script: everything is there at once, then it stays silent or closes.
class FakeChannel : public debug::Channel {
 public:
  bool connect(int) override {
    if (!open && pending) open = !(pending = false);
    return open;
  }
  std::optional<std::string> read(int) override {
    if (!open) return std::nullopt;
    if (!input.empty()) {
      std::string next = input.front();
      input.pop_front();
      return next;
    }
    if (!closes) return std::string();
    open = false;
    return std::nullopt;
  }
  void write(std::string_view text) override { output += text; }
  void close() override { open = false; }

  void packet(const std::string& payload) { input.push_back(debug::frame(payload)); }
  /// What was written since the last call.
  std::string taken() { return std::exchange(output, {}); }

  std::deque<std::string> input;
  std::string output;
  bool pending = true;  ///< somebody wants to connect
  bool open = false;
  bool closes = true;  ///< the line closes when the script is over
};

}  // namespace aipu::test
