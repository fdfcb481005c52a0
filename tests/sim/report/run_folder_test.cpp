// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_folder.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "sim/report/run_record.h"
#include "tests/support/tiny_model.h"

namespace aipu::report {
namespace {

TEST(RunFolderTest, FilesAppearWhole) {
  const test::TempDir dir;
  RunFolder folder("run", dir.file("a/b"), false);
  folder.console("first");
  folder.write("summary.json", "{}\n");

  EXPECT_EQ(test::read_file(dir.file("a/b/summary.json")), "{}\n");
  EXPECT_EQ(test::read_file(dir.file("a/b/console.log")), "first\n");
  EXPECT_FALSE(std::filesystem::exists(dir.file("a/b/summary.json.tmp")));
}

TEST(RunFolderTest, OverwritingForgetsTheFilesOfTheRunBefore) {
  const test::TempDir dir;
  RunFolder("run", dir.file("a"), false).write("summary.json", "{}\n");

  EXPECT_THROW(RunFolder("run", dir.file("a"), false), ConfigError);
  const RunFolder again("run", dir.file("a"), true);
  EXPECT_FALSE(std::filesystem::exists(dir.file("a/summary.json")));
}

TEST(RunFolderTest, WhatCannotBeWrittenIsAnIoError) {
  const test::TempDir dir;
  const RunFolder folder("run", dir.file("a"), false);
  std::filesystem::remove_all(dir.file("a"));

  EXPECT_THROW(folder.write("summary.json", "{}"), IoError);
}

TEST(RunRecordTest, PeaksFollowTheArrayAndTheFormat) {
  const config::Chip chip;
  EXPECT_DOUBLE_EQ(peak_flops(chip, DType::kFp8E4m3), 524.288e12);
  EXPECT_DOUBLE_EQ(peak_flops(chip, DType::kBf16), 262.144e12);
  EXPECT_DOUBLE_EQ(peak_flops(chip, DType::kF32), 32.768e12);
}

TEST(RunRecordTest, MfuIsUsefulWorkOverPeakAndTime) {
  RunRecord run;
  run.dtype = "bf16";
  run.board.aipus = 2;
  run.flops = 524'288'000'000;
  run.step_ps = 10'000'000'000;

  EXPECT_DOUBLE_EQ(run.mfu(), 0.1);
  EXPECT_DOUBLE_EQ(run.tensor_bound_s(), 1e-3);
}

}  // namespace
}  // namespace aipu::report
