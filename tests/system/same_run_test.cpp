// SPDX-License-Identifier: Apache-2.0
// One command stream, one time: whatever the mode of data, however often, however far harts run
// ahead.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sstream>

#include "tests/support/child.h"
#include "tests/system/model_run.h"

namespace aipu::test {
namespace {

using testing::StartsWith;

/// The dump of a run in a process of its own, which ended well.
std::string dump_of(const ModelRun& run) {
  const ChildResult child = in_child([&] { return run_and_dump(run); });
  EXPECT_TRUE(child.good);
  EXPECT_THAT(child.output, StartsWith("code 0 "));
  return child.output;
}

struct Case {
  const char* name;
  ModelRun run;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

ModelRun plan(std::uint32_t tp, std::uint32_t pp, const std::string& format = "fp32") {
  ModelRun run;
  run.plan = {tp, pp};
  run.format = format;
  return run;
}

ModelRun batch(std::uint32_t sequences, std::uint32_t tp) {
  ModelRun run = plan(tp, 1, "bf16");
  run.prompt = 0;
  run.sequences = sequences;
  return run;
}

ModelRun all_cores() {
  ModelRun run = plan(1, 1, "fp8");
  run.cores = 32;
  run.prompt = 40;
  return run;
}

class SameRunTest : public testing::TestWithParam<Case> {};

TEST_P(SameRunTest, FunctionalAndTimingOnlyTakeTheSameTimeToThePicosecond) {
  ModelRun functional = GetParam().run, timing = GetParam().run;
  functional.functional = true;
  const std::string a = dump_of(functional), b = dump_of(timing);
  EXPECT_EQ(difference(a, b), "");
}

TEST_P(SameRunTest, TwoRunsAreByteEqual) {
  const std::string a = dump_of(GetParam().run), b = dump_of(GetParam().run);
  EXPECT_EQ(difference(a, b), "");
  EXPECT_GT(a.size(), 10'000U);
}

/// The lines of a dump that say what was done, not when: work of harts and engines.
std::string work_of(const std::string& text) {
  static const std::vector<std::string> kWork{
      ".instructions ", ".commands ", ".read ",  ".written ", ".flops ",
      ".elements ",     ".messages ", ".bytes_", ".signals ", ".packets_sent "};
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    for (const std::string& word : kWork)
      if (line.find(word) != std::string::npos) out += line + "\n";
  }
  return out;
}

double elapsed_of(const std::string& text) {
  return std::stod(text.substr(text.find("elapsed ") + 8));
}

// Simultaneous requests of different cores are served in the order of their calls, which how far
// harts ran ahead can turn round: hw/docs/cpu.md, "Limits".
TEST_P(SameRunTest, TheQuantumChangesNoWorkAndTheTimeByLessThanAThousandth) {
  ModelRun run = GetParam().run;
  run.settings = {"aipu.cpu.quantum=1000 cycles", "aipu.cpu.interrupt_quantum=1000 cycles"};
  const std::string reference = dump_of(run);
  EXPECT_GT(work_of(reference).size(), 1000U);
  for (const int quantum : {1, 100, 10'000}) {
    run.settings = {fmt::format("aipu.cpu.quantum={} cycles", std::max(quantum, 100)),
                    fmt::format("aipu.cpu.interrupt_quantum={} cycles", quantum)};
    const std::string other = dump_of(run);
    EXPECT_EQ(difference(work_of(reference), work_of(other)), "") << "quantum " << quantum;
    EXPECT_NEAR(elapsed_of(other) / elapsed_of(reference), 1.0, 1e-3) << "quantum " << quantum;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Plans, SameRunTest,
    testing::Values(Case{"Tp1", plan(1, 1)}, Case{"Tp2", plan(2, 1)},
                    Case{"Tp4Bf16", plan(4, 1, "bf16")}, Case{"Pp2", plan(1, 2)},
                    Case{"Tp2Pp2", plan(2, 2, "bf16")}, Case{"Batch4", batch(4, 1)},
                    Case{"Batch3Tp2", batch(3, 2)}, Case{"AllCoresFp8", all_cores()}),
    [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace aipu::test
