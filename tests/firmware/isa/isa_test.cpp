// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
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

std::string text_of(const std::string& file_name) {
  std::ifstream file(file_name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
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
  for (const char* program :
       {"alu", "immediate", "memory", "branch", "atomic", "compressed", "csr", "trap", "timer",
        "fence_i", "platform", "interrupt", "spread", "reach"}) {
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
  EXPECT_EQ(text_of(options.signature), "12345678\n00000abc\ndeadbeef\n");
}

std::string signature_of(unsigned xlen, unsigned granularity) {
  HartOptions options;
  options.elf = path("silent", xlen);
  options.signature = testing::TempDir() + fmt::format("signature{}_{}.txt", xlen, granularity);
  options.signature_granularity = granularity;
  run(options);
  return text_of(options.signature);
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

std::string log_of(const char* program, unsigned xlen, Outcome* outcome = nullptr) {
  HartOptions options;
  options.elf = path(program, xlen);
  options.json = true;
  options.log = testing::TempDir() + fmt::format("{}{}.log", program, xlen);
  const Outcome r = run(options);
  if (outcome != nullptr) *outcome = r;
  return text_of(options.log);
}

TEST(CommitLogTest, HasALineForEachInstructionThatRetires) {
  EXPECT_EQ(log_of("commits", 32), R"(core   0: 3 0x80000000 (0x080012b7) x5  0x08001000
core   0: 3 0x80000004 (0x00429293) x5  0x80010000
core   0: 3 0x80000008 (0x12345337) x6  0x12345000
core   0: 3 0x8000000c (0x67830313) x6  0x12345678
core   0: 3 0x80000010 (0x0062a423) mem 0x80010008 0x12345678
core   0: 3 0x80000014 (0x006281a3) mem 0x80010003 0x78
core   0: 3 0x80000018 (0x00829383) x7  0x00005678 mem 0x80010008
core   0: 3 0x8000001c (0x34031073) c832_mscratch 0x12345678
core   0: 3 0x80000020 (0x3403ee73) x28 0x12345678 c832_mscratch 0x1234567f
core   0: 3 0x80000024 (0x34002ef3) x29 0x1234567f
core   0: 3 0x80000028 (0x00000f17) x30 0x80000028
core   0: 3 0x8000002c (0x010f0f13) x30 0x80000038
core   0: 3 0x80000030 (0x305f1073) c773_mtvec 0x80000038
core   0: 3 0x80000038 (0x00828293) x5  0x80010008
core   0: 3 0x8000003c (0x0062a02f) mem 0x80010008 mem 0x80010008 0x2468acf0
core   0: 3 0x80000040 (0x1002a52f) x10 0x2468acf0 mem 0x80010008
core   0: 3 0x80000044 (0x1862a5af) x11 0x00000000 mem 0x80010008 0x12345678
core   0: 3 0x80000048 (0x1862a5af) x11 0x00000001
core   0: 3 0x8000004c (0x00000263)
core   0: 3 0x80000050 (0x567d) x12 0xffffffff
core   0: 3 0x80000052 (0x0001)
core   0: 3 0x80000054 (0x00001f97) x31 0x80001054
core   0: 3 0x80000058 (0xfacf8f93) x31 0x80001000
core   0: 3 0x8000005c (0x00100513) x10 0x00000001
core   0: 3 0x80000060 (0x00afa023) mem 0x80001000 0x00000001
core   0: 3 0x80000064 (0x000fa223) mem 0x80001004 0x00000000
)");
  const std::string wide = log_of("commits", 64);
  EXPECT_THAT(wide, HasSubstr("core   0: 3 0x0000000080000050 (0x567d) x12 0xffffffffffffffff\n"));
  EXPECT_THAT(wide, HasSubstr("(0x006281a3) mem 0x0000000080010003 0x78\n"));
}

/// Interrupts come where they come without it.
TEST(CommitLogTest, ALoggedRunIsTheSameRun) {
  for (const char* program : {"timer", "interrupt", "trap", "atomic"}) {
    for (const unsigned xlen : {32U, 64U}) {
      HartOptions options;
      options.elf = path(program, xlen);
      options.json = true;
      const auto facts = [](const Outcome& r) { return r.out.substr(0, r.out.find("host_sec")); };
      const std::string plain = facts(run(options));
      Outcome logged;
      const std::string log = log_of(program, xlen, &logged);
      EXPECT_EQ(facts(logged), plain) << program << xlen;
      const auto lines = std::count(log.begin(), log.end(), '\n');
      EXPECT_THAT(plain, HasSubstr(fmt::format(R"("instructions": {},)", lines))) << program;
    }
  }
}

TEST(CommitLogTest, AFileThatCannotBeWrittenIsRefused) {
  HartOptions options;
  options.elf = path("commits", 32);
  options.log = "/nonexistent/commits.txt";
  EXPECT_THROW(run(options), IoError);
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
