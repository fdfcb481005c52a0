// SPDX-License-Identifier: Apache-2.0
// Every command that firmware issues for real models and plans is legal and stays inside its area
// of SRAM, and the signals that lowering announces are those that cores send.
#include <fmt/format.h>
#include <map>

#include "hw/base/error.h"
#include "sim/workload/jobs.h"
#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

using workload::Phase;

struct Plan {
  const char* model;
  workload::Plan plan;
  const char* format;
  Phase phase;
  std::uint32_t batch, context;
  friend void PrintTo(const Plan& p, std::ostream* out) {
    *out << p.model << " tp" << p.plan.tp << " pp" << p.plan.pp << " " << p.format << " batch "
         << p.batch << " context " << p.context;
  }
};

/// Adds that every core of an AIPU gets, by counter.
using Signals = std::map<std::uint32_t, std::uint64_t>;

class PlansTest : public testing::TestWithParam<Plan> {
 protected:
  static constexpr std::uint32_t kCores = 32;

  PlansTest() {
    const Plan& p = GetParam();
    machine_.cores = kCores;
    machine_.hbm = 4096_GiB;
    machine_.shared = 64_MiB;
    machine_.real_hbm = 256_MiB;
    const load::ModelConfig model = workload::shortened(*load::find_preset(p.model), p.plan, 1);
    job_ = workload::step_job(model, p.plan, workload::formats_of(p.format), machine_,
                              {p.phase, p.batch, p.context});
    for (std::uint32_t i = 0; i < p.plan.aipus(); ++i)
      placements_.push_back(workload::place(job_, machine_, i));
  }

  static bool inside_one_area(const Access& a) {
    struct Area {
      std::uint64_t begin, bytes;
    };
    for (const Area area :
         {Area{HC_SRAM_SCRATCH, 0x1000}, Area{HC_SRAM_STREAM, HC_SRAM_STREAM_BYTES},
          Area{HC_SRAM_INPUT, HC_SRAM_INPUT_BYTES}, Area{HC_SRAM_ACC0, HC_SRAM_ACC_BYTES},
          Area{HC_SRAM_ACC1, HC_SRAM_ACC_BYTES}, Area{HC_SRAM_SEND, HC_SRAM_SEND_BYTES}})
      if (a.begin >= area.begin && a.end <= area.begin + area.bytes) return true;
    return false;
  }

  static void take_add(std::uint32_t word, Signals& signals) {
    const std::uint32_t amount = word >> regs::abi::kAdd0AmountShift & 0xFFU;
    const std::uint32_t scope = word >> regs::abi::kAdd0ScopeShift & 0xFFU;
    if (amount != 0 && scope == regs::abi::kScopeAllCores) signals[word & 0x3FU] += amount;
  }

  /// Runs the program as one core and counts what it adds to all cores, here and elsewhere.
  static void run_core(const workload::Program& program, std::uint32_t aipu, std::uint32_t core,
                       std::vector<Signals>& sent) {
    recorder_start(core, kCores, aipu);
    for (const hc_launch_t& entry : program.entries) {
      if (core - entry.first_core >= entry.core_count) continue;
      if (entry.kernel == HC_KERNEL_POSITION) recorder_set_position(entry.args.position.value);
      if (entry.kernel == HC_KERNEL_EMBED) ++sent[aipu][HC_COUNTER_PHASE];  // reads ids: not here
      recorder_clear();
      recorder_run(&entry);
      for (std::uint32_t i = 0; i < recorder_count(); ++i) {
        const recorded_t& r = *recorder_at(i);
        if (r.kind != RECORDED_COMMAND) continue;
        take_add(r.words[regs::abi::kWAdd0], sent[aipu]);
        take_add(r.words[regs::abi::kWAdd1], sent[aipu]);
        if (r.queue != regs::abi::kQueueDirectcom) continue;
        const std::uint32_t there = r.words[regs::directcom::kWDstHi] >> 16U & 0xFFFU;
        ASSERT_LT(there, sent.size());
        ASSERT_NE(there, aipu) << "a message to itself is a store";
        take_add(r.words[regs::directcom::kWRemoteAdd], sent[there]);
      }
    }
  }

  workload::Machine machine_;
  workload::Job job_;
  std::vector<workload::Placement> placements_;
};

