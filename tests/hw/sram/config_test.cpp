// SPDX-License-Identifier: Apache-2.0
#include "hw/sram/config.h"

#include <gtest/gtest.h>

namespace aipu::sram {
namespace {

TEST(SramConfigTest, DefaultsAreValid) {
  EXPECT_NO_THROW(schema().check(Config{}));
}

TEST(SramConfigTest, BanksInterleave) {
  const Config config;
  EXPECT_EQ(bank_of(config, 0), 0U);
  EXPECT_EQ(bank_of(config, 1023), 0U);
  EXPECT_EQ(bank_of(config, 1024), 1U);
  EXPECT_EQ(bank_of(config, 32 * 1024), 0U);
}

}  // namespace
}  // namespace aipu::sram
