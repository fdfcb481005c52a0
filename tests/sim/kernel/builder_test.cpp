// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "hw/config/load.h"
#include "sim/kernel/case.h"

namespace aipu::kernel {
namespace {

config::Board board(const char* data) {
  return config::load("aipu", {"aipus=2", std::string("simulation.data=") + data});
}

TEST(KernelBuilder, ControlDataLieWhereEveryModeHasBytes) {
  const config::Board b = board("timing");
  Builder builder(b, 2);
  const Gaddr control = builder.control(100), data = builder.hbm(100);
  EXPECT_LT(control.offset() + 100, b.simulation.real_hbm.count);
  EXPECT_GE(data.offset(), b.simulation.real_hbm.count);
}

TEST(KernelBuilder, BuffersDoNotOverlapAndAreAligned) {
  const config::Board b = board("timing");
  Builder builder(b, 1);
  const Gaddr first = builder.hbm(5000), second = builder.hbm(1);
  EXPECT_GE(second.offset(), first.offset() + 5000);
  EXPECT_EQ(second.offset() % 4096, 0U);
  EXPECT_EQ(builder.shared(3).offset(), 0U);
  EXPECT_EQ(builder.shared(3).offset(), 64U);
}

TEST(KernelBuilder, WhatDoesNotFitIsRefused) {
  const config::Board b = board("timing");
  Builder builder(b, 1);
  EXPECT_THROW(builder.hbm(b.aipu.hbm.capacity.count), ConfigError);
  EXPECT_THROW(builder.shared(b.aipu.sram.shared_size.count + 1), ConfigError);
  EXPECT_THROW(builder.control(~std::uint64_t{0}), ConfigError);
  EXPECT_NO_THROW(builder.shared(b.aipu.sram.shared_size.count));
}

TEST(KernelBuilder, TimingRunsKeepControlDataOnly) {
  const config::Board b = board("timing");
  Builder builder(b, 1);
  const std::vector<std::uint32_t> words(4);
  builder.write(0, builder.hbm(16), words);
  builder.write(0, builder.shared(16), words);
  EXPECT_TRUE(builder.writes().empty());
  builder.write(0, builder.control(16), words);
  EXPECT_EQ(builder.writes().size(), 1U);
}

}  // namespace
}  // namespace aipu::kernel
