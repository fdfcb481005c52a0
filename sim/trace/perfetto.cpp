// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/perfetto.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <vector>

#include "regs/abi.h"
#include "sim/profile/names.h"
#include "sim/trace/gzip.h"
#include "sim/trace/track_events.h"
#include "tlm/cpu/hart_observer.h"

namespace aipu::trace {
namespace {

using cpu::HartState;
using profile::CommandRecord;
using profile::kNever;
using profile::MarkRecord;
using profile::Result;
using profile::SliceRecord;

/// Everything of one core, in order of time.
struct Core {
  std::vector<const CommandRecord*> commands;
  std::vector<const SliceRecord*> slices;
  std::vector<std::size_t> marks;  ///< indices
};

/// Slices of one row of the display, which becomes as many tracks as overlap.
class Lanes {
 public:
  Lanes(TrackEvents& events, std::string name, std::uint64_t parent)
      : events_(events), name_(std::move(name)), parent_(parent) {}

  /// A track that is free from `begin` on; `begin` never decreases.
  std::uint64_t take(std::uint64_t begin, std::uint64_t end) {
    for (Lane& lane : lanes_) {
      if (lane.end > begin) continue;
      lane.end = end;
      return lane.track;
    }
    const std::string number = lanes_.empty() ? "" : fmt::format(" {}", lanes_.size() + 1);
    lanes_.push_back({events_.track(name_ + number, parent_), end});
    return lanes_.back().track;
  }

 private:
  struct Lane {
    std::uint64_t track, end;
  };
  TrackEvents& events_;
  const std::string name_;
  const std::uint64_t parent_;
  std::vector<Lane> lanes_;
};

void write_commands(TrackEvents& events, const Result& result, const Core& core,
                    std::uint64_t parent) {
  std::map<std::uint32_t, Lanes> queues;
  for (const CommandRecord* c : core.commands) {
    if (c->began == kNever) continue;
    const auto [lanes, fresh] =
        queues.try_emplace(c->queue, events, regs::abi::queue_name(c->queue), parent);
    const std::uint64_t end = c->ended == kNever ? result.elapsed : c->ended;
    const std::uint64_t head = c->head == kNever ? c->began : c->head;
    const std::string wait = profile::wait_name(*c);
    std::vector<Argument> arguments{{"function", 0, result.functions[c->function]},
                                    {"pc", c->pc, {}},
                                    {"issued_ps", c->issued, {}},
                                    {"begin_ps", c->began, {}},
                                    {"ps", end - c->began, {}},
                                    {"bytes", c->bytes, {}}};
    if (c->flops != 0) arguments.push_back({"flops", c->flops, {}});
    if (!wait.empty()) arguments.push_back({"waited_for", 0, wait});
    if (!wait.empty()) arguments.push_back({"waited_ps", c->began - head, {}});
    if (c->ended == kNever) arguments.push_back({"unfinished", 1, {}});
    events.slice(lanes->second.take(c->began, end), c->began, end,
                 profile::opcode_name(c->queue, c->opcode), arguments);
  }
}

void write_hart(TrackEvents& events, const Result& result, const Core& core, std::uint64_t parent) {
  if (core.slices.empty()) return;
  const std::uint64_t track = events.track("hart", parent);
  for (const SliceRecord* s : core.slices) {
    const auto state = static_cast<HartState>(s->state);
    const std::string& function = result.functions[s->function];
    std::string name = function;
    if (state == HartState::kWfi) name = "wfi";
    if (state == HartState::kQueueFull)
      name = fmt::format("queue full: {}", regs::abi::queue_name(s->on));
    if (state == HartState::kBlockingRead)
      name = fmt::format("waits for {}", profile::counter_name(s->on));
    events.slice(
        track, s->begin, s->end, name,
        {{"function", 0, function}, {"begin_ps", s->begin, {}}, {"ps", s->end - s->begin, {}}});
  }
}

/// A region from begin to end; one that does not end lasts as long as the run.
struct Span {
  std::uint64_t begin, end;
  std::string name;
};

void write_marks(TrackEvents& events, const Result& result, const Core& core,
                 std::uint64_t parent) {
  if (core.marks.empty()) return;
  const std::uint64_t track = events.track("markers", parent);
  std::vector<Span> spans;
  std::map<std::uint32_t, std::vector<std::size_t>> open;
  for (const std::size_t index : core.marks) {
    const MarkRecord& mark = result.marks[index];
    std::string name = result.mark_names[index];
    if (name.empty()) {
      name = fmt::format("{} {}", mark.kind == MarkRecord::kPoint ? "mark" : "region", mark.number);
    }
    auto& begun = open[mark.number];
    if (mark.kind == MarkRecord::kPoint) {
      events.instant(track, mark.time, name,
                     {{"number", mark.number, {}}, {"begin_ps", mark.time, {}}});
    } else if (mark.kind == MarkRecord::kBegin) {
      begun.push_back(spans.size());
      spans.push_back({mark.time, result.elapsed, name});
    } else if (!begun.empty()) {
      spans[begun.back()].end = mark.time;
      begun.pop_back();
    }
  }
  Lanes lanes(events, "regions", parent);
  for (const Span& span : spans) {
    events.slice(lanes.take(span.begin, span.end), span.begin, span.end, span.name,
                 {{"begin_ps", span.begin, {}}, {"ps", span.end - span.begin, {}}});
  }
}

}  // namespace

std::string perfetto_trace(const Result& result) {
  std::vector<Core> cores(result.cores.size());
  for (const CommandRecord& command : result.commands)
    cores[command.core].commands.push_back(&command);
  for (const SliceRecord& slice : result.slices)
    cores[slice.core].slices.push_back(&slice);
  for (std::size_t i = 0; i < result.marks.size(); ++i)
    cores[result.marks[i].core].marks.push_back(i);
  TrackEvents events;
  std::map<std::string, std::uint64_t> aipus;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    const std::string& name = result.cores[i].name;
    const std::string aipu = name.substr(0, name.find('.'));
    auto [parent, fresh] = aipus.try_emplace(aipu, 0);
    if (fresh) parent->second = events.track(aipu, 0);
    const std::uint64_t core = events.track(name.substr(aipu.size() + 1), parent->second);
    write_marks(events, result, cores[i], core);
    write_hart(events, result, cores[i], core);
    write_commands(events, result, cores[i], core);
  }
  return gzip(events.bytes());
}

}  // namespace aipu::trace
