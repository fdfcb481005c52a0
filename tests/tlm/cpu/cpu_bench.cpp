// SPDX-License-Identifier: Apache-2.0
// Speed of the interpreter: simulated instructions per CPU second. `harts` = 256 shares one decoded
// image and switches hart every 1000 cycles, as the chip does.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstring>
#include <memory>
#include <vector>

#include "sim/load/elf.h"
#include "tlm/cpu/interpreter.h"

namespace {

using namespace aipu;

class Memory : public cpu::Bus {
 public:
  explicit Memory(const load::Elf& elf) : base_(elf.segments.front().address) {
    bytes_.resize(elf.segments.back().end() - base_ + 0x10000);  // the stack
    for (const auto& s : elf.segments) {
      std::copy(s.bytes.begin(), s.bytes.end(),
                bytes_.begin() + static_cast<std::ptrdiff_t>(s.address - base_));
    }
  }
  Status access(Access&) override { return Status::kFault; }
  std::optional<std::uint16_t> fetch(std::uint64_t address) override {
    std::uint16_t half = 0;
    if (address - base_ + 2 > bytes_.size()) return std::nullopt;
    std::memcpy(&half, &bytes_[address - base_], sizeof half);
    return half;
  }
  bool synced(std::uint64_t) override { return true; }
  std::uint64_t base() const { return base_; }
  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  std::uint64_t base_;
  std::vector<std::uint8_t> bytes_;
};

/// Counts by place in the text, as a profile does.
class Profile : public cpu::CodeObserver {
 public:
  Profile(std::uint64_t base, std::uint64_t bytes) : base_(base), counts_(bytes / 2) {}
  void ran(std::uint64_t pc, std::uint64_t instructions, std::uint64_t cycles) override {
    Count& count = counts_[(pc - base_) / 2];
    count.instructions += instructions;
    count.cycles += cycles;
  }

 private:
  struct Count {
    std::uint64_t instructions = 0, cycles = 0;
  };
  std::uint64_t base_;
  std::vector<Count> counts_;
};

/// What is attached to the hart: nothing, a breakpoint that is never met, a profile.
enum class Attached { kNone, kBreakpoint, kProfile };

template <typename U>
void mix(benchmark::State& state, cpu::Dispatch dispatch, Attached attached = Attached::kNone) {
  const cpu::Config config;
  constexpr std::uint64_t kNowhere = 2;
  const auto points = std::make_shared<cpu::Breakpoints>(std::set<std::uint64_t>{kNowhere});
  constexpr unsigned kXlen = 8 * sizeof(U);
  const auto elf =
      load::read_elf(std::string(ISA_PROGRAMS) + "/bench" + std::to_string(kXlen) + ".elf");
  const auto& text = elf.segments.front();
  const auto code = std::make_shared<cpu::CodeCache>(kXlen, config, text.address, text.bytes);
  struct One {
    std::unique_ptr<Memory> memory;
    std::unique_ptr<cpu::Interpreter<U>> core;
    std::unique_ptr<Profile> profile;
  };
  std::vector<One> harts;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    auto memory = std::make_unique<Memory>(elf);
    auto core = std::make_unique<cpu::Interpreter<U>>(config, *memory,
                                                      static_cast<std::uint64_t>(i), dispatch);
    core->set_memory(memory->base(), memory->bytes().data(), memory->bytes().size());
    core->set_code(code);
    core->reset(elf.entry, 0, 0);
    auto profile = std::make_unique<Profile>(text.address, text.bytes.size());
    if (attached == Attached::kProfile) core->observe(profile.get());
    if (attached == Attached::kBreakpoint) core->set_breakpoints(points);
    harts.push_back({std::move(memory), std::move(core), std::move(profile)});
  }
  const auto total = [&] {
    std::uint64_t sum = 0;
    for (const One& hart : harts)
      sum += hart.core->retired();
    return static_cast<double>(sum);
  };
  const double before = total();
  for (auto _ : state) {
    for (const One& hart : harts)
      hart.core->run(config.quantum.count);
  }
  state.counters["instructions"] =
      benchmark::Counter(total() - before, benchmark::Counter::kIsRate);
}

void rv32(benchmark::State& state) {
  mix<std::uint32_t>(state, cpu::Dispatch::kThreaded);
}
void rv64(benchmark::State& state) {
  mix<std::uint64_t>(state, cpu::Dispatch::kThreaded);
}
/// With a breakpoint set: the harts execute a copy of the code that has it planted.
void rv32_breakpoint(benchmark::State& state) {
  mix<std::uint32_t>(state, cpu::Dispatch::kThreaded, Attached::kBreakpoint);
}
void rv32_switch(benchmark::State& state) {
  mix<std::uint32_t>(state, cpu::Dispatch::kSwitch);
}
void rv32_observed(benchmark::State& state) {
  mix<std::uint32_t>(state, cpu::Dispatch::kThreaded, Attached::kProfile);
}

BENCHMARK(rv32)->ArgName("harts")->Arg(1)->Arg(256)->Arg(528);
BENCHMARK(rv32_breakpoint)->ArgName("harts")->Arg(1)->Arg(256)->Arg(528);
BENCHMARK(rv64)->ArgName("harts")->Arg(1)->Arg(256)->Arg(528);
BENCHMARK(rv32_switch)->ArgName("harts")->Arg(1)->Arg(256);
BENCHMARK(rv32_observed)->ArgName("harts")->Arg(1)->Arg(256);

}  // namespace

BENCHMARK_MAIN();
