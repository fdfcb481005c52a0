// SPDX-License-Identifier: Apache-2.0
// The `monitor` commands of a debugger on the board.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

#include "regs/abi.h"
#include "sim/platform/debug_target.h"
#include "tlm/core/clock.h"

namespace aipu::platform {
namespace {

/// "4096" or "0x1000".
std::optional<std::uint64_t> number_of(const std::string& word) {
  if (word.empty() || word.front() < '0' || word.front() > '9') return std::nullopt;
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(word.c_str(), &end, 0);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

}  // namespace

const std::vector<DebugTarget::Command>& DebugTarget::commands() {
  static const std::vector<Command> table{
      {"help", "this list", &DebugTarget::help},
      {"harts", "every hart: thread, name, pc, what it is doing", &DebugTarget::list_harts},
      {"counters", "counters of the selected hart's core that are not zero",
       &DebugTarget::counters},
      {"queues", "command queues of the selected hart's core", &DebugTarget::queues},
      {"waits", "who waits for what, on the whole board", &DebugTarget::waits},
      {"time", "simulated time; cycles and instructions of the selected hart", &DebugTarget::time},
      {"scope", "cores | control | all | NAME: the harts that breakpoints and watchpoints are of",
       &DebugTarget::scope},
      {"hbm", "ADDR LEN: bytes of the selected hart's HBM", &DebugTarget::hbm},
      {"shared", "ADDR LEN: bytes of its AIPU's shared SRAM", &DebugTarget::shared},
      {"hbm-base", "ADDR: what address 0x80000000 of the debugger shows of HBM",
       &DebugTarget::hbm_base},
  };
  return table;
}

std::optional<std::string> DebugTarget::monitor(std::size_t hart, const Words& words) {
  for (const Command& command : commands()) {
    if (words.front() == command.name) return (this->*command.run)(hart, words);
  }
  return std::nullopt;
}

std::string DebugTarget::help(std::size_t, const Words&) {
  std::string text;
  for (const Command& command : commands())
    text += fmt::format("{:<9} {}\n", command.name, command.help);
  return text;
}

std::string DebugTarget::list_harts(std::size_t, const Words&) {
  std::string text;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    text += fmt::format("{:>4} {:<15} {} {}\n", i + 1, name(i),
                        symbols_.place(places_[i].id, core_of(i).hart.pc()), activity(i));
  }
  return text;
}

std::string DebugTarget::counters(std::size_t hart, const Words&) {
  const CounterFile& counters = core_of(hart).counters();
  std::string text = name(hart) + ":";
  for (std::uint32_t i = 0; i < CounterFile::kCount; ++i) {
    if (counters.value(i) != 0) text += fmt::format(" {}={}", i, counters.value(i));
  }
  return text + "\n";
}

std::string DebugTarget::queues(std::size_t hart, const Words&) {
  const chip::Core& core = core_of(hart);
  const std::pair<std::uint32_t, const CommandEngine*> engines[] = {
      {regs::abi::kQueueLoad, &core.load},
      {regs::abi::kQueueStore, &core.store},
      {regs::abi::kQueueTensor, core.tensor.get()},
      {regs::abi::kQueueVector, core.vector.get()},
      {regs::abi::kQueueDirectcom, &core.directcom}};
  std::string text;
  for (const auto& [queue, engine] : engines) {
    if (engine == nullptr) continue;
    const std::uint32_t used = engine->depth() - engine->free_slots();
    text += fmt::format("{:<9} {} of {} slots used", regs::abi::queue_name(queue), used,
                        engine->depth());
    const std::string waits = engine->waiting_for();
    text += waits.empty() ? "\n" : "; " + waits + "\n";
  }
  return text;
}

std::string DebugTarget::time(std::size_t hart, const Words&) {
  const cpu::Hart& h = core_of(hart).hart;
  return fmt::format("{} ps; {}: {} cycles, {} instructions\n", now_ps(), name(hart), h.cycles(),
                     h.core().retired());
}

bool DebugTarget::selects(const std::string& word, std::size_t hart) const {
  const bool control = &core_of(hart) == aipu_of(hart).cores.back().get();
  if (word == "all") return true;
  if (word == "cores") return !control;
  if (word == "control") return control;
  return name(hart) == word || name(hart).rfind(word + ".", 0) == 0;
}

std::string DebugTarget::scope(std::size_t, const Words& words) {
  constexpr const char* kUsage =
      "monitor scope cores | control | all | NAME, as aipu0 or aipu0.core3\n";
  if (words.size() > 2) return kUsage;
  if (words.size() == 2) {
    std::vector<bool> chosen(places_.size());
    for (std::size_t i = 0; i < places_.size(); ++i)
      chosen[i] = selects(words[1], i);
    if (std::find(chosen.begin(), chosen.end(), true) == chosen.end()) {
      return fmt::format("no hart is called '{}'; {}", words[1], kUsage);
    }
    const auto watches = watches_;
    apply_watches({});
    for (std::size_t i = 0; i < places_.size(); ++i)
      places_[i].in_scope = chosen[i];
    apply_points();
    apply_watches(watches);
  }
  const auto count = std::count_if(places_.begin(), places_.end(),
                                   [](const Place& place) { return place.in_scope; });
  return fmt::format("breakpoints and watchpoints are of {} of {} harts\n", count, places_.size());
}

std::string DebugTarget::dump(std::size_t hart, Gaddr::Space space, const Words& words) {
  constexpr std::uint64_t kLine = 16, kMost = 65536;
  constexpr std::uint64_t kTop = 1ULL << 48U;
  const std::uint64_t address = words.size() == 3 ? number_of(words[1]).value_or(kTop) : kTop;
  const std::uint64_t bytes = words.size() == 3 ? number_of(words[2]).value_or(0) : 0;
  if (address >= kTop || bytes == 0 || bytes > kMost) {
    return fmt::format("monitor {} ADDR LEN, up to {} bytes\n", words[0], kMost);
  }
  std::string text;
  for (std::uint64_t done = 0; done < bytes; done += kLine) {
    std::array<std::uint8_t, kLine> line{};
    const std::uint64_t part = std::min(kLine, bytes - done);
    const Gaddr at = Gaddr::make(space, Gaddr::kSelf, address + done);
    if (!aipu_of(hart).loader.read(at, line.data(), part)) {
      return text + fmt::format("no memory at {:#x}\n", address + done);
    }
    text += fmt::format("{:#012x} ", address + done);
    for (std::uint64_t i = 0; i < part; ++i)
      text += fmt::format(" {:02x}", line[i]);
    text += "\n";
  }
  return text;
}

std::string DebugTarget::hbm(std::size_t hart, const Words& words) {
  return dump(hart, Gaddr::Space::kHbm, words);
}

std::string DebugTarget::shared(std::size_t hart, const Words& words) {
  return dump(hart, Gaddr::Space::kShared, words);
}

std::string DebugTarget::hbm_base(std::size_t, const Words& words) {
  const auto base = words.size() == 2 ? number_of(words[1]) : std::nullopt;
  if (words.size() > 2 || (words.size() == 2 && (!base || *base >= 1ULL << 48U))) {
    return "monitor hbm-base ADDR\n";
  }
  if (base) hbm_base_ = *base;
  return fmt::format("{:#x} shows HBM from {:#x} on\n", kHbmWindow, hbm_base_);
}

}  // namespace aipu::platform
