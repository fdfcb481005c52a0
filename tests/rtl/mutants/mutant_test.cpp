// SPDX-License-Identifier: Apache-2.0
// Every mutant of mutants.yaml is found, and by whom the table says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iostream>
#include <thread>

#include "sim/cosim/random_run.h"
#include "sim/cosim/workers.h"

namespace {

int& selected() {
  static int number = 0;
  return number;
}

}  // namespace

/// The RTL asks which mutant is on (tools/rtl/mutate.py).
extern "C" int mutant_selected();
extern "C" int mutant_selected() {
  return selected();
}

namespace aipu::test {
namespace {

struct Mutant {
  int number;
  std::uint32_t speedup;
  const char* id;
  const char* file;
  const char* breaks;
  const char* found_by;  ///< how the message begins
};
constexpr Mutant kMutants[] = {
#include <mutants.inc>
};
constexpr std::size_t kFewest = 30;
constexpr std::uint64_t kSeeds = 72;  ///< tried before a mutant counts as missed
constexpr std::uint32_t kPorts = 4;

struct Finding {
  std::uint64_t seed = 0;     ///< 0: not found
  std::uint64_t packets = 0;  ///< compared in the seeds before
  std::string message;
};

/// Seeds until the first that differs.
Finding find(const Mutant& mutant) {
  selected() = mutant.number;
  Finding finding;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    try {
      finding.packets += cosim::random_run(kPorts, mutant.speedup, seed).run().packets;
    } catch (const cosim::Mismatch& mismatch) {
      finding.seed = seed;
      finding.message = mismatch.what();
      return finding;
    }
  }
  return finding;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

TEST(MutantTest, NoMutantIsNoDifference) {
  selected() = 0;
  for (const std::uint32_t speedup : {1U, 2U}) {
    for (std::uint64_t seed = 1; seed <= kSeeds / 2; ++seed)
      EXPECT_NO_THROW(cosim::random_run(kPorts, speedup, seed).run()) << "seed " << seed;
  }
}

TEST(MutantTest, EveryMutantIsFoundByItsDetector) {
  ASSERT_GE(std::size(kMutants), kFewest);
  const cosim::Workers workers{
      std::max(1U, std::thread::hardware_concurrency()), std::chrono::seconds(120), {}};
  const auto results = cosim::run_jobs(std::size(kMutants), workers, [](std::size_t k) {
    const Finding finding = find(kMutants[k]);
    return fmt::format("{:>5}{:>9}  {}", finding.seed, finding.packets,
                       first_line(finding.message));
  });
  std::cout << fmt::format("{:<24}{:<32}{:>5}{:>9}  {}\n", "mutant", "file", "seed", "packets",
                           "found by");
  for (std::size_t k = 0; k < results.size(); ++k) {
    const Mutant& mutant = kMutants[k];
    std::cout << fmt::format("{:<24}{:<32}{}\n", mutant.id, mutant.file, results[k].text);
    EXPECT_EQ(results[k].state, cosim::JobResult::State::kDone) << mutant.id;
    EXPECT_THAT(results[k].text, testing::HasSubstr(fmt::format("  {}", mutant.found_by)))
        << mutant.id << " (" << mutant.breaks << ") is not found by " << mutant.found_by;
  }
}

}  // namespace
}  // namespace aipu::test
