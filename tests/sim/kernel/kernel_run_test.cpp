// SPDX-License-Identifier: Apache-2.0
// What the bench says of a kernel: time, bound, counts, errors.
#include <gmock/gmock.h>

#include "hw/config/load.h"
#include "sim/kernel/run.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

using testing::Gt;
using testing::Lt;

class KernelRunTest : public SystemCTest {
 protected:
  static config::Board board(const char* data) {
    return config::load("aipu", {std::string("simulation.data=") + data});
  }
  static kernel::Result stream(const config::Board& board, const std::vector<std::string>& with) {
    const kernel::Kind& kind = kernel::find_kind("stream");
    const auto one = kind.make({kind.name, kind.parameters, with}, board);
    return kernel::run(*one, board, platform::builtin_firmware());
  }
};

TEST_F(KernelRunTest, AllCoresTogetherGetNearlyAllOfTheMemory) {
  const kernel::Result r = stream(board("timing"), {"kib=16384"});

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_TRUE(r.good());
  EXPECT_EQ(r.bound_by(), "hbm");
  EXPECT_THAT(r.share(), testing::AllOf(Gt(0.9), Lt(1.0)));
  EXPECT_EQ(r.hbm_bytes / (std::uint64_t{16} << 20U), 1U) << "and the launch entry of the exit";
  EXPECT_FALSE(r.error) << "no bytes move";
}

TEST_F(KernelRunTest, CountsAreThoseOfTheFormula) {
  const kernel::Result r = stream(board("functional"), {"kib=100", "tile=3000", "cores=5"});

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_THAT(r.checks.size(), Gt(4U));
  for (const kernel::Check& check : r.checks)
    EXPECT_EQ(check.expected, check.counted) << check.what;
  EXPECT_EQ(r.error, 0.0);
}

/// Promises one command more than there will be, and an error beyond the bound.
class Liar : public kernel::Case {
 public:
  void build(kernel::Builder& builder) override {
    hc_launch_t e{};
    e.kernel = HC_KERNEL_STREAM;
    e.core_count = e.phase_signals = 1;
    e.args.stream = {builder.hbm(64).raw, 64, 64};
    builder.launch(0, e);
    builder.measure(0);
    builder.launch(0, e);
  }
  kernel::Expected expected() const override {
    kernel::Expected e;
    e.commands = {{"load", 3}};
    return e;
  }
  std::map<std::string, double> bounds() const override { return {{"hbm", 1e-9}}; }
  double error(const kernel::Reader&) const override { return 1.5; }
};

TEST_F(KernelRunTest, AWrongCountOrAnErrorBeyondItsBoundIsNotGood) {
  Liar liar;
  kernel::Result r = kernel::run(liar, board("functional"), platform::builtin_firmware());

  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_FALSE(r.good());
  ASSERT_EQ(r.checks.size(), 1U);
  EXPECT_EQ(r.checks[0].counted, 2U) << "launches that prepare are counted as well";
  r.checks.clear();
  EXPECT_FALSE(r.good()) << "the error alone";
  r.error = 1.0;
  EXPECT_TRUE(r.good());
}

}  // namespace
}  // namespace aipu::test
