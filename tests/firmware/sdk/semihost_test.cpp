// SPDX-License-Identifier: Apache-2.0
// Semihosting as picolibc's own library uses it, on a core and on bare harts.
#include <filesystem>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

class SemihostTest : public test::ProgramTest {
 protected:
  void SetUp() override {
    fs::create_directories(file("data/made"));
    test::write_file(file("data/in.txt"), "from host");
    test::write_file(file("in.txt"), "out of reach");
    fs::create_symlink("..", file("data/link"));
    ASSERT_EQ(mkfifo(file("data/pipe").c_str(), 0600), 0);
  }
  void expect_files(const Outcome& result) const {
    EXPECT_EQ(result.code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("files: good\n"));
    EXPECT_THAT(result.out, HasSubstr("errors: too\n"));
    EXPECT_EQ(read("data/made/out.txt"), "9 bytes: from host\n" + std::string(100000, 'x'));
    EXPECT_FALSE(exists("data/in.txt"));
    EXPECT_EQ(read("in.txt"), "out of reach");
  }
};

TEST_F(SemihostTest, ACoreReadsAndWritesFilesOfItsFolderOnly) {
  expect_files(run({"exec", SDK_PROGRAMS "/files.elf", "--semihost", "data"}));
}

TEST_F(SemihostTest, ABare32BitHartDoesToo) {
  expect_files(run({"hart", SDK_PROGRAMS "/files32.elf", "--semihost", "data"}));
}

TEST_F(SemihostTest, ABare64BitHartDoesToo) {
  expect_files(run({"hart", SDK_PROGRAMS "/files64.elf", "--semihost", "data"}));
}

TEST_F(SemihostTest, TheExitCodeOfTheProgramIsSaid) {
  fs::remove(file("data/in.txt"));
  const Outcome bare = run({"hart", SDK_PROGRAMS "/files32.elf", "--semihost", "data"});
  EXPECT_EQ(bare.code, 1);
  EXPECT_THAT(bare.err, HasSubstr("exited with code "));

  const Outcome core = run({"exec", SDK_PROGRAMS "/files.elf", "--semihost", "data"});
  EXPECT_EQ(core.code, 1);
  EXPECT_THAT(core.err, HasSubstr("aipu0.core0: firmware exited with code "));
}

TEST_F(SemihostTest, WithoutAFolderACallTrapsAndOneLineSaysWhy) {
  const char* const line = "a semihosting call traps: no --semihost DIR serves it\n";
  const Outcome core = run({"exec", SDK_PROGRAMS "/files.elf"});
  EXPECT_EQ(core.code, 1);
  EXPECT_THAT(core.out, HasSubstr(line));
  EXPECT_THAT(core.err, HasSubstr("last trap: breakpoint at pc"));

  const Outcome bare = run({"hart", SDK_PROGRAMS "/files32.elf", "--max-instructions", "2000000"});
  EXPECT_NE(bare.code, 0);
  EXPECT_EQ(bare.out.find(line), bare.out.rfind(line)) << bare.out;
  EXPECT_THAT(bare.out, HasSubstr(line));
}

TEST_F(SemihostTest, CallsCostSimulatedTimeOnlyForTheirInstructions) {
  const auto cycles = [&] {
    test::write_file(file("data/in.txt"), "from host");
    return run({"hart", SDK_PROGRAMS "/files32.elf", "--semihost", "data", "--json"})
        .json()["cycles"]
        .get<std::uint64_t>();
  };
  const std::uint64_t first = cycles();
  EXPECT_EQ(cycles(), first);  // the host's speed is not in it
}

}  // namespace
}  // namespace aipu
