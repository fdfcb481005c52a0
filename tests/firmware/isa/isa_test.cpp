// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "sim/hart/hart_runner.h"
#include "sim/hart/tohost.h"

extern "C" {
#include "tests/firmware/isa/workload.h"
}

namespace {
std::string host_text;
}
extern "C" void print_char(char c) {
  host_text.push_back(c);
}

namespace aipu {
namespace {

using testing::HasSubstr;

std::string path(const std::string& name, unsigned xlen) {
  return fmt::format("{}/{}{}.elf", ISA_PROGRAMS, name, xlen);
}

struct Outcome {
  ExitCode code;
  std::string out, err;
};

Outcome run(HartOptions options) {
  std::ostringstream out, err;
  const ExitCode code = run_elf(options, out, err);
  return {code, out.str(), err.str()};
}

struct Case {
  std::string program;
  unsigned xlen;
  bool portable;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.program << " rv" << c.xlen;
}

class IsaTest : public testing::TestWithParam<Case> {};

TEST_P(IsaTest, ChecksItself) {
  HartOptions options;
  options.elf = path(GetParam().program, GetParam().xlen);
  options.portable_dispatch = GetParam().portable;
  options.max_instructions = 10'000'000;
  const Outcome r = run(options);
  EXPECT_EQ(r.code, ExitCode::kGood) << r.out << r.err;
  EXPECT_THAT(r.out, HasSubstr("pass:"));
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const char* program : {"alu", "immediate", "memory", "branch", "atomic", "compressed", "csr",
                              "trap", "timer", "fence_i", "platform", "interrupt", "spread"}) {
    for (const unsigned xlen : {32U, 64U}) {
      for (const bool portable : {false, true})
        out.push_back({program, xlen, portable});
    }
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Programs, IsaTest, testing::ValuesIn(cases()), [](const auto& param) {
  return fmt::format("{}_rv{}_{}", param.param.program, param.param.xlen,
                     param.param.portable ? "switch" : "threaded");
});

TEST(HartRunnerTest, ProgramsPrintWhatTheHostComputes) {
  workload_all();
  ASSERT_GT(host_text.size(), 200U);
  for (const unsigned xlen : {32U, 64U}) {
    HartOptions options;
    options.elf = path("differential", xlen);
    const Outcome r = run(options);
    EXPECT_EQ(r.code, ExitCode::kGood);
    EXPECT_EQ(r.out.substr(0, r.out.find("pass:")), host_text) << "rv" << xlen;
  }
}

TEST(HartRunnerTest, BothKindsOfDispatchCountTheSame) {
  HartOptions options;
  options.elf = path("differential", 32);
  options.json = true;
  const auto until_time = [](const std::string& s) { return s.substr(0, s.find("host_seconds")); };
  const std::string threaded = until_time(run(options).out);
  options.portable_dispatch = true;
  EXPECT_EQ(until_time(run(options).out), threaded);
  EXPECT_THAT(threaded, HasSubstr(R"("verdict": "pass", "exit_code": 0)"));
}

TEST(HartRunnerTest, AFailingTestIsNamedAndLeavesItsSignature) {
  HartOptions options;
  options.elf = path("silent", 32);
  options.signature = testing::TempDir() + "signature.txt";
  const Outcome r = run(options);
  EXPECT_EQ(r.code, ExitCode::kCheckFailed);
  EXPECT_THAT(r.err, HasSubstr("failed test 5"));
  std::ifstream file(options.signature);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), "12345678\n00000abc\ndeadbeef\n");
}

