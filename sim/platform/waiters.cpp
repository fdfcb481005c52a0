// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/waiters.h"

#include <algorithm>
#include <deque>
#include <tuple>

#include "hw/base/gaddr.h"
#include "hw/directcom/message.h"
#include "regs/abi.h"

namespace aipu::platform {
namespace {

namespace abi = regs::abi;

/// Where a command adds: AIPU (or Gaddr::kModule: all), core (or kScopeAllCores), counter.
using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
using Adders = std::map<Place, std::vector<Adder>>;

std::vector<const CommandEngine*> engines_of(const chip::Core& core) {
  return {&core.load, &core.store, core.tensor.get(), core.vector.get(), &core.directcom};
}

void note(Adders& adders, const Adder& adder, std::uint32_t aipu, std::uint32_t word) {
  const CounterAdd add(word);
  if (add.amount == 0) return;
  const std::uint32_t core = add.scope == abi::kScopeSelf ? adder.unit.core : add.scope;
  Adder noted = adder;
  noted.amount = add.amount;
  adders[{aipu, core, add.counter}].push_back(noted);
}

/// The add that a DirectCom command does at its destination.
void note_remote(Adders& adders, const Adder& adder, const Command& command,
                 const board::Board& board) {
  directcom::Message message;
  const auto& interface = board.aipus[adder.unit.aipu]->directcom;
  const auto violation = directcom::decode_command(
      command.opcode, command.words, adder.unit.core, adder.unit.aipu,
      static_cast<std::uint32_t>(board.aipus.size()), interface.abilities(), message);
  if (violation.rule != abi::kRuleNone || message.add.amount == 0) return;
  const bool own = message.kind == directcom::Message::Kind::kGet;
  const std::uint32_t scope =
      message.add.scope == abi::kScopeSelf ? message.add.source_core : message.add.scope;
  Adder noted = adder;
  noted.amount = message.add.amount;
  adders[{own ? adder.unit.aipu : message.peer, scope, message.add.counter}].push_back(noted);
}

Adders all_adders(const board::Board& board) {
  Adders adders;
  for (std::uint32_t aipu = 0; aipu < board.aipus.size(); ++aipu) {
    for (const auto& core : board.aipus[aipu]->cores) {
      for (const CommandEngine* engine : engines_of(*core)) {
        if (engine == nullptr) continue;
        const Unit unit{aipu, core->id().core, engine->queue()};
        engine->visit([&](const Command& command, bool begun) {
          const Adder adder{unit, {unit.core, unit.queue, command.opcode, command.pc}, 0, begun};
          note(adders, adder, aipu, command.words[abi::kWAdd0]);
          note(adders, adder, aipu, command.words[abi::kWAdd1]);
          if (unit.queue == abi::kQueueDirectcom) note_remote(adders, adder, command, board);
        });
      }
    }
  }
  return adders;
}

/// Fills in what a waiter of this counter has to say.
void wait_for_counter(Waiter& waiter, const chip::Core& core, const CounterWaiter& wait,
                      const Adders& adders, std::uint32_t compute_cores) {
  waiter.what = Waiter::For::kCounter;
  waiter.counter = wait.counter();
  waiter.target = wait.target();
  waiter.value = core.counters().value(wait.counter());
  waiter.so_far = core.counters().adds(wait.counter());
  const bool compute = waiter.unit.core < compute_cores;
  for (const std::uint32_t aipu : {waiter.unit.aipu, Gaddr::kModule}) {
    for (const std::uint32_t scope : {waiter.unit.core, std::uint32_t{abi::kScopeAllCores}}) {
      if (scope == abi::kScopeAllCores && !compute) continue;
      const auto found = adders.find({aipu, scope, waiter.counter});
      if (found == adders.end()) continue;
      waiter.adders.insert(waiter.adders.end(), found->second.begin(), found->second.end());
    }
  }
}

std::optional<Waiter> waiter_of(const chip::Core& core, const Adders& adders,
                                std::uint32_t compute_cores) {
  const cpu::Hart& hart = core.hart;
  Waiter waiter;
  waiter.unit = {core.id().aipu, core.id().core, Unit::kHart};
  waiter.pc = hart.pc();
  switch (hart.waits()) {
    case cpu::Hart::Waits::kWfi:
      waiter.what = Waiter::For::kInterrupt;
      return waiter;
    case cpu::Hart::Waits::kStore:
      waiter.what = Waiter::For::kQueue;
      waiter.queue = core.registers.full_queue();
      return waiter;
    case cpu::Hart::Waits::kLoad:
      wait_for_counter(waiter, core, core.registers.read_waiter(), adders, compute_cores);
      return waiter;
    case cpu::Hart::Waits::kRuns:
      return waiter;
    default:
      return std::nullopt;
  }
}

std::optional<Waiter> waiter_of(const chip::Core& core, const CommandEngine& engine,
                                const Adders& adders, std::uint32_t compute_cores) {
  Waiter waiter;
  waiter.unit = {core.id().aipu, core.id().core, engine.queue()};
  const Command* queued = nullptr;
  const Command* running = nullptr;
  engine.visit([&](const Command& command, bool begun) {
    const Command*& first = begun ? running : queued;
    if (first == nullptr) first = &command;
    waiter.commands += begun ? 1 : 0;
  });
  const Command* named = engine.waiting_command();
  if (named == nullptr) named = running != nullptr ? running : queued;
  if (named == nullptr) return std::nullopt;
  waiter.pc = named->pc;
  waiter.opcode = named->opcode;
  if (engine.waiting_command() != nullptr) {
    wait_for_counter(waiter, core, engine.waiter(), adders, compute_cores);
  } else {
    waiter.what = running != nullptr ? Waiter::For::kWork : Waiter::For::kRoom;
  }
  return waiter;
}

/// The units that have to go on before this one can.
std::vector<Unit> ahead_of(const Waiter& waiter) {
  std::vector<Unit> units;
  if (waiter.what == Waiter::For::kQueue)
    units.push_back({waiter.unit.aipu, waiter.unit.core, waiter.queue});
  for (const Adder& adder : waiter.adders)
    units.push_back(adder.unit);
  return units;
}

/// Breadth first from those that have nobody ahead; a ring of waits keeps the last depth.
void find_depths(std::vector<Waiter>& waiters) {
  std::map<Unit, std::vector<std::size_t>> behind;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    const std::vector<Unit> ahead = ahead_of(waiters[i]);
    for (const Unit& unit : ahead)
      behind[unit].push_back(i);
    waiters[i].depth = waiters.size();
    if (!ahead.empty()) continue;
    waiters[i].depth = 0;
    order.push_back(i);
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    const Waiter& root = waiters[order[next]];
    for (const std::size_t i : behind[root.unit]) {
      if (waiters[i].depth != waiters.size()) continue;
      waiters[i].depth = root.depth + 1;
      order.push_back(i);
    }
  }
}

}  // namespace

bool Unit::operator<(const Unit& other) const {
  return std::tie(aipu, core, queue) < std::tie(other.aipu, other.core, other.queue);
}

std::vector<Waiter> find_waiters(const board::Board& board) {
  const Adders adders = all_adders(board);
  std::vector<Waiter> waiters;
  for (const auto& aipu : board.aipus) {
    const auto compute_cores = static_cast<std::uint32_t>(aipu->cores.size() - 1);
    for (const auto& core : aipu->cores) {
      if (const auto hart = waiter_of(*core, adders, compute_cores)) waiters.push_back(*hart);
      for (const CommandEngine* engine : engines_of(*core)) {
        if (engine == nullptr) continue;
        const auto waiter = waiter_of(*core, *engine, adders, compute_cores);
        if (waiter) waiters.push_back(*waiter);
      }
    }
  }
  find_depths(waiters);
  std::stable_sort(waiters.begin(), waiters.end(),
                   [](const Waiter& a, const Waiter& b) { return a.depth < b.depth; });
  return waiters;
}

}  // namespace aipu::platform
