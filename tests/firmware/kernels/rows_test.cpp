// SPDX-License-Identifier: Apache-2.0
// Row operations and sampling in the simulator: shapes that do and do not divide the tiles, 1 to 32
// cores, against double precision; counts of commands and bytes; share of the roofline.
#include <fmt/format.h>

#include "tests/firmware/kernels/kernel_run.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

struct Run {
  const char* kind;
  std::vector<std::string> with;
  friend void PrintTo(const Run& r, std::ostream* out) { *out << r.kind; }
};

kernel::Result result_of(const Run& r, const char* data) {
  return run_kernel(r.kind, r.with, data);
}

class RowKernelTest : public SystemCTest, public testing::WithParamInterface<Run> {};

TEST_P(RowKernelTest, ResultCommandsAndBytesAreRight) {
  const kernel::Result r = result_of(GetParam(), "functional");

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  for (const kernel::Check& check : r.checks)
    EXPECT_EQ(check.counted, check.expected) << check.what;
  ASSERT_TRUE(r.error);
  EXPECT_LE(*r.error, 1.0) << "of what the formats allow";
  EXPECT_GT(*r.error, 0.0) << "nothing was compared";
}

std::string name_of(const testing::TestParamInfo<Run>& tested) {
  return fmt::format("{}_{}", tested.param.kind, tested.index);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, RowKernelTest,
    testing::Values(Run{"rmsnorm", {"rows=64", "cols=4096"}},
                    Run{"rmsnorm", {"rows=77", "cols=333", "cores=5", "in=f32"}},
                    Run{"layernorm", {"rows=100", "cols=768", "cores=32"}},
                    Run{"layernorm", {"rows=9", "cols=1001", "cores=3", "in=f32", "out=f32"}},
                    Run{"gelu", {"rows=40", "cols=5000", "cores=7"}},
                    Run{"gelu", {"rows=3", "cols=17", "cores=32", "out=fp8"}},
                    Run{"gelu", {"rows=12", "cols=640", "cores=1", "in=fp8", "out=bf16"}},
                    Run{"swiglu", {"rows=33", "cols=1500", "cores=4"}},
                    Run{"swiglu", {"rows=64", "cols=2048", "out=fp8"}},
                    Run{"softmax", {"rows=50", "cols=2047", "cores=6"}},
                    Run{"softmax", {"rows=4", "cols=20000", "cores=2", "in=f32", "out=f32"}},
                    Run{"add", {"rows=31", "cols=999", "cores=3"}},
                    Run{"rope", {"rows=320", "cols=128"}},
                    Run{"rope", {"rows=77", "cols=64", "cores=3", "in=f32"}},
                    Run{"dequantize", {"rows=300", "cols=1000", "cores=5"}},
                    Run{"dequantize", {"rows=129", "cols=257", "cores=1", "in=int8"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Scales, RowKernelTest,
    testing::Values(Run{"quantize", {"rows=64", "cols=1024"}},
                    Run{"quantize", {"rows=19", "cols=1000", "cores=4", "group=0"}},
                    Run{"quantize", {"rows=20", "cols=300", "cores=3", "out=int8", "in=f32"}},
                    Run{"quantize", {"rows=7", "cols=65", "cores=32", "group=64"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Draws, RowKernelTest,
    testing::Values(Run{"sample", {"rows=16", "cols=4099"}},
                    Run{"sample", {"rows=40", "cols=1000", "kept=20", "cores=5", "seed=99"}},
                    Run{"sample", {"rows=5", "cols=3000", "kept=200", "cores=1", "top_p=100"}},
                    Run{"sample", {"rows=9", "cols=100", "kept=8", "temperature=200", "in=bf16"}}),
    name_of);

class RowBenchTest : public SystemCTest {};

TEST_F(RowBenchTest, GreedyIsTheListOfOne) {
  const kernel::Result r = result_of({"sample", {"rows=12", "cols=5000", "kept=1"}}, "functional");
  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_EQ(r.error, 0.0) << "the largest logit, with probability 1";
}

TEST_F(RowBenchTest, AMatrixInMemoryIsReadOnceAtNearlyAllItsBandwidth) {
  const kernel::Result r = result_of({"add", {"rows=2048"}}, "timing");
  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_EQ(r.bound_by(), "hbm");
  EXPECT_GT(r.share(), 0.75);
}

}  // namespace
}  // namespace aipu::test
