// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "hw/config/load.h"
#include "hw/config/presets.h"
#include "hw/config/resolve.h"

namespace aipu::memory {
namespace {

TEST(PolicyTest, EveryPolicyGoesWithEveryDevice) {
  for (const config::Preset& preset : config::hbm_presets()) {
    for (const Policy& policy : policies())
      EXPECT_NO_THROW(config::load_hbm(preset.name, policy.overrides)) << policy.name;
  }
}

TEST(PolicyTest, TheFirstLeavesTheDeviceAsItIs) {
  EXPECT_EQ(config::to_yaml(config::load_hbm("HBM3-6400", policies().front().overrides)),
            config::to_yaml(config::load_hbm("HBM3-6400")));
}

TEST(PolicyTest, TimingsAndGeometryAreTheDevices) {
  const hbm::Config plain = config::load_hbm("HBM2E-3200");
  for (const Policy& policy : policies()) {
    const hbm::Config changed = config::load_hbm("HBM2E-3200", policy.overrides);
    EXPECT_EQ(changed.timing.rl, plain.timing.rl);
    EXPECT_EQ(changed.capacity, plain.capacity);
    EXPECT_EQ(changed.stack_ids, plain.stack_ids);
  }
}

TEST(PolicyTest, AnUnknownOneGetsTheNearestAndAll) {
  try {
    find_policy("refbp");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("unknown policy 'refbp'; did you mean 'refpb'?; "
                                                 "known: device, frfcfs, fifo"));
  }
}

}  // namespace
}  // namespace aipu::memory
