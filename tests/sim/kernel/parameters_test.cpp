// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/parameters.h"

#include <gmock/gmock.h>

#include "hw/base/error.h"

namespace aipu::kernel {
namespace {

using testing::HasSubstr;

Parameters parameters(const std::vector<std::string>& given) {
  return {"gemv", {{"rows", "1", "rows"}, {"dtype", "bf16", "operands"}}, given};
}

void expect_refused(const std::function<void()>& act, const std::string& what) {
  try {
    act();
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr(what));
  }
}

TEST(KernelParameters, TheUsersWordsReplaceWhatIsUsual) {
  const Parameters p = parameters({"rows=7", "rows=8"});
  EXPECT_EQ(p.count("rows", 1, 100), 8U);
  EXPECT_EQ(p.dtype("dtype"), DType::kBf16);
  EXPECT_EQ(p.text(), "rows=8 dtype=bf16");
}

TEST(KernelParameters, AnUnknownKeyIsRefusedWithTheNearest) {
  expect_refused([] { parameters({"row=1"}); }, "did you mean 'rows'");
}

TEST(KernelParameters, AWordWithoutAValueIsRefused) {
  expect_refused([] { parameters({"rows"}); }, "KEY=VALUE");
  expect_refused([] { parameters({"rows="}); }, "KEY=VALUE");
}

TEST(KernelParameters, ValuesOutsideTheirRangeAreRefused) {
  for (const char* text : {"rows=0", "rows=101", "rows=-1", "rows=1x", "rows=4294967297"}) {
    expect_refused([&] { parameters({text}).count("rows", 1, 100); }, "1..100");
  }
  expect_refused([] { parameters({"dtype=fp4"}).dtype("dtype"); }, "fp8");
}

TEST(KernelParameters, SizesAreNumbersWithACrossBetween) {
  const auto sizes = [](const std::string& text) {
    return Parameters("gemm", {{"block", "auto", ""}}, {"block=" + text}).sizes("block", 3);
  };
  EXPECT_TRUE(sizes("auto").empty());
  EXPECT_EQ(sizes("512x16x1"), (std::vector<std::uint32_t>{512, 16, 1}));
  for (const char* text : {"512x16", "512x16x1x1", "512x16x", "0x1x1", "512 16 1", "1x1x65537"})
    expect_refused([&] { sizes(text); }, "3 whole numbers");
}

}  // namespace
}  // namespace aipu::kernel
