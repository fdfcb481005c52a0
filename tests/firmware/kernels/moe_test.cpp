// SPDX-License-Identifier: Apache-2.0
// Mixture of experts on several AIPUs in the simulator: choices, rows, tables and sums against
// references in double, commands against closed forms, times against what the fabric can carry.
#include <gmock/gmock.h>

#include "hw/base/error.h"
#include "tests/firmware/kernels/kernel_run.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

struct Shape {
  const char* kernel;
  const char* with;
  friend void PrintTo(const Shape& s, std::ostream* out) { *out << s.kernel << " " << s.with; }
};

class MoeKernelsTest : public SystemCTest, public testing::WithParamInterface<Shape> {
 protected:
  static kernel::Result run(const Shape& shape, const char* data) {
    return run_kernel(shape.kernel, std::string(shape.with), data);
  }
  static void expect_counts(const kernel::Result& r) {
    ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
    EXPECT_THAT(r.checks.size(), testing::Gt(1U));
    for (const kernel::Check& check : r.checks)
      EXPECT_EQ(check.expected, check.counted) << check.what;
  }
};

TEST_P(MoeKernelsTest, ResultsAreRightAndCountsExact) {
  const kernel::Result r = run(GetParam(), "functional");

  expect_counts(r);
  ASSERT_TRUE(r.error);
  EXPECT_LE(*r.error, 1.0);
}

INSTANTIATE_TEST_SUITE_P(Gate, MoeKernelsTest,
                         testing::Values(Shape{"moe-gate", "tokens=300 experts=256 cores=1"},
                                         Shape{"moe-gate", "tokens=45 experts=256"},
                                         Shape{"moe-gate",
                                               "tokens=7 experts=24 chosen=5 gate=softmax"}));
INSTANTIATE_TEST_SUITE_P(
    Dispatch, MoeKernelsTest,
    testing::Values(
        // Windows of choices that are and are not full; one core for all experts.
        Shape{"moe-dispatch", "aipus=2 tokens=42 hidden=64 experts=16 chosen=8"},
        Shape{"moe-dispatch", "aipus=3 tokens=43 hidden=100 experts=24 chosen=5 cores=1"},
        // Rows in several copies; more AIPUs than experts a core.
        Shape{"moe-dispatch", "aipus=8 tokens=3 hidden=9000 experts=8 chosen=2 rows=f32"},
        // All tokens to one expert, others without any.
        Shape{"moe-dispatch", "aipus=4 tokens=60 hidden=70 experts=4 chosen=1 liked=one"}));
INSTANTIATE_TEST_SUITE_P(
    Combine, MoeKernelsTest,
    testing::Values(
        Shape{"moe-combine", "aipus=2 tokens=42 hidden=64 experts=16 chosen=8"},
        Shape{"moe-combine", "aipus=3 tokens=43 hidden=100 experts=24 chosen=5 cores=1"},
        Shape{"moe-combine", "aipus=8 tokens=3 hidden=5001 experts=16 chosen=2 results=f32"},
        Shape{"moe-combine", "aipus=4 tokens=60 hidden=70 experts=4 chosen=1 liked=one cores=7"}));
INSTANTIATE_TEST_SUITE_P(
    Layer, MoeKernelsTest,
    testing::Values(Shape{"moe", "aipus=1 tokens=9 hidden=64 experts=6 chosen=2"},
                    Shape{"moe",
                          "aipus=2 tokens=40 hidden=128 experts=16 chosen=8 cores=1 rows=bf16"},
                    Shape{"moe", "aipus=3 tokens=13 hidden=96 experts=24 chosen=5 cores=5"},
                    Shape{"moe",
                          "aipus=8 tokens=5 hidden=64 experts=64 chosen=3 gate=softmax results=f32 "
                          "skew=300"},
                    Shape{"moe",
                          "aipus=4 tokens=60 hidden=70 experts=4 chosen=1 liked=one gate=softmax "
                          "rows=bf16 cores=7"}));

TEST_F(MoeKernelsTest, RowsGoOutAtNearlyTheSpeedOfTheLinks) {
  const kernel::Result r = run({"moe-dispatch", "aipus=4 tokens=48 experts=64"}, "timing");

  expect_counts(r);
  EXPECT_EQ(r.bound_by(), "link");
  EXPECT_THAT(r.share(), testing::AllOf(testing::Gt(0.85), testing::Lt(1.0)));
  EXPECT_FALSE(r.error) << "no bytes move";
}

TEST_F(MoeKernelsTest, ResultsComeBackAndAreAddedAtNearlyTheSpeedOfTheLinks) {
  const kernel::Result r = run({"moe-combine", "aipus=4 tokens=48 experts=64"}, "timing");

  expect_counts(r);
  EXPECT_EQ(r.bound_by(), "link");
  EXPECT_THAT(r.share(), testing::AllOf(testing::Gt(0.85), testing::Lt(1.0)));
}

TEST_F(MoeKernelsTest, AShapeThatTheKernelsDoNotTakeIsRefused) {
  for (const char* with : {"aipus=3 experts=16", "experts=8 aipus=2 chosen=9",
                           "aipus=2 hidden=60000 results=f32", "aipus=2 results=fp8"}) {
    EXPECT_THROW(run({"moe-dispatch", with}, "timing"), ConfigError) << with;
  }
}

}  // namespace
}  // namespace aipu::test
