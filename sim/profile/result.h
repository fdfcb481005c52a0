// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace aipu::profile {

/// A profile as plain data: made by Collector, written to and read from the run folder. Times in
/// ps. Everything but `commands`, `slices` and `marks` is exact whatever the limit of the request.

constexpr std::uint64_t kNever = ~std::uint64_t{0};

struct FunctionCost {
  std::string name;
  std::uint64_t instructions = 0, cycles = 0;
  std::uint64_t queue_full = 0, blocking_read = 0, wfi = 0;  ///< time waited in it
};

/// Waits of a hart in one function on one thing.
struct WaitCost {
  std::string function;
  std::string cause;  ///< "queue full", "blocking read" or "wfi"
  std::string on;     ///< queue or counter; empty for wfi
  std::uint64_t count = 0, time = 0;
};

struct HartCost {
  std::uint64_t instructions = 0, cycles = 0;
  std::uint64_t busy = 0, queue_full = 0, blocking_read = 0, wfi = 0;
  std::uint64_t idle = 0;  ///< before its start and after its end
  std::vector<FunctionCost> functions;
  std::vector<WaitCost> waits;
};

struct EngineCost {
  std::string queue;
  std::uint64_t commands = 0;    ///< done
  std::uint64_t unfinished = 0;  ///< issued and not done at the end
  std::uint64_t bytes = 0;       ///< of those done: payload (DMA, DirectCom), SRAM traffic
  std::uint64_t flops = 0;       ///< of those done; tensor only
  std::vector<std::pair<std::string, std::uint64_t>> shares;  ///< by state; adds up to elapsed
};

/// How the parts of a core worked together.
struct Overlap {
  std::uint64_t load = 0;        ///< the load queue's engine runs
  std::uint64_t compute = 0;     ///< tensor or vector runs
  std::uint64_t together = 0;    ///< both
  std::uint64_t active = 0;      ///< a command is queued or runs, or the hart is busy
  std::uint64_t hart_bound = 0;  ///< the hart is busy and no queue has a command
};

/// A time in which the hart held up its core.
struct Phase {
  std::uint64_t begin = 0, end = 0;
  std::string function;  ///< with the most cycles since the hart last waited
};

/// A region of firmware's markers on one core.
struct Region {
  std::uint32_t number = 0;
  std::string name;
  std::uint64_t count = 0;  ///< ended
  std::uint64_t time = 0, least = 0, most = 0;
  std::uint64_t unmatched = 0;  ///< begins without end, ends without begin
};

struct CoreCost {
  std::string name;  ///< "aipu0.core17"
  bool control = false;
  HartCost hart;
  std::vector<EngineCost> engines;
  Overlap overlap;
  std::vector<Phase> longest;  ///< hart-bound phases, longest first, kLongest at most
  std::vector<Region> regions;
  std::uint64_t points = 0;  ///< marks that are no region
};

/// What a command waited for at the head of its queue.
enum class WaitKind : std::uint8_t { kNone, kEngine, kCounter };

struct CommandRecord {
  std::uint32_t core = 0;  ///< index in cores
  std::uint8_t queue = 0;  ///< regs::abi::kQueue*
  WaitKind wait = WaitKind::kNone;
  std::uint8_t counter = 0;
  std::uint16_t function = 0;  ///< of its doorbell: index in functions
  std::uint32_t opcode = 0, pc = 0;
  std::uint64_t issued = 0;
  std::uint64_t head = kNever;  ///< first seen to wait at the head of the queue
  std::uint64_t began = kNever, ended = kNever;
  std::uint64_t bytes = 0, flops = 0;
};

/// A time that a hart was busy or waited.
struct SliceRecord {
  std::uint32_t core = 0;
  std::uint8_t state = 0;  ///< cpu::HartState
  std::uint16_t function = 0;
  std::uint8_t on = 0;  ///< queue or counter waited for
  std::uint64_t begin = 0, end = 0;
};

struct MarkRecord {
  enum Kind : std::uint8_t { kPoint, kBegin, kEnd };
  std::uint32_t core = 0;
  std::uint32_t number = 0;
  Kind kind = kPoint;
  std::uint64_t time = 0;
};

struct Result {
  std::uint64_t elapsed = 0;
  std::uint64_t clock_hz = 0;
  std::uint64_t limit = 0;         ///< records kept at most
  std::uint64_t dropped = 0;       ///< records that were not kept
  std::uint64_t dropped_from = 0;  ///< time of the first of them
  std::uint64_t cores_on_board = 0;
  std::string selection;  ///< glob of the cores
  std::vector<CoreCost> cores;
  std::vector<CommandRecord> commands;  ///< in order of issue
  std::vector<SliceRecord> slices;
  std::vector<MarkRecord> marks;
  std::vector<std::string> functions;   ///< that records refer to
  std::vector<std::string> mark_names;  ///< of `marks`, one each; empty where firmware gives none
};

}  // namespace aipu::profile
