// SPDX-License-Identifier: Apache-2.0
// `hc1000 new-kernel`: what it writes, and what it refuses. install_test.py builds it.
#include <filesystem>
#include <gmock/gmock.h>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

class NewKernelTest : public test::ProgramTest {};

TEST_F(NewKernelTest, WritesEveryFileOfTheTemplateWithTheName) {
  const Outcome result = run({"new-kernel", "scale_rows"});

  ASSERT_EQ(result.code, 0) << result.err;
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(SDK_TEMPLATE)) {
    std::string name = entry.path().filename();
    if (const auto at = name.find("kernel_name"); at != std::string::npos)
      name.replace(at, 11, "scale_rows");
    ASSERT_TRUE(exists("scale_rows/" + name)) << name;
    const std::string text = read("scale_rows/" + name);
    EXPECT_THAT(text, Not(HasSubstr("kernel_name"))) << name;
    EXPECT_THAT(text, Not(HasSubstr("KERNEL_NAME"))) << name;
    ++files;
  }
  EXPECT_EQ(files, 8U);
  EXPECT_THAT(read("scale_rows/scale_rows.h"), HasSubstr("#define SCALE_ROWS_TILE_BYTES"));
  EXPECT_THAT(result.out, HasSubstr("cmake -S scale_rows -B scale_rows/build"));
}

TEST_F(NewKernelTest, NothingIsOverwrittenAndNothingElseIsWrittenThen) {
  fs::create_directories(file("here"));
  test::write_file(file("here/main.c"), "mine");

  expect_refused({"new-kernel", "scale", "--directory", "here"}, 2,
                 "here/main.c: exists already and is not overwritten", {"here"});
  EXPECT_EQ(read("here/main.c"), "mine");
  EXPECT_FALSE(exists("here/scale.c"));
}

TEST_F(NewKernelTest, ANameMustBeAnIdentifier) {
  for (const char* name : {"", "2fast", "Scale", "a-b", "a/b", "../up", "a b", "while", "main",
                           "test_commands", "na\xc3\xafve"}) {
    expect_refused({"new-kernel", name}, 2, "cannot name a kernel; valid: a C identifier");
  }
  expect_refused({"new-kernel"}, 2, "NAME is missing");
}

TEST_F(NewKernelTest, AFolderThatCannotBeMadeIsAnIoError) {
  test::write_file(file("file"), "x");
  expect_refused({"new-kernel", "scale", "--directory", "file/inside"}, 4, "file/inside", {"file"});
}

}  // namespace
}  // namespace aipu
