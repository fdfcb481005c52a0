// SPDX-License-Identifier: Apache-2.0
// Attention, caches and products by head in the simulator: results against references in double
// precision on the host, commands and bytes against closed forms.
#include <gmock/gmock.h>

#include "tests/firmware/kernels/kernel_run.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

struct Shape {
  const char* kernel;
  const char* with;
  friend void PrintTo(const Shape& s, std::ostream* out) { *out << s.kernel << " " << s.with; }
};

class AttentionKernels : public SystemCTest {
 protected:
  static kernel::Result run(const Shape& shape, const char* data) {
    return run_kernel(shape.kernel, std::string(shape.with), data);
  }
};

class AttentionKernelsTest : public AttentionKernels, public testing::WithParamInterface<Shape> {};

TEST_P(AttentionKernelsTest, ResultsAreRightAndCountsExact) {
  const kernel::Result r = run(GetParam(), "functional");

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  for (const kernel::Check& check : r.checks)
    EXPECT_EQ(check.expected, check.counted) << check.what;
  ASSERT_TRUE(r.error);
  EXPECT_LE(*r.error, 1.0);
}

INSTANTIATE_TEST_SUITE_P(
    Decode, AttentionKernelsTest,
    testing::Values(
        Shape{"attention_decode", "context=300 q_heads=4 kv_heads=1 cores=1 splits=1"},
        Shape{"attention_decode", "context=301 q_heads=8 kv_heads=2 cores=32"},
        Shape{"attention_decode", "context=301 batch=3 q_heads=8 kv_heads=2 cores=5 ragged=1"},
        Shape{"attention_decode",
              "context=257 batch=3 q_heads=6 kv_heads=2 cores=7 page=16 kv=fp8"},
        Shape{"attention_decode",
              "context=513 batch=2 q_heads=4 kv_heads=1 cores=4 page=128 tile=64 ragged=1"},
        Shape{"attention_decode",
              "context=513 batch=2 q_heads=4 kv_heads=2 cores=4 page=32 dtype=fp8 kv=fp8"},
        Shape{"attention_decode", "context=700 q_heads=4 kv_heads=1 cores=3 window=100 tile=64"},
        Shape{"attention_decode",
              "context=5000 q_heads=1 kv_heads=1 width=32 values=32 cores=2 page=16 tile=256"},
        Shape{"attention_decode",
              "context=400 q_heads=4 kv_heads=4 cores=4 causal=0 layout=tokens"},
        Shape{"attention_decode", "context=200 q_heads=2 kv_heads=1 dtype=f32 kv=f32 cores=2"}));

INSTANTIATE_TEST_SUITE_P(
    AcrossAipus, AttentionKernelsTest,
    testing::Values(
        Shape{"attention_decode", "context=700 q_heads=4 kv_heads=1 cores=4 ranks=2 tile=64"},
        Shape{"attention_decode",
              "context=900 batch=2 q_heads=8 kv_heads=2 cores=8 ranks=4 tile=32 page=16 splits=3"},
        Shape{"attention_decode", "context=40 q_heads=4 kv_heads=1 cores=2 ranks=3 tile=32"}));

INSTANTIATE_TEST_SUITE_P(
    Prefill, AttentionKernelsTest,
    testing::Values(
        Shape{"attention_prefill", "rows=100 context=100 q_heads=4 kv_heads=1 cores=1"},
        Shape{"attention_prefill", "rows=130 context=200 q_heads=4 kv_heads=2 cores=32 page=32"},
        Shape{"attention_prefill",
              "rows=150 context=350 q_heads=4 kv_heads=1 cores=3 window=70 tile=32"},
        Shape{"attention_prefill",
              "rows=90 context=300 q_heads=4 kv_heads=1 cores=4 splits=2 tile=64 kv=fp8"},
        Shape{"attention_prefill", "rows=64 context=100 q_heads=2 kv_heads=2 cores=3 causal=0"},
        Shape{"attention_prefill",
              "batch=2 rows=70 context=70 q_heads=2 kv_heads=1 width=64 values=32 cores=2"}));

INSTANTIATE_TEST_SUITE_P(
    Latent, AttentionKernelsTest,
    testing::Values(Shape{"mla_decode", "batch=2 context=200 cores=4 splits=1"},
                    Shape{"mla_decode", "batch=1 context=300 q_heads=16 cores=3 page=32"},
                    Shape{"mla_decode",
                          "batch=2 context=300 q_heads=16 cores=4 dtype=fp8 kv=fp8 ranks=2"},
                    Shape{"mla_prefill", "rows=70 context=100 q_heads=4 kv_heads=4 cores=2"},
                    Shape{"mla_prefill", "rows=200 context=200 q_heads=2 kv_heads=2 cores=32"}));

INSTANTIATE_TEST_SUITE_P(
    Caches, AttentionKernelsTest,
    testing::Values(
        Shape{"kv_append", "batch=5 start=30 kv_heads=2 cores=3"},
        Shape{"kv_append", "batch=2 rows=75 start=7 kv_heads=2 cores=32 kv=fp8 divisor=3"},
        Shape{"kv_append", "batch=2 rows=33 start=100 page=0 kv_heads=4 width=96 values=0 cores=1"},
        Shape{"kv_append", "rows=40 start=0 dtype=bf16 kv_heads=1 page=32 cores=4"},
        Shape{"kv_transfer", "pages=7 layers=3 bytes=3000 cores=3"},
        Shape{"kv_transfer", "pages=300 layers=2 pieces=1 bytes=64 cores=1 pace=128"},
        Shape{"heads", "rows=5 heads=7 k=96 n=200 tile=64 cores=3"},
        Shape{"heads", "rows=32 heads=4 k=128 n=512 cores=32 dtype=fp8 weights=fp8"}));

/// A shape that is long enough to say what the kernel attains, and short enough for a test.
struct Bar {
  Shape shape;
  double share;  ///< of the roofline at peak rates, HBM by the exact model
  friend void PrintTo(const Bar& b, std::ostream* out) { PrintTo(b.shape, out); }
};

class AttentionBarsTest : public AttentionKernels, public testing::WithParamInterface<Bar> {};

TEST_P(AttentionBarsTest, ItsShareOfTheRooflineIsAttained) {
  const kernel::Result r = run(GetParam().shape, "timing");

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_TRUE(r.good());
  EXPECT_GE(r.share(), GetParam().share);
  EXPECT_LT(r.share(), 1.0);
}

INSTANTIATE_TEST_SUITE_P(
    Roofline, AttentionBarsTest,
    testing::Values(Bar{{"attention_decode", "batch=1 context=32768"}, 0.85},
                    Bar{{"attention_decode", "batch=8 context=4096 kv=fp8 page=64"}, 0.85},
                    Bar{{"attention_decode", "batch=4 context=8192 page=16"}, 0.85},
                    Bar{{"attention_prefill", "rows=1024 context=1024"}, 0.60},
                    Bar{{"attention_prefill", "rows=512 context=2048 page=64"}, 0.60},
                    Bar{{"mla_decode", "context=2048"}, 0.60},
                    Bar{{"mla_prefill", "rows=1024 context=1024 q_heads=32 kv_heads=32"}, 0.60},
                    Bar{{"kv_transfer", "layers=2"}, 0.90}, Bar{{"heads", ""}, 0.85}));

}  // namespace
}  // namespace aipu::test
