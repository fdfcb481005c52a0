// SPDX-License-Identifier: Apache-2.0
// The matrix product in the simulator: every format and kind of scale, shapes that do and do not
// divide the tiles, 1 to 32 cores, against double precision.
#include <Eigen/Dense>
#include <algorithm>
#include <cstring>

#include "sim/kernel/dense_data.h"
#include "tests/firmware/kernels/kernel_run.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

using kernel::Product;
using workload::MatmulShape;

struct Run {
  const char* what;
  const char* kind;
  std::vector<std::string> with;
  friend void PrintTo(const Run& r, std::ostream* out) { *out << r.what; }
};

class DenseKernelTest : public SystemCTest, public testing::WithParamInterface<Run> {};

TEST_P(DenseKernelTest, ResultCommandsBytesAndOperationsAreRight) {
  const kernel::Result r = run_kernel(GetParam().kind, GetParam().with, "functional");

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  for (const kernel::Check& check : r.checks)
    EXPECT_EQ(check.counted, check.expected) << check.what;
  ASSERT_TRUE(r.error);
  EXPECT_LE(*r.error, 1.0) << "of what the formats allow";
}

INSTANTIATE_TEST_SUITE_P(
    Cases, DenseKernelTest,
    testing::Values(
        // Few rows: weights stream.
        Run{"vector_fp8", "gemv", {"k=1024", "cols=1024", "out=f32"}},
        Run{"vector_fp8_1_core", "gemv", {"k=3000", "cols=300", "rows=2", "cores=1"}},
        Run{"vector_fp8_block", "gemv", {"k=2048", "cols=1024", "scales=block", "out=f32"}},
        Run{"vector_fp8_block_odd",
            "gemv",
            {"k=1000", "cols=333", "rows=7", "cores=3", "scales=block"}},
        Run{"vector_fp8_tensor", "gemv", {"k=700", "cols=90", "rows=16", "scales=tensor"}},
        Run{"vector_fp8_channel",
            "gemv",
            {"k=1500", "cols=210", "rows=5", "cores=3", "scales=channel", "out=f32"}},
        Run{"vector_bf16", "gemv", {"dtype=bf16", "k=1111", "cols=777", "rows=3", "cores=3"}},
        Run{"vector_bf16_f32",
            "gemv",
            {"dtype=bf16", "k=4096", "cols=64", "rows=1", "cores=1", "out=f32"}},
        Run{"vector_int8",
            "gemv",
            {"dtype=int8", "k=2000", "cols=130", "rows=4", "cores=3", "out=int32"}},
        Run{"vector_int8_channel",
            "gemv",
            {"dtype=int8", "k=1024", "cols=512", "rows=16", "scales=channel"}},
        Run{"vector_int8_channel_to_int8",
            "gemv",
            {"dtype=int8", "k=999", "cols=99", "rows=3", "scales=channel", "out=int8"}},
        Run{"vector_f32", "gemv", {"dtype=f32", "k=500", "cols=70", "rows=2", "out=f32"}},
        Run{"one_number", "gemv", {"k=1", "cols=1", "cores=1"}},
        Run{"pairs_bf16", "gemv", {"dtype=bf16", "k=512", "cols=300", "rows=4", "swiglu=yes"}},
        Run{"pairs_block",
            "gemv",
            {"k=640", "cols=384", "rows=4", "swiglu=yes", "scales=block", "out=f32"}},
        Run{"pairs_int8", "gemv", {"dtype=int8", "k=96", "cols=50", "rows=3", "swiglu=yes"}},
        Run{"less_than_a_scale", "gemv", {"k=64", "cols=40", "rows=3", "scales=block"}},
        // Too many rows to stay: streamed beside the weights.
        Run{"rows_100", "gemv", {"dtype=bf16", "k=2048", "cols=300", "rows=100", "cores=3"}},
        Run{"rows_100_block", "gemv", {"k=2500", "cols=200", "rows=100", "scales=block"}},
        // Blocks.
        Run{"blocks_fp8", "gemm", {"rows=512", "k=1024", "cols=512"}},
        Run{"blocks_fp8_1_core", "gemm", {"rows=300", "k=1300", "cols=333", "cores=1"}},
        Run{"blocks_fp8_block",
            "gemm",
            {"rows=333", "k=1400", "cols=444", "cores=3", "scales=block", "out=f32"}},
        Run{"blocks_fp8_tensor", "gemm", {"rows=260", "k=900", "cols=300", "scales=tensor"}},
        Run{"blocks_fp8_to_fp8", "gemm", {"rows=200", "k=600", "cols=300", "out=fp8"}},
        Run{"blocks_bf16",
            "gemm",
            {"dtype=bf16", "rows=300", "k=520", "cols=333", "result=shared"}},
        Run{"blocks_bf16_f32",
            "gemm",
            {"dtype=bf16", "rows=515", "k=257", "cols=129", "cores=3", "out=f32"}},
        Run{"blocks_int8",
            "gemm",
            {"dtype=int8", "rows=300", "k=700", "cols=150", "cores=3", "out=int32"}},
        Run{"blocks_int8_channel",
            "gemm",
            {"dtype=int8", "rows=200", "k=1100", "cols=300", "scales=channel", "out=int8"}},
        Run{"blocks_pairs",
            "gemm",
            {"rows=300", "k=900", "cols=256", "swiglu=yes", "scales=block"}},
        Run{"large_blocks_of_one_core",
            "gemm",
            {"rows=512", "k=1536", "cols=512", "cores=1", "block=256x512x256x128"}},
        // Experts.
        Run{"experts_decode",
            "experts",
            {"k=768", "cols=256", "rows=6", "experts=9", "idle=4", "out=f32"}},
        Run{"experts_block",
            "experts",
            {"k=500", "cols=300", "rows=9", "experts=5", "idle=2", "cores=3", "scales=block"}},
        Run{"experts_prefill",
            "experts",
            {"dtype=bf16", "k=400", "cols=200", "rows=300", "experts=4", "idle=3"}},
        Run{"experts_int8",
            "experts",
            {"dtype=int8", "k=300", "cols=130", "experts=5", "idle=3", "cores=1", "out=int32"}},
        Run{"experts_pairs",
            "experts",
            {"k=512", "cols=256", "rows=5", "experts=3", "swiglu=yes", "scales=block"}},
        Run{"experts_all_idle", "experts", {"k=64", "cols=64", "experts=3", "idle=1"}}),
    [](const auto& i) { return i.param.what; });