TEST_P(PlansTest, EveryCommandIsLegalAndStaysInItsArea) {
  std::size_t commands = 0;
  for (std::uint32_t aipu = 0; aipu < job_.plan.aipus(); ++aipu) {
    const workload::Program program = workload::lower(job_, machine_, placements_, aipu);
    // Cores differ in how much they have: the first, one in the middle, the last.
    for (const std::uint32_t core : {0U, 15U, 31U}) {
      recorder_start(core, kCores, 0);
      recorder_set_position(job_.stretches[0].passes[0].position);
      for (const hc_launch_t& entry : program.entries) {
        if (core - entry.first_core >= entry.core_count) continue;
        if (entry.kernel == HC_KERNEL_POSITION && entry.args.position.add == 0)
          recorder_set_position(entry.args.position.value);
        recorder_clear();
        if (recorder_run(&entry) == 0) continue;
        for (std::uint32_t i = 0; i < recorder_count(); ++i) {
          const recorded_t& r = *recorder_at(i);
          if (r.kind != RECORDED_COMMAND) continue;
          ++commands;
          for (const Access& a : Recorded::accesses(r, core))
            ASSERT_TRUE(inside_one_area(a))
                << fmt::format("kernel {} on core {} of AIPU {}, queue {}: {:#x}..{:#x}",
                               entry.kernel, core, aipu, r.queue, a.begin, a.end);
        }
        ASSERT_FALSE(HasFailure()) << "kernel " << entry.kernel << " on core " << core;
      }
    }
  }
  EXPECT_GT(commands, 100U);
}

// The counters `phase`, `gather` and `reduce` decide when inputs may be read: one add more or less
// than announced is a race or a hang.
TEST_P(PlansTest, CoresSendTheSignalsThatTheirProgramsAnnounce) {
  const auto aipus = job_.plan.aipus();
  std::vector<Signals> sent(aipus), announced(aipus);
  for (std::uint32_t aipu = 0; aipu < aipus; ++aipu) {
    const workload::Program program = workload::lower(job_, machine_, placements_, aipu);
    for (const hc_launch_t& entry : program.entries) {
      announced[aipu][HC_COUNTER_PHASE] += entry.phase_signals;
      announced[aipu][HC_COUNTER_GATHER] += entry.gather_signals + entry.wait_gather;
      announced[aipu][HC_COUNTER_REDUCE] += entry.reduce_signals;
    }
    // The ids of the last pass go to the first stage, where no pass follows.
    if (job_.plan.pp > 1 && placements_[aipu].part.first_stage())
      announced[aipu][HC_COUNTER_GATHER] += 1;
    for (std::uint32_t core = 0; core < kCores; ++core)
      run_core(program, aipu, core, sent);
  }
  for (std::uint32_t aipu = 0; aipu < aipus; ++aipu) {
    for (const auto counter : {HC_COUNTER_PHASE, HC_COUNTER_GATHER, HC_COUNTER_REDUCE})
      EXPECT_EQ(sent[aipu][counter], announced[aipu][counter])
          << "counter " << counter << " of AIPU " << aipu;
    EXPECT_GT(announced[aipu][HC_COUNTER_PHASE], 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Llama, PlansTest,
    testing::Values(Plan{"stories260k", {1, 1}, "fp32", Phase::kDecode, 1, 40},
                    Plan{"stories260k", {8, 2}, "fp32", Phase::kPrefill, 1, 200},
                    Plan{"llama-3.1-8b", {1, 1}, "bf16", Phase::kDecode, 1, 4096},
                    Plan{"llama-3.1-8b", {16, 1}, "bf16", Phase::kDecode, 8, 4096},
                    Plan{"llama-3.1-8b", {8, 2}, "fp8", Phase::kDecode, 64, 1024},
                    Plan{"llama-3.1-8b", {8, 1}, "fp8", Phase::kDecode, 256, 512},
                    Plan{"llama-3.1-8b", {1, 1}, "bf16", Phase::kPrefill, 1, 1024},
                    Plan{"llama-3.1-8b", {8, 1}, "fp8", Phase::kPrefill, 1, 2048},
                    Plan{"llama-3.1-8b", {4, 4}, "fp32", Phase::kPrefill, 2, 300},
                    Plan{"llama-3.1-70b", {8, 2}, "bf16", Phase::kDecode, 16, 4096},
                    Plan{"llama-3.1-70b", {16, 1}, "fp8", Phase::kDecode, 32, 8192},
                    Plan{"llama-3.1-70b", {16, 1}, "bf16", Phase::kPrefill, 1, 512},
                    Plan{"llama-2-7b", {2, 1}, "fp32", Phase::kDecode, 4, 2048},
                    Plan{"llama-2-7b", {16, 1}, "bf16", Phase::kPrefill, 1, 777}));

}  // namespace
}  // namespace aipu::test
