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

}  // namespace
}  // namespace aipu::kernel