/// The product in double by Eigen, from the operands' numbers alone.
Eigen::MatrixXd reference(const Product& p) {
  const MatmulShape& s = p.shape;
  Eigen::MatrixXd a(s.rows, s.k), w(s.k, s.cols);
  for (std::uint32_t r = 0; r < s.rows; ++r)
    for (std::uint32_t k = 0; k < s.k; ++k)
      a(r, k) = p.a.at(r, k) * p.scale_a.at(r, k / s.scale_k);
  for (std::uint32_t k = 0; k < s.k; ++k)
    for (std::uint32_t c = 0; c < s.cols; ++c)
      w(k, c) = p.w.at(k, c) * p.scale_b.at(k / s.scale_k, c / s.scale_n);
  return a * w;
}

TEST(DenseReferenceTest, AgreesWithEigenAndSeesOneWrongNumber) {
  MatmulShape s;
  s.rows = 5;
  s.k = 300;
  s.cols = 200;
  s.dtype = DType::kFp8E4m3;
  s.scaled_a = s.scaled_b = true;
  s.scale_k = s.scale_n = 128;
  const Product p = kernel::random_product(s, "reference");
  const Eigen::MatrixXd exact = reference(p);
  std::vector<std::uint8_t> result(std::size_t{s.rows} * s.cols * sizeof(float));
  const auto put = [&](std::uint32_t r, std::uint32_t c, double value) {
    const auto rounded = static_cast<float>(value);
    std::memcpy(result.data() + (std::size_t{r} * s.cols + c) * sizeof rounded, &rounded,
                sizeof rounded);
  };
  for (std::uint32_t r = 0; r < s.rows; ++r)
    for (std::uint32_t c = 0; c < s.cols; ++c)
      put(r, c, exact(r, c));
  const std::uint64_t stride = s.cols * sizeof(float);
  EXPECT_LT(kernel::error_of(p, result, stride), 0.1);
  // A thousandth too much in one number is far beyond the bound.
  put(3, 150, exact(3, 150) * 1.001);
  EXPECT_GT(kernel::error_of(p, result, stride), 1.0);
}

TEST(DenseReferenceTest, ReadsFormatsByTheirDefinition) {
  const auto number = [](DType type, std::vector<std::uint8_t> code) {
    return kernel::number_of(type, code.data());
  };
  EXPECT_EQ(number(DType::kFp8E4m3, {0x7E}), 448.0);
  EXPECT_EQ(number(DType::kFp8E4m3, {0x81}), -0x1p-9);
  EXPECT_EQ(number(DType::kFp8E4m3, {0x38}), 1.0);
  EXPECT_EQ(number(DType::kBf16, {0x80, 0x3F}), 1.0);
  EXPECT_EQ(number(DType::kInt8, {0x80}), -128.0);
}

}  // namespace
}  // namespace aipu::test
