// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/collector.h"

#include <cstring>
#include <fmt/format.h>
#include <fnmatch.h>

#include "hw/base/error.h"
#include "regs/abi.h"
#include "regs/core.h"
#include "regs/counter.h"
#include "tlm/core/clock.h"

namespace aipu::profile {
namespace {

constexpr std::uint32_t kQueues = OverlapClock::kQueues;

std::array<CommandEngine*, kQueues> engines_of(chip::Core& core) {
  return {&core.load, &core.store, core.tensor.get(), core.vector.get(), &core.directcom};
}

/// The counter that the hart's next blocking read waits for, as its register says.
std::uint32_t awaited_counter(cpu::Hart& hart) {
  std::uint32_t counter = 0;
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(regs::core::kCountersBase + regs::counter::kWaitId);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&counter));
  payload.set_data_length(sizeof counter);
  payload.set_streaming_width(sizeof counter);
  hart.mmio_out->transport_dbg(payload);
  return counter % CounterFile::kCount;
}

}  // namespace

std::string core_name(CoreId id, std::uint32_t compute_cores) {
  return id.core < compute_cores ? fmt::format("aipu{}.core{}", id.aipu, id.core)
                                 : fmt::format("aipu{}.control", id.aipu);
}

void check_cores(const Request& request, std::uint32_t aipus, std::uint32_t compute_cores) {
  for (std::uint32_t aipu = 0; aipu < aipus; ++aipu) {
    for (std::uint32_t core = 0; core <= compute_cores; ++core) {
      const std::string name = core_name({aipu, core}, compute_cores);
      if (::fnmatch(request.cores.c_str(), name.c_str(), 0) == 0) return;
    }
  }
  throw ConfigError("--profile-cores",
                    fmt::format("'{}' names no core; cores are aipu0.core0 to aipu{}.core{} and "
                                "aipu0.control to aipu{}.control",
                                request.cores, aipus - 1, compute_cores - 1, aipus - 1));
}

/// Everything that follows one core.
struct Collector::Probe {
  Probe(const CodeMap& code, chip::Core& followed, std::uint32_t index,
        std::uint16_t first_function, Records& records)
      : map(code),
        core(followed),
        overlap([this] { return hart.busiest(); }),
        hart(code, {index, first_function}, records, overlap,
             [&followed] { return awaited_counter(followed.hart); }),
        marks(index, records) {
    core.hart.observe(&hart);
    const auto all = engines_of(core);
    for (std::uint32_t queue = 0; queue < kQueues; ++queue) {
      if (all[queue] == nullptr) continue;
      engines[queue] =
          std::make_unique<EngineProbe>(code, EngineProbe::Place{index, queue, first_function},
                                        all[queue]->depth(), records, overlap);
      all[queue]->observe(engines[queue].get());
    }
  }
  ~Probe() {
    core.hart.observe(nullptr);
    for (CommandEngine* engine : engines_of(core)) {
      if (engine != nullptr) engine->observe(nullptr);
    }
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  CoreCost cost(std::uint64_t now) {
    CoreCost cost;
    hart.finish(now);
    cost.hart = hart.cost();
    for (const auto& engine : engines) {
      if (engine != nullptr) cost.engines.push_back(engine->cost(now));
    }
    cost.overlap = overlap.read(now);
    cost.longest = overlap.longest();
    cost.regions = marks.regions(map.markers());
    cost.points = marks.points();
    return cost;
  }

  const CodeMap& map;
  chip::Core& core;
  OverlapClock overlap;
  HartProbe hart;
  MarkProbe marks;
  std::array<std::unique_ptr<EngineProbe>, kQueues> engines;
};

Collector::Collector(const Request& request, board::Board& board, Hertz clock,
                     const load::Elf& core, const load::Elf& control)
    : request_(request),
      board_(board),
      clock_(clock),
      core_map_(core),
      control_map_(control),
      records_(request.limit) {
  for (const auto& aipu : board.aipus) {
    for (const auto& one : aipu->cores)
      follow(*one, one == aipu->cores.back());
  }
}

Collector::~Collector() = default;

void Collector::follow(chip::Core& core, bool control) {
  const auto compute = static_cast<std::uint32_t>(board_.aipus.front()->cores.size() - 1);
  if (::fnmatch(request_.cores.c_str(), core_name(core.id(), compute).c_str(), 0) != 0) return;
  // Functions of the result: those of the core image, then those of the control image.
  const auto first = static_cast<std::uint16_t>(control ? core_map_.names().size() : 0);
  probes_.push_back(std::make_unique<Probe>(control ? control_map_ : core_map_, core,
                                            static_cast<std::uint32_t>(probes_.size()), first,
                                            records_));
}

void Collector::mark(CoreId id, std::uint32_t word) {
  for (const auto& probe : probes_) {
    if (probe->core.id().aipu == id.aipu && probe->core.id().core == id.core)
      return probe->marks.mark(word, now_ps());
  }
}

Result Collector::result() {
  Result result;
  result.elapsed = now_ps();
  result.clock_hz = clock_.count;
  result.selection = request_.cores;
  const std::size_t compute = board_.aipus.front()->cores.size() - 1;
  result.cores_on_board = board_.aipus.size() * (compute + 1);
  for (const auto& probe : probes_) {
    result.cores.push_back(probe->cost(result.elapsed));
    const CoreId id = probe->core.id();
    result.cores.back().name = core_name(id, static_cast<std::uint32_t>(compute));
    result.cores.back().control = id.core == compute;
  }
  result.limit = records_.limit();
  result.dropped = records_.dropped();
  result.dropped_from = records_.dropped_from();
  result.commands = std::move(records_.commands);
  result.slices = std::move(records_.slices);
  result.marks = std::move(records_.marks);
  result.functions = core_map_.names();
  result.functions.insert(result.functions.end(), control_map_.names().begin(),
                          control_map_.names().end());
  for (const MarkRecord& mark : result.marks) {
    const auto& names =
        result.cores[mark.core].control ? control_map_.markers() : core_map_.markers();
    const auto name = names.find(mark.number);
    result.mark_names.push_back(name == names.end() ? "" : name->second);
  }
  return result;
}

}  // namespace aipu::profile
