// SPDX-License-Identifier: Apache-2.0
// A build without Verilator.
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "tlm/cosim/verilated_switch.h"

namespace aipu::test {
namespace {

TEST(NoRtlTest, ARequestForTheRtlIsRefusedInOneLine) {
  EXPECT_TRUE(cosim::SwitchPins::built().empty());
  const directcom::Topology topology = directcom::single_switch(4);
  const directcom::Routes routes(topology);
  try {
    const cosim::VerilatedSwitch model({}, routes, 0, 1);
    ADD_FAILURE() << "accepted";
  } catch (const ConfigError& e) {
    EXPECT_STREQ(e.what(),
                 "switch switch in RTL: this build has no RTL switch: install Verilator (Debian "
                 "package verilator) and configure again with -DAIPU_RTL=ON");
  }
}

}  // namespace
}  // namespace aipu::test