std::string signature_of(unsigned xlen, unsigned granularity) {
  HartOptions options;
  options.elf = path("silent", xlen);
  options.signature = testing::TempDir() + fmt::format("signature{}_{}.txt", xlen, granularity);
  options.signature_granularity = granularity;
  run(options);
  std::ifstream file(options.signature);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(HartRunnerTest, ASignatureIsCutIntoLinesOfTheAskedSize) {
  for (const unsigned xlen : {32U, 64U}) {
    EXPECT_EQ(signature_of(xlen, 4), "12345678\n00000abc\ndeadbeef\n");
    EXPECT_EQ(signature_of(xlen, 8), "00000abc12345678\n00000000deadbeef\n");
    EXPECT_EQ(signature_of(xlen, 16), "00000000deadbeef00000abc12345678\n");
  }
}

TEST(HartRunnerTest, SystemCallsByTohostAreAnswered) {
  for (const unsigned xlen : {32U, 64U}) {
    HartOptions options;
    options.elf = path("htif", xlen);
    options.max_instructions = 100'000;
    const Outcome r = run(options);
    EXPECT_EQ(r.code, ExitCode::kGood) << r.out << r.err;
    EXPECT_THAT(r.out, HasSubstr("from the other side\npass:"));
  }
}

TEST(HartRunnerTest, TheLimitEndsAnEndlessProgram) {
  HartOptions options;
  options.elf = path("limit", 64);
  options.max_instructions = 100'000;
  const Outcome r = run(options);
  EXPECT_EQ(r.code, ExitCode::kLimit);
  EXPECT_THAT(r.out, HasSubstr("limit: 100"));
}

TEST(HartRunnerTest, AnUnhandledTrapIsExplained) {
  HartOptions options;
  options.elf = path("hart_fault", 32);
  const Outcome r = run(options);
  EXPECT_EQ(r.code, ExitCode::kCheckFailed);
  EXPECT_THAT(r.err,
              HasSubstr("faulting: load access fault (mcause 5, mtval 0x40); mtvec is not set"));
}

struct Collected {
  std::string text;
  std::uint64_t called = 0;
  Tohost tohost{0x1000, [this](char c) { text.push_back(c); },
                [this](std::uint64_t block) { called = block; }};
};

TEST(TohostTest, TakesWordsInEitherOrder) {
  Collected c;
  c.tohost.write(0x1000, 4, 'a');
  c.tohost.write(0x1004, 4, 0x01010000);
  c.tohost.write(0x1004, 4, 0x01010000);
  c.tohost.write(0x1000, 4, 'b');
  c.tohost.write(0x1000, 8, 0x0101000000000000ULL | 'c');
  EXPECT_EQ(c.text, "abc");
  EXPECT_FALSE(c.tohost.result());
  c.tohost.write(0x1000, 4, 7);
  c.tohost.write(0x1004, 4, 0);
  EXPECT_EQ(c.tohost.result(), 7U);
}

TEST(TohostTest, ALowWordAloneCountsInTheEnd) {
  Collected twice;
  twice.tohost.write(0x1000, 4, 1);
  EXPECT_FALSE(twice.tohost.result());
  twice.tohost.write(0x1000, 4, 1);
  EXPECT_EQ(twice.tohost.result(), 1U);
  Collected once;
  once.tohost.write(0x1000, 4, 3);
  once.tohost.settle();
  once.tohost.settle();
  EXPECT_EQ(once.tohost.result(), 3U);
}

TEST(TohostTest, AnEvenValueIsASystemCall) {
  Collected c;
  c.tohost.write(0x1000, 8, 0x80001040);
  EXPECT_EQ(c.called, 0x80001040U);
  c.tohost.write(0x1000, 4, 0x80002000);  // a 32-bit hart writes the high word behind it
  c.tohost.write(0x1004, 4, 0);
  EXPECT_EQ(c.called, 0x80002000U);
  c.tohost.write(0x1000, 8, 0);  // cleared by the program
  EXPECT_EQ(c.called, 0x80002000U);
  EXPECT_FALSE(c.tohost.result());
  c.tohost.end(11);
  EXPECT_EQ(c.tohost.result(), 11U);
}

TEST(TohostTest, AProgramThatSleepsHasSaidAll) {
  Collected c;
  c.tohost.write(0x1000, 4, 1);
  c.tohost.flush();
  EXPECT_EQ(c.tohost.result(), 1U);
}

}  // namespace
}  // namespace aipu
