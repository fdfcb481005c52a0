// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/hang_report.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "hw/program/counters.h"
#include "regs/abi.h"
#include "sim/platform/crash_report.h"
#include "sim/platform/waiters.h"
#include "sim/profile/names.h"

namespace aipu::platform {
namespace {

constexpr std::size_t kMostLines = 200;  // a board has thousands of waiters
constexpr std::size_t kMostAdders = 3;   // named of one counter

std::string counter_text(std::uint32_t counter) {
  const std::string name = program::name_of_counter(counter);
  return name.empty() ? fmt::format("counter {}", counter)
                      : fmt::format("counter {} ({})", counter, name);
}

std::string command_text(const Symbols& symbols, CoreId core, const CommandTag& command) {
  if (command.queue == CommandTag::kNoQueue) {
    return command.pc == 0 ? "a hart" : "the hart at pc " + symbols.place(core, command.pc);
  }
  const std::string what = command.opcode == 0
                               ? "a message of another AIPU"
                               : fmt::format("{} {}", regs::abi::queue_name(command.queue),
                                             profile::opcode_name(command.queue, command.opcode));
  return command.pc == 0 ? what : what + " of pc " + symbols.place(core, command.pc);
}

/// "", "core3's " or "aipu2.core3's ", as seen by a waiter.
std::string owner_text(const Symbols& symbols, const Unit& waiter, const Unit& other) {
  if (waiter.aipu == other.aipu && waiter.core == other.core) return "its own ";
  return symbols.hart({other.aipu, other.core}) + "'s ";
}

std::string adders_text(const Symbols& symbols, const Waiter& waiter) {
  if (waiter.adders.empty()) {
    if (waiter.so_far.count == 0) return "nobody here would add to it, and nobody ever has";
    const CommandTag& last = waiter.so_far.last;
    const CoreId core{waiter.unit.aipu, last.core};
    return fmt::format("nobody here would add to it: {} adds so far, the last by {}{}",
                       waiter.so_far.count,
                       last.core == waiter.unit.core ? "" : symbols.hart(core) + "'s ",
                       command_text(symbols, core, last));
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(kMostAdders, waiter.adders.size()); ++i) {
    const Adder& adder = waiter.adders[i];
    text += fmt::format("{}{}{} would add {}, {}", i == 0 ? "" : "; ",
                        owner_text(symbols, waiter.unit, adder.unit),
                        command_text(symbols, {adder.unit.aipu, adder.unit.core}, adder.command),
                        adder.amount, adder.begun ? "runs" : "is queued");
  }
  if (waiter.adders.size() > kMostAdders) {
    text += fmt::format("; and {} more", waiter.adders.size() - kMostAdders);
  }
  return text;
}

std::string counter_wait_text(const Symbols& symbols, const Waiter& waiter) {
  return fmt::format("waits for {} = {}, wants {}: {}", counter_text(waiter.counter), waiter.value,
                     waiter.target, adders_text(symbols, waiter));
}

/// What a unit waits for, without its name.
std::string wait_text(const Symbols& symbols, const Waiter& waiter) {
  const std::string at = symbols.place({waiter.unit.aipu, waiter.unit.core}, waiter.pc);
  const std::string command =
      fmt::format("{} of pc {}", profile::opcode_name(waiter.unit.queue, waiter.opcode), at);
  switch (waiter.what) {
    case Waiter::For::kCounter:
      return (waiter.unit.queue == Unit::kHart ? "blocking read at pc " + at : command) + " " +
             counter_wait_text(symbols, waiter);
    case Waiter::For::kQueue:
      return fmt::format("store at pc {} to the {} queue, which is full", at,
                         regs::abi::queue_name(waiter.queue));
    case Waiter::For::kInterrupt:
      return fmt::format("wfi, resumes at pc {}; no interrupt comes", at);
    case Waiter::For::kRoom:
      return command + " has no room to begin";
    case Waiter::For::kWork:
      return fmt::format("{} commands have not completed, the first is the {}", waiter.commands,
                         command);
    default:
      return "runs, at pc " + at;
  }
}

/// "3", "3,5" or "0..31".
std::string numbers_text(const std::set<std::uint32_t>& numbers) {
  std::string text;
  for (auto i = numbers.begin(); i != numbers.end();) {
    const std::uint32_t first = *i;
    std::uint32_t last = first;
    for (++i; i != numbers.end() && *i == last + 1; ++i)
      ++last;
    text += text.empty() ? "" : ",";
    text += first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
  }
  return text;
}

/// Waiters of the same kind that say the same, by AIPU.
struct Group {
  std::size_t depth = 0;
  std::uint32_t queue = 0;
  bool control = false;
  std::string text;
  std::map<std::uint32_t, std::set<std::uint32_t>> cores;  ///< of each AIPU
};

std::vector<Group> groups_of(const Symbols& symbols, const board::Board& board,
                             const std::vector<Waiter>& waiters) {
  std::vector<Group> groups;
  std::map<std::tuple<std::size_t, std::uint32_t, bool, std::string>, std::size_t> known;
  for (const Waiter& waiter : waiters) {
    const bool control = waiter.unit.core + 1 == board.aipus[waiter.unit.aipu]->cores.size();
    const std::string text = wait_text(symbols, waiter);
    const auto [place, fresh] =
        known.try_emplace({waiter.depth, waiter.unit.queue, control, text}, groups.size());
    if (fresh) groups.push_back({waiter.depth, waiter.unit.queue, control, text, {}});
    groups[place->second].cores[waiter.unit.aipu].insert(waiter.unit.core);
  }
  return groups;
}

/// "aipu0..3.core0..31 tensor".
std::string units_text(const Group& group) {
  std::map<std::string, std::set<std::uint32_t>> aipus;  // by their cores
  for (const auto& [aipu, cores] : group.cores) {
    aipus[group.control ? "control" : "core" + numbers_text(cores)].insert(aipu);
  }
  std::string text;
  for (const auto& [cores, numbers] : aipus) {
    text += fmt::format("{}aipu{}.{}", text.empty() ? "" : ", ", numbers_text(numbers), cores);
  }
  return text + (group.queue == Unit::kHart
                     ? std::string(" hart")
                     : fmt::format(" {}", regs::abi::queue_name(group.queue)));
}

/// Models beside harts and engines that say what they wait for.
std::vector<std::string> other_lines(const board::Board& board) {
  std::vector<std::string> lines;
  for_each_model(board, [&](const Model& model) {
    const bool told = dynamic_cast<const CommandEngine*>(&model) != nullptr ||
                      dynamic_cast<const cpu::Hart*>(&model) != nullptr ||
                      dynamic_cast<const chip::CoreRegisters*>(&model) != nullptr;
    const std::string line = told ? "" : model.waiting_for();
    if (!line.empty()) lines.push_back("  " + line + "\n");
  });
  return lines;
}

}  // namespace

std::string hang_text(const Symbols& symbols, const board::Board& board) {
  const std::vector<Waiter> waiters = find_waiters(board);
  std::vector<std::string> lines;
  std::size_t depth = 0;
  for (const Group& group : groups_of(symbols, board, waiters)) {
    if (group.depth != depth) {
      depth = group.depth;
      lines.push_back(depth == waiters.size() ? "  in a ring of waits, or behind one:\n"
                                              : "  behind those:\n");
    }
    lines.push_back(fmt::format("  {}: {}\n", units_text(group), group.text));
  }
  const std::vector<std::string> others = other_lines(board);
  lines.insert(lines.end(), others.begin(), others.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(kMostLines, lines.size()); ++i)
    text += lines[i];
  if (lines.size() > kMostLines) {
    text += fmt::format("  and {} more\n", lines.size() - kMostLines);
  }
  return text;
}

}  // namespace aipu::platform
